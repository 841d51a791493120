internal import Foundation

/// What the file of a simulated card says of it: its card profiles with their devices, and the ports of those.
struct CardFile: Sendable {
  struct Port: Sendable {
    var name: String
    var type: String
    var availability: String
    var devices: [Int]
  }
  struct Device: Sendable {
    var name: String
    var channels: Int
    var isInput: Bool
    var ports: [Port]
  }
  struct Profile: Sendable {
    var name: String
    var devices: [Device]
  }

  let id: String
  private(set) var name = ""
  /// Those that can be chosen, without `off`.
  private(set) var profiles: [Profile] = []

  init(_ id: String) throws {
    self.id = id
    let lines = try SimulatedCard(id).text.split(separator: "\n").map {
      $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
    }
    func value(_ key: String, _ line: [String]) -> String {
      line.first { $0.hasPrefix("\(key)=") }.map { String($0.dropFirst(key.count + 1)) } ?? ""
    }
    name = lines.first { $0[0] == "name" }?[1] ?? ""
    let ports = lines.filter { $0[0] == "route" }.map { line in
      Port(
        name: line[2], type: value("type", line), availability: value("avail", line),
        devices: value("devs", line).split(separator: ",").compactMap { Int($0) })
    }
    let stem = name.split(separator: ".", maxSplits: 1).last ?? ""
    let devices = lines.filter { $0[0] == "device" }.enumerated().map { index, line in
      Device(
        name: "alsa_\(line[1] == "in" ? "input" : "output").\(stem).\(line[2])",
        channels: value("ch", line).split(separator: ",").count,
        isInput: line[1] == "in", ports: ports.filter { $0.devices.contains(index) })
    }
    for line in lines where line[0] == "profile" && !["off", "pro-audio"].contains(line[1]) && value("avail", line) != "no" {
      let numbers = value("devs", line).split(separator: ",").compactMap { Int($0) }
      profiles.append(Profile(name: line[1], devices: numbers.map { devices[$0] }))
    }
  }
}
