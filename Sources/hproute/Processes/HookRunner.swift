internal import AudioGraph
internal import PulseAudio
internal import Routing

/// Runs what a profile wants to be run. The names of things reach a command through its environment, and never through its
/// text.
final class HookRunner {
  /// How long a command may take.
  static let limit = Duration.seconds(10)

  private let loop: EventLoop
  private(set) var outcomes: [Hook.Outcome] = []

  init(on loop: EventLoop) { self.loop = loop }

  /// Runs a command that has to succeed.
  func require(_ hook: Hook) throws(Failure) {
    let outcome: Hook.Outcome
    do { outcome = try run(hook) } catch { throw Failure(error) }
    if outcome.problem != nil { throw .hook(outcome) }
  }

  /// Runs commands of which none is so important that something would be undone because of it.
  func run(_ hooks: [Hook]) {
    for hook in hooks where loop.stopSignal == nil { _ = try? run(hook) }
  }

  private func run(_ hook: Hook) throws(ServerError) -> Hook.Outcome {
    let variables = ["HPROUTE_PROFILE": hook.profile, "HPROUTE_EVENT": hook.event.rawValue]
    let (end, output): (ChildProcess.End, String)
    do { (end, output) = try ChildProcess.run(["/bin/sh", "-c", hook.command], variables, limit: Self.limit, on: loop) } catch {
      outcomes.append(Hook.Outcome(hook, problem: "was ended, because hproute was told to stop", output: ""))
      throw error
    }
    let problem: String? =
      switch end {
      case .exit(0): nil
      case .exit(let code): "ended with \(code)"
      case .signal(let number): "was ended by signal \(number)"
      case .timeout: "was ended after \(Self.limit.components.seconds) s"
      case .missing(let reason): "could not be started (\(reason))"
      }
    let outcome = Hook.Outcome(hook, problem: problem, output: output)
    outcomes.append(outcome)
    return outcome
  }
}
