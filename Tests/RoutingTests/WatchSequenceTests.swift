import AudioGraph
import Routing
import SeededRandom
import Testing

/// A world of devices, people and accidents around a watch, in random order: whatever happens, when it has become quiet
/// the right profile is in force, and the watch asks for nothing any more.
@Suite(.timeLimit(.minutes(45))) struct WatchSequenceTests {
  struct World {
    /// What each profile needs, and how much it is preferred; `hand` is only ever applied by hand.
    static let profiles: KeyValuePairs = ["one": ("a", 1), "two": ("b", 2), "hand": ("c", 0)]

    var random: SeededRandom
    var watch = Watch()
    var now = Duration.zero
    var devices: [String: UInt32] = [:]
    var counter: UInt32 = 0
    var record = Situation.Record.nothing
    var isServerThere = true
    var isConnected = false
    var isBroken = false
    var lastDeviceChange = Duration.zero
    /// When it began that the watch has not come to a decision.
    var unrest = Duration.zero
    var isSettled: Bool { now - lastDeviceChange >= Watch.settlingTime || now - unrest >= Watch.longestSettling }
    /// What a person has done last, and what would have been chosen then; as the rule of the design has it.
    var hand: (profile: String?, choice: String?)?
    var pending: [WatchAction] = []
    var tasks = 0

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    var choice: String? { devices["b"] != nil ? "two" : devices["a"] != nil ? "one" : nil }

    var situation: Situation {
      let presences = Set(devices.map { Presence(.sink, name: $0.key, index: $0.value) })
      var fits: [String: Situation.Fit] = [:]
      for (name, (device, _)) in Self.profiles {
        fits[name] = devices[device].map { .present([Presence(.sink, name: device, index: $0)]) } ?? .absent("no \(device)")
      }
      return Situation(presences: presences, choice: choice, fits: fits, revisions: fits.mapValues { _ in 1 }, record: record)
    }

    // MARK: - What the driver does

    mutating func send(_ event: WatchEvent) {
      var events = [event]
      while !events.isEmpty {
        for action in watch.handle(events.removeFirst(), at: now) { events += perform(action) }
      }
    }

    mutating func perform(_ action: WatchAction) -> [WatchEvent] {
      switch action {
      case .tell, .lower: return []
      case .connect:
        isConnected = isServerThere
        unrest = now
        return isServerThere ? [.connected, .saw(situation)] : [.lost("no server")]
      case .apply(let name, _, _):
        tasks += 1
        #expect(isConnected, "an apply without a server")
        #expect(isSettled, "an apply before it has settled")
        unrest = now
        guard !isBroken, case .present(let presences)? = situation.fits[name] else {
          return [.finished(.failed("broken", record))]
        }
        record = .applied(name)
        return [.finished(.applied(name, presences, record, isNews: true)), .saw(situation)]
      case .revert, .restorePending:
        tasks += 1
        #expect(isSettled, "a revert before it has settled")
        unrest = now
        record = .nothing
        return [.finished(.reverted(record)), .saw(situation)]
      case .putBack, .place: return [.finished(.putBack)]
      }
    }

    /// Lets time pass, with every timer that is asked for.
    mutating func pass(_ duration: Duration) {
      let end = now + duration
      var steps = 0
      while let wake = watch.wakeAt, wake <= end {
        now = max(now, wake)
        send(.timer)
        steps += 1
        guard steps < 2_000 else {
          Issue.record("it does not come to rest")
          return
        }
      }
      now = end
    }

    // MARK: - What happens

    mutating func step() {
      switch Int.random(in: 0..<12, using: &random) {
      case 0...4:
        let name = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
        counter += 1
        if devices[name] == nil || Bool.random(using: &random) { devices[name] = counter } else { devices[name] = nil }
        lastDeviceChange = now
      case 5:
        if isServerThere {
          (isServerThere, isConnected) = (false, false)
          send(.lost("gone"))
          // Its modules and devices come anew.
          for name in devices.keys {
            counter += 1
            devices[name] = counter
          }
        } else {
          isServerThere = true
        }
        lastDeviceChange = now
      case 6: isBroken.toggle()
      case 7 where isConnected, 8 where isConnected:
        let names = Self.profiles.filter { devices[$0.value.0] != nil }.map(\.key)
        let name = Bool.random(using: &random) ? names.randomElement(using: &random) : nil
        let new: Situation.Record = name.map { .applied($0) } ?? .nothing
        if record != new { hand = (name, choice) }
        record = new
      default: break
      }
      if watch.phase != .settling { unrest = now }
      if isConnected { send(.saw(situation)) }
      pass(.milliseconds([0, 50, 200, 400, 2_000].randomElement(using: &random) ?? 0))
    }

    /// What should be in force once all is quiet.
    mutating func expected() -> String? {
      guard let (profile, then) = hand else { return choice }
      let fits = profile.map { name in Self.profiles.contains { $0.key == name && devices[$0.value.0] != nil } } ?? false
      if choice == then { return fits ? profile : nil }
      // Its time is over, unless there is nothing to put in its place.
      if choice == nil, fits {
        hand = (profile, nil)
        return profile
      }
      hand = nil
      return choice
    }
  }

  /// Something that comes and goes for ever keeps neither a profile nor what is held waiting for longer than a second.
  @Test(arguments: [20, 50, 299]) func somethingThatDoesNotSettle(milliseconds: Int) {
    var world = World(seed: 1)
    world.send(.begin)
    world.pass(.seconds(1))
    world.devices["a"] = 1
    let start = world.now
    while world.record != .applied("one") && world.now < start + .seconds(3) {
      world.counter += 1
      world.devices["d"] = world.devices["d"] == nil ? world.counter : nil
      world.lastDeviceChange = world.now
      world.send(.saw(world.situation))
      // Nobody tells that time has passed: there is always something new.
      world.now += .milliseconds(milliseconds)
    }
    #expect(world.now - start <= Watch.longestSettling + .milliseconds(2 * milliseconds), "\(world.now - start)")
    #expect(world.tasks == 1)
  }

  @Test(arguments: 0..<40) func whateverHappens(seed: UInt64) {
    for number in 0..<25 {
      var world = World(seed: seed &* 1_000_003 &+ UInt64(number))
      world.send(.begin)
      for _ in 0..<Int.random(in: 1...30, using: &world.random) {
        world.step()
        // The rule looks at what has settled, and not at what was in between.
        if [.resting, .pausing, .resigned].contains(world.watch.phase) { _ = world.expected() }
      }
      (world.isServerThere, world.isBroken) = (true, false)
      world.pass(.seconds(1))
      if world.isConnected { world.send(.saw(world.situation)) }
      // What was given up is taken up when something changes.
      world.counter += 1
      world.devices["d"] = world.counter
      world.lastDeviceChange = world.now
      world.send(.saw(world.situation))
      world.pass(.seconds(120))
      #expect(world.watch.phase == .resting && world.watch.wakeAt == nil, "seed \(seed), \(number): \(world.watch.phase)")
      let tasks = world.tasks
      world.send(.saw(world.situation))
      world.pass(.seconds(600))
      #expect(world.tasks == tasks, "seed \(seed), \(number): it goes on")
      let found: String? = if case .applied(let name) = world.record { name } else { nil }
      #expect(
        found == world.expected(),
        "seed \(seed), \(number): choice \(world.choice ?? "none"), hand \(String(describing: world.hand))")
    }
  }
}
