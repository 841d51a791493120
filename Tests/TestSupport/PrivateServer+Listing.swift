import Foundation

/// A card, a sink or a source as `pactl --format=json list` tells it.
///
/// Not for modules, which have no number there, and not for names that are not ASCII, for which pactl 16.1 writes "(null)".
public struct Listed: Decodable {
  public let index: UInt32
  public let name: String
  public let activeProfile: String?
  public let activePort: String?
}

extension PrivateServer {
  /// - Parameter kind: `sinks`, `sources` or `cards`.
  public func listed(_ kind: String) throws -> [Listed] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode([Listed].self, from: Data(try pactl("--format=json", "list", kind).utf8))
  }

  /// The card profile in force; nil if there is no such card.
  public func activeProfile(of card: String) throws -> String? { try listed("cards").first { $0.name == card }?.activeProfile }

  /// The port in use of a sink or a source.
  public func activePort(of device: String) throws -> String? {
    try (listed("sinks") + listed("sources")).first { $0.name == device }?.activePort
  }
}
