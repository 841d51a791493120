import Foundation
import TestSupport
import Testing

/// Card profiles and ports that remember a loud volume: nothing is heard of it, not for one block of samples.
@Suite(.timeLimit(.minutes(45))) struct LimitTests {
  /// What the tone may reach at `decibels`, with half a decibel for the device and half for the resampler.
  private func allowed(_ decibels: Float) -> Float { 0.5 * pow(10, decibels / 20) * 1.122 }

  private func apply(_ server: PrivateServer, _ profile: String, _ sinks: [String: Float]) throws {
    try server.play("Loud", tone: Tone(frequency: 440, peak: 0.5))
    for command in [["apply", profile], ["revert"], ["apply", profile], ["revert"]] {
      let starts = sinks.mapValues { _ in 0 }.map { sink, _ in (sink, Tap(sink, on: server).position) }
      let outcome = try Program.run([HProuteBinary.path] + command, environment: server.environment)
      #expect(outcome.exitCode == 0, "\(command): \(outcome.errors)")
      // Something is heard again, somewhere.
      #expect(
        eventually { starts.contains { sink, start in Tap(sink, on: server).peak(after: start + 4800) > 0.0005 } }, "\(command)")
      for (sink, start) in starts {
        let peak = Tap(sink, on: server).peak(after: start)
        #expect(peak <= sinks[sink] ?? 0, "\(command): \(sink) at \(20 * log10(peak / 0.5)) dB")
      }
    }
  }

  @Test(arguments: ServerKind.allCases) func aCardProfileThatRemembersFullVolume(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    let phones = server.device("output", "analog-stereo", of: "solo")
    #expect(
      try eventually {
        try server.pactl("set-sink-volume", phones, "100%")
        return try server.volume(of: phones).contains("100% ")
      })
    // Remembered by the server: it is there again when the card profile is.
    #expect(
      try eventually {
        try server.pactl("set-card-profile", CardTests.solo, "off")
        try server.pactl("set-card-profile", CardTests.solo, "output:analog-stereo+input:analog-stereo")
        return try eventually(within: 1) {
          try server.pactl("list", "short", "sinks").contains(phones) && server.volume(of: phones).contains("100% ")
        }
      })
    // It was the default, and will be again as soon as it is there: streams follow by themselves.
    try server.pactl("set-default-sink", phones)
    try server.pactl("set-card-profile", CardTests.solo, "input:analog-stereo")
    #expect(try eventually { try !server.pactl("list", "short", "sinks").contains(phones) })
    try server.writeProfile(
      "quiet", "[card c]\nmatch = bus:usb\nprofile = output:analog-stereo+input:*\n[output]\ncard = c\nlimit = -20 dB\n")
    try apply(server, "quiet", [phones: allowed(-20), server.device("output", "analog-stereo", of: "laptop"): allowed(-31.4)])
  }

  @Test(arguments: ServerKind.allCases) func aPortThatRemembersFullVolume(kind: ServerKind) throws {
    let server = try CardTests.desk(kind)
    let sink = server.device("output", "analog-stereo", of: "laptop")
    try server.card("laptop", "avail", "analog-output-headphones", "yes")
    // Each port with its own volume, until the server keeps them apart.
    #expect(
      try eventually {
        for (port, volume) in [("headphones", "100%"), ("speaker", "30%")] {
          try server.pactl("set-sink-port", sink, "analog-output-\(port)")
          guard try eventually(within: 1, { try server.activePort(of: sink) == "analog-output-\(port)" }) else { return false }
          guard
            try eventually(
              within: 1,
              {
                try server.pactl("set-sink-volume", sink, volume)
                return try server.volume(of: sink).contains(" \(volume) ")
              })
          else { return false }
        }
        return try server.activePort(of: sink) == "analog-output-speaker"
      })
    try server.writeProfile("quiet", "[output]\nmatch = bus:pci\nport = headphones\nlimit = -20 dB\n")
    try apply(server, "quiet", [sink: allowed(-20)])
  }

  /// The volume below a device of our own goes up to 0 dB, and nobody hears it.
  @Test(arguments: ServerKind.allCases) func whatIsBelowChannelsIsNotHeard(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("six"))
    let phones = server.device("output", "analog-surround-51", of: "six")
    try server.pactl("set-sink-volume", phones, "35%")
    try server.pactl("set-default-sink", phones)
    try server.writeProfile("second", "[output]\nmatch = bus:usb\nchannels = 3, 4\nvolume = -20 dB\n")
    try server.play("Loud", tone: Tone(frequency: 440, peak: 0.5))
    let before = try server.snapshot()
    let tap = Tap(phones, channels: 6, on: server)
    #expect(tap.listen(seconds: 0.2))
    for command in [["apply", "second"], ["revert"]] {
      let start = tap.position
      let outcome = try Program.run([HProuteBinary.path] + command, environment: server.environment)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(tap.listen(seconds: 0.3))
      #expect(tap.peak(after: start) <= allowed(-20), "\(command): \(20 * log10(tap.peak(after: start) / 0.5)) dB")
      if command[0] == "apply" { #expect(try server.volume(of: phones).contains("rear-left: 65536 / 100%")) }
    }
    try server.requireUnchanged(since: before)
  }
}
