import Foundation
import TestSupport
import Testing

@testable import Routing

/// The manual pages leave nothing out, and everything is installed where it is looked for.
@Suite(.serialized, .timeLimit(.minutes(45))) struct ManualTests {
  private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardized.path
  private static let pages = ["hproute.1", "hproute.profile.5"]
  private static let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"]

  /// A page as it is read: a backslash in front of a hyphen only says that it is one.
  private static func page(_ name: String) throws -> String {
    try String(contentsOfFile: "\(root)/man/\(name)", encoding: .utf8).replacingOccurrences(of: "\\-", with: "-")
  }

  /// What paragraphs are about: the lines behind '.TP'.
  private static func heads(_ text: String) -> [String] {
    let lines = text.split(separator: "\n").map(String.init)
    return zip(lines, lines.dropFirst()).filter { $0.0 == ".TP" }.map { $0.1 }
  }

  private static func section(_ title: String, of page: String) throws -> String {
    let parts = page.components(separatedBy: "\n.SH ")
    return try #require(parts.first { $0.hasPrefix("\(title)\n") || $0.hasPrefix("\"\(title)\"\n") }, "\(title)")
  }

  // MARK: - What is in the pages

  @Test func everyCommandAndOptionIsThere() throws {
    let page = try Self.page("hproute.1")
    let heads = Self.heads(page)
    let parts = try ["COMMANDS", "JSON OUTPUT"].map { Self.heads(try Self.section($0, of: page)) }
    let words = try HelpWords()
    for (heads, commands) in zip(parts, [words.commands, words.topCommands]) {
      for command in commands {
        let word = try Regex("\\b\(command)\\b")
        #expect(heads.contains { $0.contains(word) }, "\(command)")
      }
    }
    for option in words.options { #expect(heads.contains { $0.contains("--\(option)") }, "\(option)") }
  }

  @Test func everySectionAndKeyIsThere() throws {
    let parts = try Self.page("hproute.profile.5").components(separatedBy: "\n.SS ").map {
      $0.components(separatedBy: "\n.SH ")[0]
    }
    for kind in SectionKind.allCases {
      let part = try #require(
        parts.first { $0.hasPrefix("[\(kind.rawValue)]") || $0.hasPrefix("\"[\(kind.rawValue) ") }, "\(kind)")
      // They are written as '.BI "volume = " volume'.
      let keys = Self.heads(part).compactMap {
        $0.components(separatedBy: "\"").dropFirst().first?.replacingOccurrences(of: " = ", with: "")
      }
      #expect(Set(keys) == Set(kind.keys), "\(kind)")
    }
  }

  @Test func everyTermOfMatchIsThere() throws {
    let heads = Self.heads(try Self.page("hproute.profile.5"))
    for word in MatchTerm.words { #expect(heads.contains { $0.contains("\(word):") }, "\(word)") }
  }

  @Test(arguments: pages) func theFormatterHasNothingToSay(page: String) throws {
    let outcome = try Program.run(
      ["groff", "-man", "-ww", "-z", "-Tutf8", "\(Self.root)/man/\(page)"], environment: Self.environment)
    #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
  }

  // MARK: - What is installed

  private struct Installation {
    let directory: TemporaryDirectory
    var prefix: String { "\(directory.path)/usr/local" }

    init() throws { directory = try TemporaryDirectory() }

    /// Under a umask that would keep what is installed from everybody else.
    func make(_ target: String) throws {
      let outcome = try Program.run(
        [
          "sh", "-c", "umask 077; exec make -s -C \"$0\" \"$@\"", ManualTests.root, target, "PREFIX=/usr/local",
          "DESTDIR=\(directory.path)",
        ],
        environment: ManualTests.environment)
      try #require(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
    }

    /// The mode and the path of each file, and of each directory that is not open to everybody.
    func files() throws -> [String] {
      let outcome = try Program.run(
        ["find", directory.path, "-mindepth", "1", "(", "-type", "f", "-o", "!", "-perm", "755", ")", "-printf", "%m %P\\n"],
        environment: ManualTests.environment)
      return outcome.output.split(separator: "\n").map(String.init).sorted()
    }

    /// What the installed program says, far from its sources.
    func run(_ arguments: String...) throws -> String {
      let environment = ["HOME": "\(directory.path)/home", "XDG_DATA_DIRS": "/nonexistent"]
      return try Program.run(["env", "--chdir=/", "\(prefix)/bin/hproute"] + arguments, environment: environment).output
    }

    func page(_ name: String) throws -> String {
      try Program.run(["gzip", "-dc", "\(prefix)/share/man/\(name).gz"], environment: ManualTests.environment).output
    }
  }

  @Test func everythingIsInstalledAndUninstalled() throws {
    try #require(FileManager.default.fileExists(atPath: HProuteBinary.released), "'make build' builds what is installed")
    let installation = try Installation()
    try installation.make("install")
    let profiles = try FileManager.default.contentsOfDirectory(atPath: "\(Self.root)/Profiles")
    let expected = [
      "755 usr/local/bin/hproute", "644 usr/local/lib/systemd/user/hproute.service",
      "644 usr/local/share/metainfo/org.example.hproute.metainfo.xml", "644 usr/local/share/bash-completion/completions/hproute",
      "644 usr/local/share/fish/vendor_completions.d/hproute.fish", "644 usr/local/share/man/man1/hproute.1.gz",
      "644 usr/local/share/man/man5/hproute.profile.5.gz", "644 usr/local/share/zsh/site-functions/_hproute",
    ]
    #expect(try installation.files() == (expected + profiles.map { "644 usr/local/share/hproute/profiles/\($0)" }).sorted())

    let studio = "\(installation.prefix)/share/hproute/profiles/studio.profile"
    #expect(try installation.run("show", "studio").hasPrefix("# \(studio)\n"))
    let version = try installation.run("--version").trimmingCharacters(in: .whitespacesAndNewlines)
    for page in ["man1/hproute.1", "man5/hproute.profile.5"] {
      #expect(try installation.page(page).contains("\"hproute \(version)\""))
    }

    // What somebody else has put there stays, and nothing else.
    let other = try installation.directory.write("", to: "usr/local/share/hproute/profiles/other.profile")
    try installation.make("uninstall")
    #expect(try installation.files().map { $0.dropFirst("644 ".count) } == ["usr/local/share/hproute/profiles/other.profile"])
    try FileManager.default.removeItem(atPath: other)
    try installation.make("uninstall")
    #expect(!FileManager.default.fileExists(atPath: "\(installation.prefix)/share/hproute"))
  }

  /// As people do it; 'make check-install' tries the tarball as well, which takes minutes to build.
  @Test func whatIsInstalledWorks() throws {
    let environment = Self.environment.merging(["SERVER": ServerKind.any.rawValue, "SHELL": "/bin/bash"]) { $1 }
    let outcome = try Program.run(["\(Self.root)/Tests/check-install", "home", "deb"], environment: environment, within: 120)
    #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
  }

  /// The package for Debian holds the same, and what it holds works where no file of the sources is in reach.
  @Test func thePackage() throws {
    try #require(FileManager.default.fileExists(atPath: HProuteBinary.released), "'make build' builds what is packed")
    let made = try Program.run(["\(Self.root)/packaging/package"], environment: Self.environment, within: 120)
    let package = try #require(made.output.split(separator: "\n").last.map(String.init), "\(made)")
    #expect(made.exitCode == 0 && !made.output.contains("E: "), "\(made)")
    let control = try Program.run(["dpkg-deb", "--field", "\(Self.root)/\(package)"], environment: Self.environment).output
    #expect(control.contains("Package: hproute\n") && control.contains("libpulse0"), "\(control)")

    let directory = try TemporaryDirectory()
    let root = try directory.make("root")
    let unpacked = try Program.run(["dpkg-deb", "--extract", "\(Self.root)/\(package)", root], environment: Self.environment)
    #expect(unpacked.exitCode == 0, "\(unpacked.errors)")
    let files = try Program.run(["find", root, "-type", "f", "-printf", "%m %P\\n"], environment: Self.environment).output
    for file in [
      "755 usr/bin/hproute", "644 usr/lib/systemd/user/hproute.service", "644 usr/share/bash-completion/completions/hproute",
      "644 usr/share/doc/hproute/copyright",
      "644 usr/share/fish/vendor_completions.d/hproute.fish", "644 usr/share/hproute/profiles/studio.profile",
      "644 usr/share/man/man1/hproute.1.gz", "644 usr/share/man/man5/hproute.profile.5.gz",
      "644 usr/share/zsh/vendor-completions/_hproute",
    ] { #expect(files.contains("\(file)\n"), "\(files)") }

    for kind in ServerKind.allCases {
      let server = try PrivateServer(kind)
      try server.addSink("solo", "Scarlett Solo USB", "device.bus=usb device.vendor.id=1235 device.product.id=8211")
      var environment = server.environment
      environment["XDG_DATA_DIRS"] = "\(root)/usr/share"
      environment["HPROUTE_PROFILE_PATH"] = nil
      let applied = try Program.run(
        [
          "unshare", "-rm", "sh", "-c", "mount -t tmpfs none \"$0\" && cd / && exec \"$@\"", Self.root, "\(root)/usr/bin/hproute",
          "apply", "studio",
        ],
        environment: environment)
      #expect(applied.exitCode == 0 && applied.output.contains("Applied studio: "), "\(applied)")
      #expect(try server.pactl("get-default-sink") == "solo")
    }
  }
}
