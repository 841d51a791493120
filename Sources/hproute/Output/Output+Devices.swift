internal import AudioGraph
internal import Routing

extension Output {
  func print(_ devices: DeviceList) {
    if isJSON { return print(json: devices) }
    var text: [String] = []
    let inputs = devices.sources.filter { $0.monitorOf.value == nil }
    for (title, list) in [("Outputs", devices.sinks), ("Inputs", inputs)] where !list.isEmpty {
      text.append(Style.bold(title, if: isColored))
      text += whole(list.map(cells))
      for device in list {
        guard let reason = device.picked.value else { continue }
        text.append("  Of its card \(Self.printable(device.description)) is taken: \(reason).")
      }
    }
    if !devices.cards.isEmpty {
      text.append(Style.bold("Cards", if: isColored))
      text += whole(
        devices.cards.map { card in
          [
            .init(" "), .init(Self.printable(card.description)), .init(card.profile.value ?? "-"),
            .init(Self.printable(card.match), .cyan),
          ]
        })
    }
    lines(text.isEmpty ? ["The sound server has no device."] : text)
  }

  /// Default mark, name, volume, channels and rate, plug, and what to write in a profile.
  private func cells(_ device: DeviceList.DeviceObject) -> [Table.Cell] {
    let port = device.ports.first { $0.name == device.activePort.value }
    let plug = port.map { $0.description + ($0.available == Availability.no.rawValue ? " (unplugged)" : "") }
    return [
      .init(device.isDefault ? "*" : " ", .green), .init(Self.printable(device.description)),
      .init(device.mute ? "muted" : Self.volume(device.volume)), .init(Self.format(device)), .init(Self.printable(plug ?? "")),
      OwnDevice.isOne(device.name) ? .init("made by hproute", .dim) : .init("match = \(Self.printable(device.match))", .cyan),
    ]
  }

  /// `2 ch 48 kHz`
  private static func format(_ device: DeviceList.DeviceObject) -> String {
    let channels = "\(device.channels.count) ch"
    guard let rate = device.rate.value else { return channels }
    let tenths = (rate + 50) / 100
    return "\(channels) \(tenths / 10)\(tenths % 10 == 0 ? "" : ".\(tenths % 10)") kHz"
  }

  /// `45% -20.8 dB` of the loudest channel.
  static func volume(_ channels: [VolumeObject]) -> String {
    guard let loudest = channels.max(by: { $0.percent < $1.percent }) else { return "" }
    return VolumeText.both(Volume(percent: loudest.percent))
  }

  /// Rows as a table if it fits as it is. Else the mark and the name stand in a line, and the rest below: by its name a device is
  /// known in every mixer, and by its match in a profile.
  private func whole(_ rows: [[Table.Cell]]) -> [String] {
    var all = Table(flexible: [])
    rows.forEach { all.add($0) }
    let lines = all.lines(width: nil, color: false)
    guard let width = terminalWidth, lines.contains(where: { Table.width($0) + 2 > width }) else { return table(all, indent: 2) }
    return rows.flatMap { row in
      var lines: [(text: String, width: Int)] = []
      for cell in row.dropFirst(2) where !cell.text.isEmpty {
        let text = cell.style.map { $0(cell.text, if: isColored) } ?? cell.text
        let size = Table.width(cell.text)
        if let last = lines.last, last.width + 2 + size <= width {
          lines[lines.count - 1] = (last.text + "  " + text, last.width + 2 + size)
        } else {
          lines.append((String(repeating: " ", count: 7) + text, 7 + size))
        }
      }
      return ["  \(row[0].text)  \(row[1].text)"] + lines.map(\.text)
    }
  }
}
