internal import ArgumentParser
internal import AudioGraph
internal import Routing

struct MonitorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitor",
    abstract: "Hear yourself, or not: the monitors of the profile that is applied.",
    discussion: """
      A monitor that is off is muted, and can be heard again at once. It stays so until a profile is applied, and goes with \
      the rest when it is reverted.
      """)

  @Argument(help: "'on', 'off' or 'toggle'.")
  var position: SwitchPosition

  @Argument(help: "The label of a [monitor] section; all of them if there is none.")
  var label: String?

  @OptionGroup var options: GlobalOptions

  func run() throws {
    var isOn = false
    try options.settings.change { session throws(CommandFailure) in
      try session.change { transaction, _ throws(CommandFailure) in
        guard let journal = try transaction.appliedJournal(), let profile = try session.profileInForce(journal) else {
          throw CommandFailure(
            exitCode: 64, sentence: "no profile is applied, so there is no monitor to switch. Apply one that has a [monitor].")
        }
        let labels = try labels(of: profile)
        isOn = position == .toggle ? try !transaction.isAnyHeard(of: profile, labels, journal.controls) : position == .on
        var controls = journal.controls
        for label in labels { controls.monitors[label] = isOn }
        return try transaction.switchMonitors(of: profile, labels, controls)
      }
    } headline: { report in
      report.failure == nil ? Self.headline(report, isOn: isOn) : nil
    }
  }

  /// Whether one hears oneself now.
  private static func headline(_ report: Report, isOn: Bool) -> String {
    let heard = report.now?.monitors.filter(\.isHeard) ?? []
    let list = heard.map { "\($0.from.title) in \($0.to.title), \(Heard.decibels($0.volume))" }.joined(separator: "; ")
    if !isOn { return heard.isEmpty ? "Monitor off: you do not hear yourself." : "Monitor off. Still heard: \(list)." }
    return heard.isEmpty
      ? "Monitor on, but nothing is heard: a device is muted or not connected. 'hproute doctor' says which."
      : "Monitor on: \(list)."
  }

  private func labels(of profile: Profile) throws(CommandFailure) -> [String] {
    let all = profile.monitors.map(\.label)
    guard !all.isEmpty else {
      throw CommandFailure(exitCode: 64, sentence: "\(profile.name) has no [monitor].", objects: [profile.name])
    }
    guard let label else { return all }
    guard all.contains(label) else {
      let hint =
        Suggestion.nearest(to: label, among: all).map { "Did you mean '\($0)'?" } ?? "It has: \(all.joined(separator: ", "))."
      throw CommandFailure(exitCode: 64, sentence: "\(profile.name) has no [monitor \(label)]. \(hint)", objects: [label])
    }
    return [label]
  }
}

extension Transaction {
  /// Whether one of the monitors is loaded and not muted.
  fileprivate func isAnyHeard(of profile: Profile, _ labels: [String], _ controls: Controls) throws(CommandFailure) -> Bool {
    try failing { () throws(Failure) in
      let (plan, graph) = try plan(profile.under(controls))
      return labels.compactMap { plan.monitors[$0] }.contains { graph.stream(of: .loopback($0)).map { !$0.isMuted } ?? false }
    }
  }

  fileprivate func switchMonitors(of profile: Profile, _ labels: [String], _ controls: Controls) throws(CommandFailure)
    -> Report
  {
    try failing { () throws(Failure) in
      try adjust(profile, controls: controls) { plan, _ in
        Set(labels.compactMap { plan.monitors[$0] }.flatMap { [.module($0), .mute(.loopback($0)), .volume(.loopback($0))] })
      }
    }
  }
}
