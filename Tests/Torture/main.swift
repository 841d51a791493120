import Foundation
import TestSupport

// Walks through every packet of an apply, of a switch from one profile to another, of a revert and of a key, with every fault, on
// both sound servers: see Campaign.
//
//   Torture [SERVER|COMMAND|FAULT|then-REMEDY|stride=N|first=N]... [jobs=N]
//
// Prints what does not hold as it is found, and in the end how many cases there were and how many held.

/// Not held back until the end, as 'print' does where nobody looks.
func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

func campaign(_ words: ArraySlice<String>) -> Campaign? {
  var campaign = Campaign()
  var (servers, commands, faults, remedies): ([ServerKind], [Campaign.Command], [Fault], [Campaign.Remedy]) = ([], [], [], [])
  for word in words {
    let parts = word.split(separator: "=", maxSplits: 1)
    if let server = ServerKind(rawValue: word) {
      servers.append(server)
    } else if let command = Campaign.Command(rawValue: word) {
      commands.append(command)
    } else if let fault = Fault(rawValue: word) {
      faults.append(fault)
    } else if word.hasPrefix("then-"), let remedy = Campaign.Remedy(rawValue: String(word.dropFirst(5))) {
      remedies.append(remedy)
    } else if parts.count == 2, parts[0] == "stride", let number = Int(parts[1]), number > 0 {
      campaign.stride = number
    } else if parts.count == 2, parts[0] == "first", let number = Int(parts[1]), number >= 0 {
      campaign.first = number
    } else {
      say("Torture: there is no '\(word)'.")
      return nil
    }
  }
  if !servers.isEmpty { campaign.servers = servers }
  if !commands.isEmpty { campaign.commands = commands }
  if !faults.isEmpty { campaign.faults = faults }
  if !remedies.isEmpty { campaign.remedies = remedies }
  return campaign
}

var words = CommandLine.arguments.dropFirst()
var jobs = 1
if let word = words.last, word.hasPrefix("jobs="), let number = Int(word.dropFirst(5)), number > 0 {
  jobs = number
  words.removeLast()
}
guard let campaign = campaign(words) else { exit(64) }
do {
  let start = ContinuousClock.now
  let tally = try campaign.run(jobs: jobs) { say($0) }
  say("in \((ContinuousClock.now - start).components.seconds) s")
  say("cases \(tally.cases), held \(tally.held)")
  exit(tally.cases > 0 && tally.failures.isEmpty ? 0 : 1)
} catch {
  say("\(error)")
  exit(2)
}
