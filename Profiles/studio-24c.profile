# studio-24c: PreSonus Studio 24c. The desktop in the headphones, and the microphone of input 1 with it.

[profile]
description = Studio 24c: headphones, input 1 in both ears

[card studio24c]
match   = usb:194f:0109
profile = output:analog-stereo+input:analog-stereo | pro-audio

# The headphones carry what the main outputs carry. The card has no volume of its own that a computer could set, so this one
# is made by the sound server: leave the knob on the panel where it is.
[output phones]
card     = studio24c
channels = 1, 2
volume   = 45%
limit    = -6 dB

[input mic]
card     = studio24c
channels = 1               # 2 for the other socket
volume   = 100%

# The 'Mix' knob on the panel does this without latency: turned to 'Input' you hear yourself twice.
[monitor]
from    = mic
to      = phones
latency = 20 ms
volume  = -6 dB
