# speakers: the sound of the desktop in the loudspeakers that are built in or plugged in at the back.

[profile]
description = The built-in speakers

# Alternatives are tried from left to right, and the first that fits a device wins; terms in a row must all hold.
[output speakers]
match   = name:audio_effect.*-convolver | port:speaker | bus:pci port:line | bus:pci port:analog | form:internal
port    = speaker | line | analog    # looked at where the device has several
volume  = 60%
balance = 0%               # -100% is left only, 100% is right only
mute    = no
