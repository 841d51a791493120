internal import AudioGraph
internal import SystemPackage

/// A sound card as the kernel knows it, whether or not a sound server does.
public struct KernelCard: Hashable, Sendable {
  /// The N of `/sys/class/sound/cardN`, and of ALSA's `hw:N`.
  public var number: Int
  /// What a USB device calls itself, else the id that ALSA gives it, else `cardN`.
  public var name: String

  /// Stores its parameters.
  public init(number: Int, name: String) {
    self.number = number
    self.name = name
  }

  /// Those that can play, from `/sys/class/sound`.
  public static func all() -> [KernelCard] {
    let directory = FilePath("/sys/class/sound")
    let names = (try? Files.names(in: directory)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix("card"), let number = Int(name.dropFirst(4)),
        // What only has keys or knobs is no sound card to a sound server.
        names.contains(where: { $0.hasPrefix("pcmC\(number)D") && $0.hasSuffix("p") })
      else { return nil }
      let card = directory.appending(name)
      // A USB device says in its own words what it is.
      let product = text(FilePath("\(card)/device/../product")) ?? text(card.appending("id"))
      return KernelCard(number: number, name: product ?? name)
    }
  }

  private static func text(_ path: FilePath) -> String? {
    guard let bytes = try? Files.read(path, upTo: 256) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
    return text.isEmpty ? nil : text
  }

  func isShown(in graph: Graph) -> Bool {
    let all = graph.cards.map(\.properties) + (graph.sinks.map(\.device) + graph.sources.map(\.device)).map(\.properties)
    return all.contains {
      $0[.cardNumber] == String(number) || $0[.apiCardNumber] == String(number) || $0[.cardName] == name
        || $0[.productName] == name
    }
  }
}
