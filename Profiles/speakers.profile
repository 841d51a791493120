# speakers: the sound of the desktop in the loudspeakers that are built in or plugged in at the back.

[profile]
description = The built-in speakers

# Alternatives are tried from left to right, and the first that fits a device wins.
[output speakers]
match   = form:internal | form:speaker | bus:pci
volume  = 60%
balance = 0%               # -100% is left only, 100% is right only
mute    = no

# The microphone of the laptop or of the webcam, if there is one. It is not monitored: it would howl.
[input mic]
match    = form:internal | form:webcam | bus:pci
required = no
