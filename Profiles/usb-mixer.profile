# usb-mixer: a mixer with a USB socket. What the computer plays comes back as a strip of the mixer, and you hear it in the
# mixer's headphones.
#
# There is no [monitor] here, and that is on purpose. You hear your microphone in the mixer already, at once and not after
# 20 ms; a second, late voice would lie on top of it. And where the strip of the computer is sent back to USB, a monitor
# feeds itself, and howls.

[profile]
description = USB mixer: the desktop on its strip, recording what the mixer sends

[card mixer]
match   = usb:08bb:2902 | usb:0499:1703 | usb:1397:0507 | usb:1397:0508 | usb:1397:0509 | usb:22f0:0016 | mixer | bus:usb
profile = output:analog-stereo+input:analog-stereo | HiFi | output:*+input:* | output:* | pro-audio

[output strip]
card     = mixer
channels = 1, 2
volume   = 80%             # the fader of the strip does the rest
limit    = 0 dB

[input mix]
card     = mixer
channels = 1, 2
volume   = 100%
required = no

# [monitor]                # only for a mixer that does not let you hear its inputs, with its fader for the computer down first
# from   = mix
# to     = strip
# volume = -12 dB
