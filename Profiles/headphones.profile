# headphones: whatever you wear. The first of these outputs that is there becomes the default, so that this one profile
# does for the interface at home, the Bluetooth headphones on the train, and the plain socket anywhere.

[profile]
description = Headphones, the best that are there

[output interface]
match    = bus:usb
volume   = 45%
limit    = -6 dB
required = no              # an output that is not there is passed over

[output wireless]
match    = bus:bluetooth
volume   = 50%
limit    = -6 dB
required = no

[output socket]
match    = bus:pci port:headphones
port     = headphones      # the socket, and not the speakers of the same card; passed over while nothing is plugged in
volume   = 30%
limit    = -10 dB
required = no

# Loudness is yours to set on each program as well. A program is named by what it calls itself, by its binary, or by its
# kind, as in [stream role:phone].
#
# [stream Firefox]
# volume = 80%
