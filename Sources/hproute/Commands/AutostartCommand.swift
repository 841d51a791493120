internal import ArgumentParser
internal import Routing

struct AutostartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "autostart",
    abstract: "Apply profiles automatically from login.",
    discussion: "It is 'hproute watch' that is started: as a service of your systemd, or by your desktop if there is none.",
    subcommands: [Enable.self, Disable.self, Status.self])

  struct Enable: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "enable",
      abstract: "Start at every login, and now if systemd is available.",
      discussion: "A profile that is named is applied at login and when its devices come, as if it said 'auto = yes'.")

    @Argument(help: "The name of a profile; without one, those that say 'auto = yes' are chosen from.")
    var profile: String?

    @OptionGroup var options: GlobalOptions

    func run() throws {
      try options.settings.run { output, _ throws(CommandFailure) in
        let session = Session(settings: options.settings, output: output)
        let environment = Environment()
        let names = try profile.map { name throws(CommandFailure) in [try Self.name(name, session)] } ?? []
        if names.isEmpty { try Self.requireCandidate(session) }
        guard let item = LoginItem.suitable(environment) else {
          throw CommandFailure(
            exitCode: 74, sentence: "neither HOME nor XDG_CONFIG_HOME is set, so there is no place to write to.")
        }
        let command = LoginCommand(profiles: names, settings: options.settings, environment)
        // One is enough.
        for other in LoginItem.installed(environment) where other.method != item.method { try other.disable() }
        let text = try item.enable(command)
        output.print(AutostartReport(item, isActive: item.isActive()), verb: "enabled", text: text)
        return 0
      }
    }

    private static func name(_ argument: String, _ session: Session) throws(CommandFailure) -> String {
      guard !argument.contains("/") else {
        throw CommandFailure(
          exitCode: 64,
          sentence: "autostart takes the name of a profile, and no path: put the file into ~/.config/hproute/profiles.",
          objects: [argument])
      }
      return try session.profile(argument).name
    }

    private static func requireCandidate(_ session: Session) throws(CommandFailure) {
      let profiles = session.store.all().filter { !$0.isShadowed }.compactMap(session.store.profile)
      guard !profiles.contains(where: \.auto) else { return }
      let names = profiles.map(\.name)
      let list = names.isEmpty ? "There is no profile yet." : "There is: \(names.joined(separator: ", "))."
      throw CommandFailure(
        exitCode: 64,
        sentence: "no profile says 'auto = yes', so there is nothing to choose from. Name one, as in 'hproute autostart enable "
          + "\(names.first ?? "studio")'. \(list)", objects: names)
    }
  }

  struct Disable: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "disable", abstract: "Undo what enable did. The profile that is applied stays applied.")

    @OptionGroup var options: GlobalOptions

    func run() throws {
      try options.settings.run { output, _ throws(CommandFailure) in
        let items = LoginItem.installed(Environment())
        var removed: [String] = []
        for item in items { removed += try item.disable() }
        output.print(
          AutostartReport(nil, isActive: nil), verb: items.isEmpty ? "was not enabled" : "disabled", removed: removed)
        return 0
      }
    }
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status", abstract: "Say whether it is enabled, how, and whether it runs.")

    @OptionGroup var options: GlobalOptions

    func run() throws {
      try options.settings.run { output, _ throws(CommandFailure) in
        let item = LoginItem.installed(Environment()).first
        output.print(
          AutostartReport(item, isActive: item?.isActive()),
          verb: item == nil ? "not enabled" : "enabled")
        return 0
      }
    }
  }
}
