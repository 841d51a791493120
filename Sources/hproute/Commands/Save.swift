internal import ArgumentParser
internal import AudioGraph
internal import Glibc
internal import PulseAudio
internal import Routing
internal import SystemPackage

struct Save: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "save",
    abstract: "Write the present state as a profile of your own.",
    discussion:
      "The default output and input, with their cards, ports and volumes, and the monitors that run. While a profile is applied: "
      + "that profile as the base, and what differs from it. To apply it at once changes nothing. What cannot be named so that "
      + "it could be applied is left out and listed."
  )

  @Argument(help: "The name of the profile.")
  var name: String

  @Flag(help: "Replace the profile if it is there already.")
  var force = false

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output)
      let path = try path(session)
      let server = try session.connect()
      let graph = try session.graph(of: server)
      guard graph.server.defaultSink != nil else { throw CommandFailure(.plan(.noDefaultSink)) }
      let state = try session.stateDirectory()
      // What is wrong with what is written down is told by who needs it.
      let journal = (try? session.journal(in: state, of: graph, at: server.canonicalAddress)) ?? nil
      let plan = { profile in
        Result { () throws(PlanError) in try session.planner.plan(profile, in: graph, after: journal, at: server.canonicalAddress)
        }
      }
      let saved =
        difference(session, graph, journal, path, plan) ?? SavedState(graph, name: ProfileStore.name(of: name), plan: plan)
      try session.write(saved.text, to: path, isNew: !force)
      let transaction = session.transaction(server, state)
      output.print(
        SavedProfile(name: ProfileStore.name(of: name), path: path.string, saved),
        remarks: remarks(session, saved.text, transaction, path))
      return 0
    }
  }

  /// What differs from the profile that is applied, so that its limits, rules, hooks and labels stay; nil if there is none, or
  /// that does not say all.
  private func difference(
    _ session: Session, _ graph: Graph, _ journal: Journal?, _ path: FilePath, _ plan: (Profile) -> Result<Plan, PlanError>
  ) -> SavedState? {
    guard let journal, let applied = journal.appliedProfile, let entry = try? session.store.find(applied),
      entry.reference == entry.name, var profile = session.store.profile(entry)
    else { return nil }
    profile.on = journal.on
    var switched = Controls()
    switched.monos = journal.controls.monos
    profile = profile.under(switched)
    guard let found = try? plan(profile).get() else { return nil }
    let head = "# \(entry.name), and what was otherwise when 'hproute save \(ProfileStore.name(of: name))' was typed.\n\n"
    let isInPlace = path.string == entry.path
    let start = isInPlace ? (try? session.store.source(entry))?.text ?? "" : "\(head)[profile]\nbase = \(entry.name)\n"
    // A profile of another name does not know which of several devices this one has taken.
    for naming in profile.on.isEmpty ? [false, true] : [true] {
      let difference = SavedDifference(graph, from: profile, found, monos: switched.monos, naming: naming)
      var editor = ProfileEditor(start)
      for edit in difference.edits { editor.set(edit.key, edit.value, in: edit.section) }
      guard difference.isComplete else { return nil }
      if let saved = session.store.parse(editor.text, as: path.string).profile, (try? plan(saved).get()) != nil {
        return SavedState(text: editor.text, left: difference.left)
      }
    }
    return nil
  }

  private func path(_ session: Session) throws(CommandFailure) -> FilePath {
    let profile = ProfileStore.name(of: name)
    guard !name.contains("/"), ProfileStore.isName(profile) else { throw CommandFailure(.badName(name)) }
    let path = try session.ownPath(profile)
    // Nor does it take the place of one that came along, unless somebody says so.
    if !force, let former = Files.exists(path) ? path.string : (try? session.store.find(profile))?.path {
      throw CommandFailure(existing: former, profile)
    }
    return path
  }

  /// What somebody might not expect.
  private func remarks(_ session: Session, _ text: String, _ transaction: Transaction, _ path: FilePath) -> [String] {
    let name = ProfileStore.name(of: name)
    var remarks: [String] = []
    if let first = try? session.store.find(name), first.path != path.string {
      remarks.append("'hproute apply \(name)' takes \(first.path), which comes before it.")
    }
    guard let profile = session.store.parse(text, as: path.string).profile,
      let (plan, _) = try? transaction.plan(profile)
    else {
      return remarks + ["'hproute plan \(name)' tells why it cannot be applied as things are now."]
    }
    if !plan.isEmpty {
      remarks.append("The saved profile does not cover everything; 'hproute plan \(name)' shows the difference.")
    }
    return remarks
  }
}

/// A profile that was written.
struct SavedProfile: Encodable {
  var name: String
  var path: String
  var text: String
  /// What of the present state is not in it.
  var left: [ReportObject.LeftObject]

  init(name: String, path: String, _ saved: SavedState) {
    (self.name, self.path, text) = (name, path, saved.text)
    left = saved.left.map { ReportObject.LeftObject(object: $0.object, reason: $0.reason) }
  }
}

extension Output {
  func print(_ saved: SavedProfile, remarks: [String]) {
    remarks.forEach(warn)
    if isJSON { return print(json: saved) }
    line("\(Style.bold(saved.name, if: isColored)) saved: \(Output.printable(saved.path))")
    lines(saved.left.map { "  left out: \(Output.printable($0.object)): \(Output.printable($0.reason))" })
    line("'hproute show \(saved.name)' prints it, 'hproute apply \(saved.name)' brings it back.")
  }
}
