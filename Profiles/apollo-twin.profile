# apollo-twin: Universal Audio Apollo Twin X on Thunderbolt. Linux has no driver for it. There is one outside of the kernel,
# open-apollo, which is an experiment; with it the card appears, and this profile picks its channels. Nothing is promised.

[profile]
description = Apollo Twin X with the experimental driver: outputs 1-2, microphone 1

# Only card profiles that leave the channels alone: with a surround profile the microphone is silent.
[card apollo]
match   = pci:1a00:0002 | ua_apollo
profile = pro-audio | output:multichannel-output+input:multichannel-input

# The headphones follow the monitor outputs, 1 and 2, unless they are given a mix of their own in the device.
[output phones]
card     = apollo
channels = 1, 2
volume   = -24 dB
limit    = -6 dB

[input mic]
card     = apollo
channels = 1
volume   = 100%

# No [monitor]: the Apollo's own mixer lets you hear yourself without latency.
