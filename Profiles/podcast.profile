# podcast: your guests and yourself in the headphones, and a recording of the desktop that has your guests alone.
#
# Record two things: the desktop ("Desktop Audio" in OBS), which is what programs play, and your microphone. You hear yourself,
# and still your voice is on the recording once, because the monitor goes past what is recorded.

[profile]
description = Microphone in both ears, everybody you talk to in the headphones, and your voice recorded once

# What programs play to, and what is recorded of the desktop. It is the default because it stands first, and plays to the
# headphones; your volume keys move it.
[output desktop]
combine = phones

[output phones]
match  = bus:usb
volume = 45%
limit  = -6 dB

# One microphone, which is channel 1 of most interfaces, heard in both ears and recorded as one channel.
[input mic]
match    = bus:usb
channels = 1
volume   = 100%

# Into the headphones themselves. With 'to = desktop' it would be in the recording of the desktop as well.
[monitor]
from    = mic
to      = phones
latency = 20 ms
volume  = -9 dB

# Whatever you talk through, by the name of the program or by what it says it is for. This holds for programs that are started
# later, too: by the exact name, in its very letters, which 'hproute streams' shows; by anything else while 'hproute watch' runs.
[stream role:phone]
to     = desktop
volume = 100%

[stream discord]
to     = desktop
volume = 100%

[stream zoom]
to     = desktop
volume = 100%

[stream "Mumble*"]
to     = desktop
volume = 100%
