internal import AudioGraph
internal import PulseAudio
internal import Routing

/// How loud some devices are, as long as they are there.
struct LevelMeters {
  /// What a device carries.
  struct Level {
    var device: NamedDevice
    /// One for each of its channels.
    var channels: [ChannelLevel]
    /// Nil while it is away, or sleeps.
    fileprivate var meter: PeakMeter?

    /// Whether nothing has come of it, which is so as long as it sleeps.
    var isAsleep: Bool { channels.allSatisfy { $0.count == 0 } }
  }

  private(set) var levels: [Level] = []
  private let session: Session
  private let server: SoundServer
  private let names: [String]
  private var retryAt: ContinuousClock.Instant?

  /// - Parameter names: as they are typed; those that are of interest in any case if there are none.
  init(_ session: Session, _ server: SoundServer, _ names: [String]) {
    (self.session, self.server, self.names) = (session, server, names)
  }

  /// - Throws: what is not there, or could be several devices.
  mutating func begin() throws(CommandFailure) {
    do { try server.listenForDevices(withStreams: false) } catch { throw CommandFailure(Failure(error)) }
    let graph = try session.graph(of: server)
    let devices = try session.devices(named: names, in: graph, at: server.canonicalAddress)
    guard !devices.isEmpty else {
      throw CommandFailure(exitCode: 3, sentence: "there is no output and no input. 'hproute devices' shows what there is.")
    }
    try listen(to: devices)
  }

  /// Goes on with those that are the same; a device that is back is another one. Any stream wakes a device on PipeWire.
  private mutating func listen(to devices: [NamedDevice]) throws(CommandFailure) {
    var levels: [Level] = []
    for device in devices {
      if let level = self.levels.first(where: {
        // On PipeWire 1.4 a stream outlives its device, and joins no other.
        $0.meter != nil && $0.device.source == device.source && $0.device.device.index == device.device.index
          && $0.device.device.channelMap == device.device.channelMap
      }) {
        levels.append(Level(device: device, channels: level.channels, meter: level.meter))
        continue
      }
      let map = device.device.channelMap
      var meter: PeakMeter?
      let isLeftAsleep = names.isEmpty && device.device.state == .suspended
      do {
        meter = try (isLeftAsleep ? nil : device.source).map { source throws(ServerError) in
          try PeakMeter(source, map, isWaking: !names.isEmpty, on: server)
        }
      } catch { throw CommandFailure(Failure(error)) }
      levels.append(Level(device: device, channels: map.positions.map { _ in ChannelLevel() }, meter: meter))
    }
    self.levels = levels
    retryAt = nil
  }

  /// Takes in what has been heard since the last time.
  mutating func listen() throws(CommandFailure) {
    guard server.isOpen else { throw CommandFailure(.server(.connectionLost(reason: "the sound server has ended"))) }
    // A device that has just come may not let itself be listened to yet.
    if server.hasNews || retryAt.map({ $0 <= .now }) ?? false {
      let graph = try session.graph(of: server)
      // What is named and has left may come back.
      if let devices = try? session.devices(named: names, in: graph, at: server.canonicalAddress) { try listen(to: devices) }
    }
    let now = ContinuousClock.now
    for place in levels.indices {
      for channel in levels[place].channels.indices { levels[place].channels[channel].beginPeriod(at: now) }
      do throws(ServerError) {
        for peaks in try levels[place].meter?.take() ?? [] {
          for (channel, peak) in zip(levels[place].channels.indices, peaks) {
            levels[place].channels[channel].take(peak, at: now)
          }
        }
      } catch {
        levels[place].meter = nil
        retryAt = now + .seconds(1)
      }
    }
  }
}
