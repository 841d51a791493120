internal import ArgumentParser
internal import Routing

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Keep running and apply profiles as devices are plugged in and out.",
    discussion: """
      Of the profiles that say 'auto = yes', and those that are named, the one with the highest 'priority' is applied whose \
      devices are there. What you apply or revert by hand meanwhile stays so until the devices call for something else. \
      It ends without reverting.
      """)

  @Argument(help: "Profiles to choose from, although they do not say 'auto = yes'.")
  var profiles: [String] = []

  @Flag(help: "Show nothing on the desktop.")
  var noNotify = false

  @OptionGroup var options: GlobalOptions

  func run() throws { try Self.watch(profiles, options.settings, notifies: !noNotify) }

  static func watch(_ profiles: [String], _ settings: Settings, notifies: Bool = true) throws {
    try settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: settings, output: output)
      let state = try session.stateDirectory()
      let alone: StateLock
      // One that was killed while it started a program holds the lock until that has become itself.
      let patience = ContinuousClock.now + .milliseconds(500)
      do throws(StateDirectory.Failure) { alone = try state.lock(StateDirectory.watchLock, until: patience) } catch .busy(
        let holder)
      {
        throw CommandFailure(
          exitCode: 75, sentence: "another hproute is watching already\(holder.isEmpty ? "" : " (\(holder))").")
      } catch { throw CommandFailure(.state(error)) }
      defer { withExtendedLifetime(alone) {} }
      try Daemon(session, choosing: profiles, notifies: notifies).run()
      return 0
    }
  }
}
