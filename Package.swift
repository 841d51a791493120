// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let customDump: Target.Dependency = .product(name: "CustomDump", package: "swift-custom-dump")

let package = Package(
  name: "hproute",
  products: [.executable(name: "hproute", targets: ["hproute"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/pointfreeco/swift-custom-dump", from: "1.7.3"),
  ],
  targets: [
    .systemLibrary(name: "CPulse", providers: [.apt(["libpulse-dev"])]),
    .target(name: "AudioGraph", swiftSettings: settings),
    .target(name: "PulseAudio", dependencies: ["AudioGraph", "CPulse"], swiftSettings: settings),
    .target(name: "Routing", dependencies: ["AudioGraph", systemPackage], swiftSettings: settings),
    .executableTarget(
      name: "hproute",
      dependencies: ["AudioGraph", "PulseAudio", "Routing", argumentParser, systemPackage],
      swiftSettings: settings),

    .target(
      name: "TestSupport",
      dependencies: ["AudioGraph", "Routing", "SeededRandom", customDump],
      path: "Tests/TestSupport",
      swiftSettings: settings),
    .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: settings),
    .executableTarget(
      name: "ProfileFuzzer", dependencies: ["Routing", "SeededRandom"], path: "Tests/ProfileFuzzer", swiftSettings: settings),
    .executableTarget(name: "Torture", dependencies: ["TestSupport"], path: "Tests/Torture", swiftSettings: settings),
    .executableTarget(
      name: "ServerKinds", dependencies: ["AudioGraph", "TestSupport"], path: "Tests/ServerKinds", swiftSettings: settings),
    .executableTarget(
      name: "RandomDesks", dependencies: ["TestSupport"], path: "Tests/RandomDesks", swiftSettings: settings),
    .testTarget(
      name: "AudioGraphTests", dependencies: ["AudioGraph", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "RoutingTests",
      dependencies: ["Routing", "AudioGraph", "TestSupport", "SeededRandom", systemPackage],
      exclude: ["Pace", "Plans", "Watch"],
      swiftSettings: settings),
    .testTarget(
      name: "PulseAudioTests",
      dependencies: ["PulseAudio", "AudioGraph", "CPulse", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "HProuteTests", dependencies: ["hproute", "PulseAudio", "Routing", "AudioGraph", "TestSupport"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
