import Foundation
import TestSupport
import Testing

/// The disk with the journal is full, gone, broken, or in the way.
@Suite(.timeLimit(.minutes(45))) struct DiskTests {
  /// Walks through every call of a command that changes something on the disk.
  ///
  /// - Returns: how many calls there were.
  private func walk(_ desk: CampaignDesk, _ command: [String], _ fault: FaultyDisk.Fault, after preparation: [String]?) throws
    -> Int
  {
    let state = "\(desk.server.directory.path)/state"
    let log = "\(desk.server.directory.path)/disk.log"
    for call in 0... {
      if let preparation { try desk.require(preparation) }
      let before = try desk.server.snapshot(masking: true)
      try? FileManager.default.removeItem(atPath: log)
      let outcome = try desk.run(command, try FaultyDisk.environment(fault, at: call, below: state, log: log))
      let isHit = FileManager.default.fileExists(atPath: log)
      let place =
        "\(desk.server.kind), \(command), \(fault) at call \(call), \((try? desk.server.directory.read("disk.log")) ?? "none")"
      if isHit {
        let allowed: [Int32] = fault == .kill ? [128 + SIGKILL] : [0, 2, 74]
        #expect(allowed.contains(outcome.exitCode), "\(place): \(outcome.exitCode) \(outcome.errors)")
        if outcome.exitCode == 74 && command != ["revert"] {
          do { try desk.requireState(before, "exit 74") } catch { Issue.record("\(place): \(error)") }
          #expect(outcome.errors.contains("cannot be") && outcome.errors.contains(state), "\(place): \(outcome.errors)")
          if fault == .broken {
            let wanted = preparation == nil ? "No profile is applied." : "quiet is applied."
            #expect(try desk.run(["status"]).output.hasPrefix(wanted), "\(place)")
          }
        }
      } else {
        #expect(outcome.exitCode == 0, "\(place): \(outcome.errors)")
      }
      try desk.require(["revert"])
      do { try desk.requireState(desk.baseline, place) } catch { Issue.record("\(place): \(error)") }
      try desk.requireNothingWrittenDown()
      if !isHit { return call }
    }
    return 0
  }

  @Test(arguments: ServerKind.allCases) func aDiskThatFailsAtAnyCall(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    for fault in FaultyDisk.Fault.allCases {
      #expect(try walk(desk, ["apply", "studio"], fault, after: nil) >= 4)
      // The disk does not know which server it is; all of it on the quicker one.
      if kind == .pipewire && fault != .full || fault == .readOnly { continue }
      #expect(try walk(desk, ["apply", "studio"], fault, after: ["apply", "quiet"]) >= 4)
      #expect(try walk(desk, ["revert"], fault, after: ["apply", "studio"]) >= 2)
    }
  }

  /// A limit of the shell that is reached is an error like any other.
  @Test(arguments: ServerKind.allCases) func filesThatMayNotGetLonger(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    let outcome = try Program.run(
      ["bash", "-c", "(ulimit -f 0; exec \"$0\" apply studio 2>&1) | cat; exit ${PIPESTATUS[0]}", HProuteBinary.path],
      environment: desk.server.environment)
    #expect(outcome.exitCode == 74)
    #expect(outcome.output.contains("cannot be written (File too large)"), "\(outcome.output)")
    try desk.requireState(desk.baseline, "a limit")
    #expect(try desk.run(["status"]).output.hasPrefix("No profile is applied.\nSound goes to "))
  }

  /// Whatever stands where the state directory should be, nothing is changed, and it is said what it is.
  @Test(arguments: ServerKind.allCases) func aStateDirectoryThatIsNone(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    let place = "\(desk.server.directory.path)/odd"
    let files = FileManager.default
    try files.createDirectory(atPath: "\(place)/elsewhere", withIntermediateDirectories: true)
    try files.createDirectory(atPath: "\(place)/link", withIntermediateDirectories: true)
    try files.createSymbolicLink(atPath: "\(place)/link/hproute", withDestinationPath: "\(place)/elsewhere")
    try files.createDirectory(atPath: "\(place)/others/hproute", withIntermediateDirectories: true)
    try desk.server.directory.write("", to: "odd/file/hproute")
    try desk.server.directory.write("", to: "odd/blocked")
    let cases: [(String, [String: String], String)] = [
      ("link", [:], "\(place)/link/hproute is a symbolic link"),
      ("file", [:], "\(place)/file/hproute cannot be used to write down how to undo things"),
      ("blocked", [:], "\(place)/blocked/hproute cannot be used to write down how to undo things"),
      ("others", try FaultyDisk.otherUser(), "\(place)/others/hproute belongs to somebody else"),
    ]
    for (name, more, sentence) in cases {
      for command in [["apply", "studio"], ["revert"]] {
        let outcome = try desk.run(command, more.merging(["XDG_STATE_HOME": "\(place)/\(name)"]) { $1 })
        #expect(outcome.exitCode == 74, "\(name): \(outcome.errors)")
        #expect(outcome.errors.contains(sentence), "\(name): \(outcome.errors)")
        #expect(outcome.errors.contains("Nothing was changed."), "\(name): \(outcome.errors)")
        try desk.requireState(desk.baseline, name)
      }
      let status = try desk.run(["status"], ["XDG_STATE_HOME": "\(place)/\(name)"])
      #expect(status.exitCode == 0 || status.exitCode == 74, "\(name): \(status.errors)")
    }
    #expect(try files.contentsOfDirectory(atPath: "\(place)/elsewhere").isEmpty)
  }

  /// The journal, and where in it the marks begin that follow what is written at once.
  private func journal(_ desk: CampaignDesk) throws -> (file: URL, bytes: [UInt8], body: Int) {
    let directory = URL(fileURLWithPath: "\(desk.server.directory.path)/state/hproute")
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: directory.path).first { $0.hasSuffix(".journal") })
    let file = directory.appendingPathComponent(name)
    let bytes = Array(try Data(contentsOf: file))
    let body =
      String(decoding: bytes, as: UTF8.self).components(separatedBy: "\nend ")[0].utf8.count
      + "\nend 0123456789abcdef\n".utf8.count
    return (file, bytes, body)
  }

  /// Any byte of the journal turned or cut off: a message, and no change. Every byte is tried in JournalTests, here some of
  /// them with the whole program.
  @Test(arguments: ServerKind.allCases) func aDamagedJournalChangesNothing(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    try desk.require(["apply", "studio"])
    let (file, journal, body) = try journal(desk)
    for (number, place) in (Array(stride(from: 0, to: body - 1, by: 131)) + [body - 2]).enumerated() {
      var damaged = journal
      if number.isMultiple(of: 2) { damaged[place] ^= 0x11 } else { damaged.removeSubrange(place...) }
      try Data(damaged).write(to: file)
      let status = try desk.run(["status"])
      #expect(
        status.exitCode == 74 && status.errors.contains("'hproute revert' puts it aside"), "byte \(place): \(status.errors)")
      let outcome = try desk.run(number.isMultiple(of: 3) ? ["apply", "quiet"] : ["revert"])
      #expect(outcome.exitCode == 74, "byte \(place): \(outcome.output)")
      #expect(outcome.errors.contains("is damaged in line") && outcome.errors.contains("It is kept as"), "\(outcome.errors)")
      try desk.requireState(desk.applied, "a damaged journal, byte \(place)")
      let aside = file.path + ".damaged-1"
      let after = try desk.run(["status"])
      #expect(after.exitCode == 0)
      #expect(
        after.output.hasPrefix(
          "No profile is applied.\nBut 2 modules of hproute's are still loaded: 'hproute revert' removes what is left.\n"
            + "A damaged journal is kept as \(aside); what it says is not relied on.\nSound goes to "), "\(after.output)")
      #expect(try Array(Data(contentsOf: URL(fileURLWithPath: aside))) == damaged)
      try FileManager.default.removeItem(atPath: aside)
    }
    try Data(journal).write(to: file)
    try desk.require(["revert"])
    try desk.requireState(desk.baseline, "the journal that was not damaged")
  }

  private func hasMark(_ desk: CampaignDesk) throws -> Bool {
    let (_, bytes, body) = try journal(desk)
    return body < bytes.count
  }

  /// A mark behind it costs no more than the news that it brought.
  @Test(arguments: ServerKind.allCases) func aDamagedMarkIsNoDamage(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    try desk.server.writeProfile("plain", "[output]\nmatch = usb:1235:8211\nvolume = 45%\n")
    for isCut in [false, true] {
      try desk.require(["apply", "plain"])
      // Where the server has shown something on its way the whole journal is written at the end, and there is no mark.
      try #require(
        try eventually {
          if try hasMark(desk) { return true }
          try desk.require(["revert"])
          try desk.require(["apply", "plain"])
          return false
        })
      var (file, bytes, body) = try journal(desk)
      let place = body + (bytes.count - body) / 2
      if isCut { bytes.removeSubrange(place...) } else { bytes[place] ^= 0x11 }
      try Data(bytes).write(to: file)
      #expect(
        try desk.run(["status"]).output.hasPrefix(
          "plain was cut off while it was being applied: 'hproute revert' puts everything back, 'hproute apply plain' finishes it.\n"
        ))
      try desk.require(["revert"])
      try desk.requireState(desk.baseline, "a damaged mark")
      try desk.requireNothingWrittenDown()
    }
  }
}
