internal import AudioGraph
internal import Glibc
internal import PulseAudio
internal import Routing

/// Shows a line on the desktop, through `notify-send`, where the desktop has it and there is a session bus.
struct Notifier {
  private let isWanted: Bool
  private let loop: EventLoop

  init(isWanted: Bool, on loop: EventLoop) {
    let environment = Environment()
    let hasBus =
      environment["DBUS_SESSION_BUS_ADDRESS"] != nil
      || environment["XDG_RUNTIME_DIR"].map { access("\($0)/bus", F_OK) == 0 } ?? false
    self.isWanted = isWanted && hasBus
    self.loop = loop
  }

  /// It is left to itself: a desktop that is slow to show something keeps nobody waiting. Where there is no such program,
  /// nothing is shown.
  func show(_ title: String, _ text: String) throws(ServerError) {
    guard isWanted else { return }
    let script = "notify-send --app-name=hproute --icon=audio-headphones --expire-time=4000 -- \"$0\" \"$1\" >/dev/null 2>&1 &"
    _ = try ChildProcess.run(["/bin/sh", "-c", script, title, text], limit: .seconds(1), on: loop)
  }
}
