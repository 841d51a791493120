public import AudioGraph

/// Why a command did not do what it was told to.
public enum Failure: Error, Hashable, Sendable {
  /// The profile does not fit the devices. Nothing was changed.
  case plan(PlanError)
  /// The devices changed in the middle of an apply, and the profile does not fit any more.
  case devicesLeft(PlanError)
  /// The server did not accept a change.
  case refused(object: String, action: String, reason: String, isDenial: Bool)
  /// The server has accepted a change every time, and has not done it, for a reason.
  case ignored(object: String, reason: String)
  /// The server accepted a change, and nothing came of it.
  case noEffect(object: String, action: String, seconds: Double)
  /// The server could not be talked to. If something stays half done because of it, it is ``cutOff(_:)``.
  case server(ServerError)
  /// The server was lost when something had been done already. The journal has it.
  case cutOff(ServerError)
  /// What is done could not be written down, or another hproute is at work.
  case state(StateDirectory.Failure)
  /// A signal came while it was at work: `SIGINT`, `SIGTERM` or `SIGHUP`.
  case stopped(signal: Int32)
  /// It was done, and somebody was asked whether it should stay.
  case notConfirmed(String)
  /// A former command was cut off, and nobody knows what of it holds; with the profile it was about. Nothing was changed.
  case unfinished(profile: String?)
  /// What was to be turned is not there, or cannot be turned: a sentence. Nothing was changed.
  case cannotTurn(String)
  /// What a profile wants to be run before it is applied did not end well.
  case hook(Hook.Outcome)

  init(_ refusal: Refusal, in graph: Graph) {
    let object = AttributeText(graph).object(refusal.change)
    self =
      refusal.isIgnored
      ? .ignored(object: object, reason: refusal.reason)
      : .refused(object: object, action: refusal.change.action, reason: refusal.reason, isDenial: refusal.isDenial)
  }

  /// A signal is ``stopped(signal:)``, the rest ``server(_:)``.
  public init(_ error: ServerError) {
    if case .interrupted(let signal) = error { self = .stopped(signal: signal) } else { self = .server(error) }
  }

  /// The same failure, after something had been changed: devices that are not there are then devices that left.
  var inTheMiddle: Failure {
    if case .plan(let error) = self { .devicesLeft(error) } else { self }
  }

  /// The same failure, where what had been changed stays as it is, for the server gives no answers any more.
  var withoutAnEnd: Failure { if case .server(let error) = self { .cutOff(error) } else { self } }

  /// Whether it may be otherwise in a moment: a server that starts, a device that is switched on.
  public var mayPass: Bool {
    switch self {
    case .plan(let error): error.mayPass
    case .server(.unreachable), .server(.connectionLost), .server(.timeout): true
    default: false
    }
  }

  /// The exit code of the process.
  public var exitCode: Int32 {
    switch self {
    case .plan(.noDefaultSink): 69
    case .plan(.feedback), .plan(.unroutableChannels), .plan(.monitorTwice): 65
    case .plan: 3
    case .refused(_, _, _, let isDenial): isDenial ? 77 : 1
    case .ignored, .noEffect, .devicesLeft, .hook, .notConfirmed, .unfinished: 1
    case .cannotTurn: 3
    case .server(.accessDenied), .cutOff(.accessDenied): 77
    case .cutOff(.failed): 2
    case .server, .cutOff: 69
    case .state(.busy): 75
    case .state: 74
    case .stopped(let signal): 128 + signal
    }
  }

  /// The names of what it is about, for scripts.
  public var objects: [String] {
    switch self {
    case .plan(let error), .devicesLeft(let error): error.objects
    case .refused(let object, _, _, _), .ignored(let object, _), .noEffect(let object, _, _): [object]
    default: []
    }
  }

