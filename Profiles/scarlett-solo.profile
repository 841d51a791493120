# scarlett-solo: Focusrite Scarlett Solo, 1st to 4th generation. The desktop in the headphones, and your microphone with it,
# in both ears.

[profile]
description = Scarlett Solo: headphones, your microphone in both ears

# The headphones carry what the line outputs carry. Which card profile there is depends on the system: HiFi comes with the
# card's description in ALSA (UCM), analog-stereo without it. The first that the card offers is used.
[card solo]
match   = usb:1235:8211 | usb:1235:8218 | usb:1235:8205 | usb:1235:801c    # 3rd, 4th, 2nd, 1st generation
profile = HiFi | output:analog-stereo+input:* | pro-audio

[output phones]
card   = solo
volume = 45%
limit  = -6 dB

# Up to the 3rd generation the microphone is input 1.
[card early]
match = usb:1235:8211 | usb:1235:8205 | usb:1235:801c

[input mic]
card     = early
match    = name:*__Mic1__source | name:alsa_input.*     # a source of its own with UCM, else a channel of the only one
channels = 1
volume   = 100%
required = no

[monitor early]
from     = mic
to       = phones
latency  = 20 ms
volume   = -6 dB
required = no

# In the 4th it is input 2: a source of its own with UCM, else a channel next to the desktop's own sound, which the card
# sends back on 3 and 4.
[card fourth]
match = usb:1235:8218

[input mic-fourth]
card     = fourth
match    = name:*__Mic2__source
volume   = 100%
required = no

[input mic-fourth-plain]
card     = fourth
match    = name:*.analog-surround-40 | name:*.multichannel-input | name:*.pro-input-0
channels = 2
volume   = 100%
required = no

[monitor fourth]
from     = mic-fourth
to       = phones
latency  = 20 ms
volume   = -6 dB
required = no

[monitor fourth-plain]
from     = mic-fourth-plain
to       = phones
latency  = 20 ms
volume   = -6 dB
required = no

# The Solo can do this without the computer and without latency: press 'Direct' on its panel, and remove the three
# [monitor] sections from a copy of this file. With both you hear yourself twice.
