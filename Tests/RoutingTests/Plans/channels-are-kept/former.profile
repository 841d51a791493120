[output second]
match    = usb:1235:8213
channels = rear-left, 4
volume   = -20 dB
[input mic]
match    = usb:1235:8213
channels = 3
[monitor]
from = mic
to   = second
