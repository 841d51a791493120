/// How a profile says which device it means: alternatives, of which the first that fits anything wins; each is one or
/// more terms, all of which must hold.
public struct MatchExpression: Hashable, Sendable {
  /// In the order in which they are tried. The terms of one must all hold.
  public var alternatives: [[MatchTerm]]

  /// Stores its parameter.
  public init(alternatives: [[MatchTerm]]) { self.alternatives = alternatives }
}

/// One thing that must be true of a device.
public enum MatchTerm: Hashable, Sendable {
  /// `usb:VENDOR:PRODUCT` or `pci:VENDOR:PRODUCT`, hexadecimal.
  case product(bus: String, vendor: UInt32, product: UInt32)
  /// `serial:TEXT`: the serial number ends with it.
  case serial(String)
  /// `bus:NAME`
  case bus(String)
  /// `form:NAME`
  case form(String)
  /// `name:GLOB`
  case name(Glob)
  /// `port:NAME`: has a port of that name or type.
  case port(String)
  /// Part of the description, the product or the card name, without regard to case.
  case text(String)

  /// The words that may stand in front of a colon.
  static let words = ["usb", "pci", "serial", "bus", "form", "name", "port"]
}

/// Which streams a `[stream]` or `[recording]` section is about.
public enum StreamPattern: Hashable, Sendable {
  /// Application name, binary or id.
  case application(Glob)
  /// `role:NAME`
  case role(String)

  /// Whether it certainly fits all that `other` fits.
  func covers(_ other: StreamPattern) -> Bool {
    guard case .application(let glob) = self else { return self == other }
    if glob.pattern == "*" { return true }
    guard case .application(let name) = other else { return false }
    return name.isPlain ? glob.matches(name.pattern) : glob == name
  }
}
