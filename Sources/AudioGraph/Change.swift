/// One thing that can be done to a server: an attribute goes from the value it has to another.
public struct Change: Hashable, Sendable {
  /// What is changed.
  public var attribute: Attribute
  /// What the server had when the change was planned.
  public var from: Value
  /// What it should have then.
  public var to: Value

  /// Stores its parameters.
  public init(_ attribute: Attribute, from: Value, to: Value) {
    self.attribute = attribute
    self.from = from
    self.to = to
  }

  /// What would undo it. It is taken from the graph before the change, never from what was asked for.
  public var inverse: Change { Change(attribute, from: to, to: from) }

  /// What the server has once the change is in effect.
  public var outcome: Setting { Setting(attribute, to) }

  /// Whether it loads a module.
  public var isLoad: Bool {
    switch (from, to) {
    case (_, .module(_?)), (.userModule(nil), .userModule(_?)): true
    default: false
    }
  }

  /// Whether it unloads a module.
  public var isUnload: Bool { to == .module(nil) || to == .userModule(nil) }

  /// The word for it in reports, the same for scripts and for people.
  public var action: String {
    switch (attribute, to) {
    case (.defaultSink, _), (.defaultSource, _): "set-default"
    case (.volume, _): "set-volume"
    case (.mute, _): "set-mute"
    case (.streamSink, _), (.streamSource, _): "move-stream"
    case (.cardProfile, _): "set-card-profile"
    case (.port, _): "set-port"
    case (.memory, _): "move-stream"
    case (.module, .module(nil)), (.userModule, .userModule(nil)): "unload"
    case (.module, _), (.userModule, _): "load"
    }
  }
}
