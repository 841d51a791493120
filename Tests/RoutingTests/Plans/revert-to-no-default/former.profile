[output phones]
match = bus:usb
[input mic]
match = bus:usb
