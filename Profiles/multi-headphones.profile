# multi-headphones: two pairs of headphones on one interface, each with its own volume: the first on outputs 1 and 2, the
# second on 3 and 4. For a Scarlett 6i6 or 8i6, a PreSonus Studio 68c, and others of their kind.

[profile]
description = Two headphones on one interface, each with its own volume

# Card profiles with all channels. What is called surround sound here are just outputs 1 to 6.
[card interface]
match   = usb:1235:8213 | usb:1235:8203 | usb:1235:8002 | usb:1235:8012 | usb:194f:010b | bus:usb
profile = pro-audio | output:multichannel-output+input:* | output:analog-surround-51+input:* | output:analog-surround-40+input:* | output:analog-surround-*

# What the desktop plays to. Volume keys move both; each pair has its own below.
[output both]
combine = first, second

[output first]
card     = interface
channels = 1, 2
volume   = 45%
limit    = -6 dB

[output second]
card     = interface
channels = 3, 4
volume   = 40%
limit    = -6 dB
