internal import Foundation

/// A test tone.
public struct Tone: Sendable {
  /// In hertz.
  public var frequency: Double
  /// That of the right channel, where it is another one. Below zero it is upside down.
  public var right: Double
  /// The largest sample, 1 at full scale.
  public var peak: Float

  public init(frequency: Double, right: Double? = nil, peak: Float) {
    self.frequency = frequency
    self.right = right ?? frequency
    self.peak = peak
  }

  public static let silence = Tone(frequency: 100, peak: 0)

  /// A file with the tone in stereo, 32-bit floating point, 48,000 samples a second.
  func file(in directory: TemporaryDirectory, seconds: Int) throws -> String {
    if peak == 0 { return "/dev/zero" }
    let file = "\(directory.path)/\(frequency)-\(right)-\(peak).f32"
    // One second holds whole periods of every frequency that is a whole number.
    let second = (0..<48_000).flatMap { index -> [Float] in
      [frequency, right].map { peak * Float(sin(2 * .pi * $0 * Double(index) / 48_000)) }
    }
    let bytes = second.withUnsafeBytes { Data($0) }
    guard FileManager.default.createFile(atPath: file, contents: nil), let handle = FileHandle(forWritingAtPath: file) else {
      throw CocoaError(.fileWriteUnknown)
    }
    defer { try? handle.close() }
    for _ in 0..<seconds { try handle.write(contentsOf: bytes) }
    return file
  }
}

/// What a source hears, from the moment this exists.
public final class Recording {
  private let program: Program
  let file: String

  public init(of source: String, on server: PrivateServer) throws {
    file = "\(server.directory.path)/\(source).\(UInt32.random(in: 0 ... .max)).f32"
    program = try Program(
      [
        "sh", "-c",
        // WirePlumber would take it along when the default changes.
        "exec parec --raw --format=float32le --rate=48000 --channels=2 --latency-msec=10 "
          + "--property=node.dont-reconnect=true --device=\"$0\" > \"$1\"",
        source, file,
      ], environment: server.environment, log: "\(server.directory.path)/parec.log")
    guard eventually({ sampleCount > 0 }) else {
      throw PrivateServer.Failed(description: "nothing is heard from \(source): \(program.logText)")
    }
  }

  private var sampleCount: Int {
    let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
    return size / MemoryLayout<Float>.size
  }

  /// Waits until so many more seconds have been heard.
  public func listen(seconds: Double) -> Bool {
    let goal = sampleCount + Int(seconds * 96_000)
    return eventually(within: seconds * 20 + 5) { sampleCount >= goal }
  }

  /// The loudest sample heard so far.
  public func peak(afterSample start: Int = 0) -> Float {
    guard let data = FileManager.default.contents(atPath: file) else { return 0 }
    return data.withUnsafeBytes { bytes in
      let samples = bytes.prefix(bytes.count / 4 * 4).bindMemory(to: Float.self)
      // What is not a number would hide behind every comparison.
      return samples.dropFirst(start).reduce(0) { $1.isFinite ? max($0, abs($1)) : .infinity }
    }
  }

  /// How many samples have been heard, for looking at what comes later.
  public var position: Int { sampleCount }
}
