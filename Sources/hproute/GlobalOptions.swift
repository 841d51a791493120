internal import ArgumentParser
internal import Routing
internal import SystemPackage

/// The options that every command understands.
struct GlobalOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("Talk to this sound server, as in PULSE_SERVER.", valueName: "address"))
  var server: String?

  @Option(help: ArgumentHelp("How long any one answer or effect may take.", valueName: "seconds"))
  var timeout = Settings().timeout

  @Flag(name: .shortAndLong, help: "Print one JSON object instead of text.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  @Flag(help: "Print without colour, as with NO_COLOR.")
  var noColor = false

  @Flag(help: ArgumentHelp("Print where the time goes, on standard error.", visibility: .hidden))
  var trace = false

  static let namesWithValue = ["--server", "-s", "--timeout"]
  static let names = namesWithValue + ["--json", "-j", "--quiet", "-q", "--no-color", "--trace"]

  func validate() throws {
    guard timeout > 0, timeout <= 86_400 else {
      throw ValidationError("--timeout takes a number of seconds above 0, such as 5.")
    }
  }

  var settings: Settings {
    Settings(server: server, timeout: timeout, json: json, quiet: quiet, color: !noColor, trace: trace)
  }
}

/// What the options say, however they were read.
struct Settings {
  var server: String?
  /// In seconds.
  var timeout = 5.0
  var json = false
  var quiet = false
  var color = true
  var trace = false

  var patience: Duration { .milliseconds(Int64(timeout * 1000)) }
  var deadline: ContinuousClock.Instant { .now + patience }

  /// What another command of hproute is called with, so that it talks to the same server.
  var serverArguments: [String] { server.map { ["--server", $0] } ?? [] }

  /// Runs a command, and turns what goes wrong into words and an exit code.
  func run(_ body: (Output, Trace?) throws(CommandFailure) -> Int32) throws {
    let output = Output(json: json, quiet: quiet, color: color)
    let trace = trace ? Trace() : nil
    var code: Int32
    do { code = try body(output, trace) } catch {
      output.fail(error)
      code = error.exitCode
    }
    code = output.finish(code)
    if let trace { output.print(trace) }
    if code != 0 { throw ExitCode(code) }
  }
}

/// Why a command ends: told to a person on standard error, and to a script as JSON.
struct CommandFailure: Error {
  var exitCode: Int32
  var sentence: String
  var objects: [String] = []
  /// Whether it may be otherwise in a moment, without anybody changing anything here.
  var mayPass = false
  /// Which devices there are to choose from, if that is why; nil for any other reason.
  var choice: (section: String, candidates: [PlanError.Candidate])?

  init(exitCode: Int32, sentence: String, objects: [String] = []) {
    self.exitCode = exitCode
    self.sentence = sentence
    self.objects = objects
  }

  init(_ failure: Failure) {
    self.init(exitCode: failure.exitCode, sentence: failure.sentence, objects: failure.objects)
    mayPass = failure.mayPass
    switch failure {
    case .plan(.ambiguous(let section, let candidates)), .plan(.inAnotherCardProfile(let section, let candidates)):
      choice = (section, candidates)
    default: break
    }
  }

  /// The same failure, with what can be applied instead.
  func naming(_ profiles: [String]) -> CommandFailure {
    var failure = self
    if !profiles.isEmpty { failure.sentence += "\n  Profiles that work now: \(profiles.joined(separator: ", "))." }
    return failure
  }

  init(_ failure: ProfileStore.Failure) {
    switch failure {
    case .badName(let name):
      self.init(
        exitCode: 66,
        sentence: "'\(name)' is not a profile name. Names begin with a letter or digit (a-z, 0-9 . _ -); write a path with '/'.",
        objects: [name])
    case .notFound(let name, let nearest):
      let here = "\(name).profile"
      let hint =
        !name.contains("/") && Files.exists(FilePath(here))
        ? "There is one where you are: name it with its path, './\(here)'."
        : nearest.map { "Did you mean '\($0)'?" } ?? "'hproute list' shows the profiles."
      self.init(exitCode: 66, sentence: "there is no profile '\(name)'. \(hint)", objects: [name])
    case .dangling(let path):
      self.init(
        exitCode: 66, sentence: "\(path) is a link to a file that is not there. Nothing was changed.", objects: [path])
    case .unreadable(let path, let reason):
      self.init(exitCode: 74, sentence: "\(path) cannot be read (\(reason)). Nothing was changed.", objects: [path])
    }
  }
}
