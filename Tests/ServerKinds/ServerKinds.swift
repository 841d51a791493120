import AudioGraph
import Foundation
import TestSupport

// Tells which of the slow suites show nothing new on a server, because they have run on one that is of the same kind for them.
//
//   ServerKinds SERVER... SERVER      as in pulseaudio=16.1; the last is the one in question
//
// Prints their names, one a line.

let servers = CommandLine.arguments.dropFirst().map { word -> ServerTraits in
  let parts = word.split(separator: "=").map(String.init)
  let numbers = parts.last?.split(whereSeparator: { !$0.isNumber }).map { Int($0) ?? 0 } ?? []
  guard parts.count == 2, let kind = ServerInfo.Kind(rawValue: parts[0]), numbers.count > 1 else {
    FileHandle.standardError.write(Data("ServerKinds: '\(word)' is no server.\n".utf8))
    exit(64)
  }
  return ServerTraits(kind, major: numbers[0], minor: numbers[1])
}
guard let server = servers.last else { exit(64) }
for suite in SlowSuite.spare(on: server, after: servers.dropLast()) { print(suite.rawValue) }
