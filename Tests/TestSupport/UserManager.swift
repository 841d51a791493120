internal import Foundation

/// A systemd of a user's own, as there is one after a login, in the directories of a private server.
///
/// Where this machine was not started by systemd it is told so in a mount namespace, which goes with it.
public final class UserManager {
  private let program: Program
  private let environment: [String: String]
  /// A control group of its own: two managers in one would end each other's services.
  private let group: String
  private static let groupRoots = "/sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup"

  /// The units of the sound servers that the distribution enables: they would take the place of the private one.
  private static let masked = [
    "pulseaudio.socket", "pulseaudio.service", "pipewire.socket", "pipewire.service", "pipewire-pulse.socket",
    "pipewire-pulse.service",
    "wireplumber.service", "filter-chain.service", "dbus.socket", "dbus.service", "gpg-agent.socket", "gpg-agent-ssh.socket",
    "gpg-agent-extra.socket", "gpg-agent-browser.socket", "dirmngr.socket",
  ]

  /// Logs in, and waits until everything that begins with a login has been started.
  public init(_ server: PrivateServer) throws {
    var environment = server.environment
    environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=\(server.directory.path)/run/bus"
    self.environment = environment
    let units = try server.directory.make("config/systemd/user")
    for unit in Self.masked {
      try? FileManager.default.createSymbolicLink(atPath: "\(units)/\(unit)", withDestinationPath: "/dev/null")
    }
    // The socket of the one before.
    try? FileManager.default.removeItem(atPath: "\(server.directory.path)/run/systemd")
    group = "hproute-test-\(UInt32.random(in: 0 ... .max))"
    let script = """
      for root in \(Self.groupRoots); do
        [ -e $root/cgroup.procs ] && mkdir $root/$0 && echo $$ > $root/$0/cgroup.procs
      done
      [ -d /run/systemd/system ] || { mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system; }
      exec /usr/lib/systemd/systemd --user --log-target=console
      """
    program = try Program(
      ["unshare", "-m", "--propagation", "private", "sh", "-c", script, group], environment: environment,
      log: "\(server.directory.path)/systemd.log")
    guard eventually({ ["running", "degraded"].contains((try? systemctl("show", "--value", "-p", "SystemState")) ?? "") }) else {
      throw PrivateServer.Failed(description: "systemd does not start: \(program.logText)")
    }
  }

  deinit { logOut() }

  /// Ends it, and with it what it has started.
  public func logOut() {
    program.send(SIGTERM)
    _ = program.wait(within: 20)
    let script = "for root in \(Self.groupRoots); do [ -d $root/$0 ] && find $root/$0 -depth -type d -exec rmdir {} +; done"
    _ = try? Program.run(["sh", "-c", script, group], environment: environment)
  }

  /// What `systemctl --user` says, without the last line feed.
  @discardableResult
  public func systemctl(_ words: String...) throws -> String {
    try Program.run(["systemctl", "--user"] + words, environment: environment).output.trimmingCharacters(
      in: .whitespacesAndNewlines)
  }
}
