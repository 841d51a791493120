[output phones]
match  = bus:usb
volume = 45%
[input mic]
match = bus:usb
[monitor]
from = mic
to   = phones
latency = 20 ms
volume = -6 dB
