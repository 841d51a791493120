# studio: headphones on a USB audio interface, with your own microphone in them.
#
# Use it as it is, or copy it to ~/.config/hproute/profiles/ and change it there: a file of the same name in your own
# directory wins. 'hproute devices' shows what to write behind 'match' if you have more than one interface.

[profile]
description = Headphones on the audio interface, microphone monitored

# Where the sound goes. The first [output] becomes the default, and everything that plays is moved there.
[output phones]
match  = bus:usb           # any USB interface; usb:1235:8211 would be a Scarlett Solo of the 3rd generation and no other
volume = 45%               # or in decibels: -21 dB
limit  = -6 dB             # a slip of the hand in this file cannot make it louder than this

# What is recorded, and heard in the monitor. Without a microphone the rest is applied all the same.
[input mic]
match    = bus:usb         # of the same interface; where each socket is an input of its own, the microphone
volume   = 100%
required = no

# Hear yourself. The latency is what the sound server adds; if your interface has a "direct monitor" button, use that
# instead, and remove this section.
[monitor]
from    = mic
to      = phones
latency = 20 ms
volume  = -6 dB
