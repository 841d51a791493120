# podcast: your guests and yourself in the headphones, and only there: what plays in the room is on the recording as well.

[profile]
description = Microphone in both ears, and everybody you talk to in the headphones

[output phones]
match  = bus:usb
volume = 45%
limit  = -6 dB

# One microphone, which is channel 1 of most interfaces, heard in both ears and recorded as one channel.
[input mic]
match    = bus:usb
channels = 1
volume   = 100%

[monitor]
from    = mic
to      = phones
latency = 20 ms
volume  = -9 dB

# Whatever you talk through, by the name of the program or by what it says it is for. On PulseAudio this holds for programs
# that are started later, too.
[stream role:phone]
to     = phones
volume = 100%

[stream discord]
to     = phones
volume = 100%

[stream zoom]
to     = phones
volume = 100%

[stream "Mumble*"]
to     = phones
volume = 100%
