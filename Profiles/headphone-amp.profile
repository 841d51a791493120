# headphone-amp: a headphone amplifier or DAC on USB. Two channels out, no input.

[profile]
description = Headphone amplifier on USB

# Many say no more of themselves than who made their chip, so they are found by their names; 'hproute devices' shows yours.
# Some are labelled as digital outputs, which is how they are driven, not what you hear.
[card amp]
match   = FiiO | Schiit | Topping | SMSL | Qudelix | "iFi " | DAC | headphone | bus:usb
profile = output:analog-stereo* | HiFi | output:iec958-stereo* | output:* | pro-audio

[output phones]
card     = amp
channels = 1, 2
volume   = -30 dB          # amplifiers are loud: begin low
limit    = -10 dB
