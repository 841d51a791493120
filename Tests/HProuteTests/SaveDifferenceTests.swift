import Foundation
import TestSupport
import Testing

/// `save` while a profile is applied: that profile as the base, and what differs from it.
@Suite(.timeLimit(.minutes(45))) struct SaveDifferenceTests {
  private static let studio = """
    [profile]
    description = Of the system
    [output phones]
    match = bus:usb
    volume = 45%
    limit = -6 dB
    [input mic]
    match = name:mic
    [monitor]
    from = mic
    to = phones
    volume = -6 dB
    [output speakers]
    match = name:builtin
    default = no
    [stream Firefox]
    to = speakers
    """

  private func desk(_ kind: ServerKind) throws -> (PrivateServer, [String]) {
    let server = try PrivateServer(kind, withDesk: true)
    try server.writeProfile("studio", Self.studio)
    let before = try server.snapshot()
    try server.succeed("apply", "studio")
    return (server, before)
  }

  private func saved(_ server: PrivateServer, _ name: String) throws -> String {
    try server.directory.read("config/hproute/profiles/\(name).profile").split(separator: "\n").filter { !$0.hasPrefix("#") }
      .joined(separator: "\n")
  }

  @Test(arguments: ServerKind.allCases) func onlyWhatDiffersIsWritten(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    try server.pactl("set-sink-volume", "interface", "30%")
    try server.pactl("set-default-sink", "builtin")
    try server.succeed("monitor", "off")
    try server.succeed("save", "mine")
    let text = try saved(server, "mine")
    #expect(
      text == """
        [profile]
        base = studio
        [output phones]
        volume = 30%
        [output speakers]
        default = yes
        volume = 100%
        [input mic]
        volume = 100%
        [monitor]
        mute = yes
        """, "\(text)")
    // Applied at once, it plans nothing; after a revert it leads to the same.
    #expect(try server.succeed("plan", "mine", "--json").contains("\"changes\":[]"))
    let state = try server.snapshot()
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
    try server.succeed("apply", "mine")
    #expect(try server.pactl("get-default-sink") == "builtin")
    #expect(try server.snapshot().count == state.count)
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// Of one's own profile only the keys change; comments stay.
  @Test(arguments: ServerKind.allCases) func onesOwnIsChangedInItsPlace(kind: ServerKind) throws {
    let server = try PrivateServer(kind, withDesk: true)
    let text = "# Mine\n[output phones] # the good ones\nmatch = bus:usb\nvolume = 45%   # not louder\nlimit = -6 dB\n"
    try server.directory.write(text, to: "config/hproute/profiles/studio.profile")
    try server.succeed("apply", "studio")
    try server.pactl("set-sink-volume", "interface", "20%")
    #expect(try server.hproute("save", "studio").exitCode == 64)
    try server.succeed("save", "studio", "--force")
    #expect(
      try server.directory.read("config/hproute/profiles/studio.profile")
        == text.replacingOccurrences(of: "45%", with: "20%"))
    #expect(try server.succeed("plan", "studio", "--json").contains("\"changes\":[]"))
  }

  /// A limit is there for the ears: what is above it is not saved.
  @Test(arguments: ServerKind.allCases) func theLimitStays(kind: ServerKind) throws {
    let (server, _) = try desk(kind)
    try server.pactl("set-sink-volume", "interface", "95%")
    let outcome = try server.hproute("save", "loud")
    #expect(outcome.output.contains("[output phones]: it is at 95%, above its limit of "), "\(outcome)")
    let text = try saved(server, "loud")
    #expect(!text.contains("limit") && text.contains("[output phones]\nvolume = 79.43%"), "\(text)")
  }

  /// What was chosen on the command line is kept, and what has left the profile altogether is saved as a whole.
  @Test(arguments: ServerKind.allCases) func whatWasChosenIsKept(kind: ServerKind) throws {
    let server = try PrivateServer(kind, withDesk: true)
    try server.addSink("second", "Second Interface", "device.bus=usb")
    try server.writeProfile("studio", "[output phones]\nmatch = bus:usb\nvolume = 45%\n")
    try server.succeed("apply", "studio", "--on", "Second")
    try server.succeed("save", "mine")
    try server.succeed("revert")
    try server.succeed("apply", "mine")
    #expect(try server.pactl("get-default-sink") == "second")
    try server.pactl("set-default-sink", "builtin")
    try server.succeed("save", "elsewhere")
    #expect(try saved(server, "elsewhere").contains("[output main]\ndefault = yes\n"))
    try server.succeed("revert")
    try server.succeed("apply", "elsewhere")
    #expect(try server.pactl("get-default-sink") == "builtin")
  }
}