  /// What happened, to what, and what to type now.
  public var sentence: String {
    switch self {
    case .plan(let error): error.sentence
    case .devicesLeft(let error): "the devices changed in the middle: \(error.sentence)"
    case .refused(let object, let action, let reason, let isDenial):
      "the sound server refused to \(Self.words(action)) \(object): \(reason)."
        + (isDenial ? " It forbids this to programs like hproute; see its configuration." : "")
    case .ignored(let object, let reason): "\(object): \(reason)."
    case .noEffect(let object, let action, let seconds):
      "the sound server agreed to \(Self.words(action)) \(object), but it has not happened within "
        + "\(VolumeText.decimal(seconds, dropZero: true)) s. Give it longer with --timeout."
    case .server(let error): error.sentence
    case .cutOff(let error):
      "\(error.fact). What had been done by then is written down: 'hproute revert' puts everything back when the server answers."
    case .state(let failure): failure.sentence
    case .stopped(let signal): signal == 2 ? "interrupted." : "stopped by signal \(signal)."
    case .notConfirmed(let reason): "not confirmed: \(reason)."
    case .unfinished(let profile):
      "\(profile ?? "a former command") was cut off: 'hproute revert' puts everything back first. Nothing was changed."
    case .cannotTurn(let sentence): sentence
    case .hook(let outcome): "\(outcome.sentence ?? ""). Nothing was changed."
    }
  }

  /// `set-volume` as part of a sentence.
  private static func words(_ action: String) -> String {
    switch action {
    case "set-card-profile": "set the card profile of"
    case "set-port": "set the port of"
    case "set-volume": "set the volume of"
    case "set-mute": "mute or unmute"
    case "set-default": "set the"
    case "move-stream": "move"
    case "load": "load the"
    default: "unload the"
    }
  }
}

extension ServerError {
  /// What happened, and what to type now.
  public var sentence: String {
    switch self {
    case .unreachable:
      "\(fact). Is PipeWire or PulseAudio running? 'systemctl --user status pipewire-pulse pulseaudio' tells."
    case .timeout: "\(fact). Wait longer with --timeout, or restart it."
    case .connectionLost, .accessDenied, .failed, .interrupted: "\(fact)."
    }
  }

  /// What happened.
  public var fact: String {
    switch self {
    case .unreachable(let address, let reason): "no sound server answers\(address.isEmpty ? "" : " at \(address)") (\(reason))"
    case .connectionLost(let reason): "the connection to the sound server was lost (\(reason))"
    case .timeout(let seconds): "the sound server has not answered within \(VolumeText.decimal(seconds, dropZero: true)) s"
    case .accessDenied: "the sound server does not let this program in (access denied)"
    case .failed(let reason): "the sound server answered with an error: \(reason)"
    case .interrupted(let signal): "stopped by signal \(signal)"
    }
  }
}

extension AudioServer {
  /// Makes a connection in place of one that was lost, in spite of a signal.
  ///
  /// - Returns: what there is, where it is the same run of the server; else nil.
  func regain(cookie: UInt32) -> Graph? {
    for _ in 0..<2 {
      do throws(ServerError) {
        try reconnect()
        let graph = try graph()
        return graph.server.cookie == cookie ? graph : nil
      } catch .interrupted { continue } catch { return nil }
    }
    return nil
  }
}

extension StateDirectory.Failure {
  /// What happened, to which path, and what becomes of it.
  public var sentence: String {
    switch self {
    case .nowhere:
      "neither HOME nor XDG_STATE_HOME is set, so hproute has nowhere to write down how to undo what it does. "
        + "Nothing was changed."
    case .unusable(let path, let error):
      "\(path) cannot be used to write down how to undo things (\(error)). Nothing was changed."
    case .link(let path):
      "\(path) is a symbolic link, which could lead hproute to write somewhere else. "
        + "Put a directory in its place. Nothing was changed."
    case .notOwn(let path): "\(path) belongs to somebody else. Nothing was changed."
    case .unreadable(let path, let error): "\(path) cannot be read (\(error)). Nothing was changed."
    case .unwritable(let path, let error): "\(path) cannot be written (\(error))."
    case .damaged(let path, let kept?, let line):
      "\(path) is damaged in line \(line), so what it says is not relied on. It is kept as \(kept). Nothing was changed; "
        + "the next command starts without it."
    case .damaged(let path, nil, let line):
      "\(path), where hproute has written down how to undo things, is damaged in line \(line). 'hproute revert' puts it aside."
    case .busy(let holder):
      "another hproute is at work\(holder.isEmpty ? "" : " (\(holder))"). Wait for it, or give this one longer with --timeout."
    }
  }
}
