[output phones]
match = bus:usb
default = no
[stream Talk]
to = phones
