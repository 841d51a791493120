[card interface]
match   = usb:1235:8211
profile = HiFi | output:*+input:*
[output phones]
card   = interface
volume = 45%
[input mic]
card     = interface
channels = 1
