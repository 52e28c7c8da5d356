/// The rows of the help: what works here first, then everything by group.
struct HelpContent {
  /// One row.
  enum Row: Equatable {
    case heading(String)
    case entry(keys: String, command: Command, disabledReason: String?)
    case blank
  }

  let rows: [Row]

  /// Collects the rows for the place the help was asked for, filtered.
  init(_ state: StudioState, overlay: HelpOverlay) {
    let words = overlay.filter.text.lowercased().split(separator: " ").map(String.init)
    let bindings = state.keymap.effectiveBindings(in: overlay.context)
    var keys: [String: [String]] = [:]
    for binding in bindings { keys[binding.run, default: []].append(binding.shortKeysText) }
    let entries = CommandTable.standard.commands.compactMap { command -> Row? in
      let keysText = keys[command.name]?.joined(separator: " ") ?? ""
      guard !keysText.isEmpty || !command.isMove else { return nil }
      if !words.isEmpty {
        let text = "\(keysText) \(command.title) \(command.name) \(command.help)".lowercased()
        guard words.allSatisfy({ text.contains($0) }) else { return nil }
      }
      return .entry(
        keys: keysText, command: command, disabledReason: command.disabledReason(in: state))
    }
    let here = Set(bindings.filter { $0.context == overlay.context }.map(\.run))
    var rows: [Row] = []
    func append(_ title: String, _ matches: (Command) -> Bool) {
      let section = entries.filter {
        if case .entry(_, let command, _) = $0 { matches(command) } else { false }
      }
      guard !section.isEmpty else { return }
      if !rows.isEmpty { rows.append(.blank) }
      rows.append(.heading(title))
      rows += section
    }
    append("Here: \(overlay.context.title)") { here.contains($0.name) }
    for group in CommandGroup.allCases {
      append(group.title) { $0.group == group && !here.contains($0.name) }
    }
    self.rows = rows
  }
}

extension KeymapContext {
  /// What the context is called in the help.
  var title: String {
    switch self {
    case .global: "everywhere"
    case .viewport: "portrait"
    case .views: "views"
    case .lights: "lights"
    case .environment: "environment"
    case .material: "material"
    case .picture: "picture"
    case .meter: "light meter"
    case .overlay: "any overlay"
    case .help: "help"
    case .messages: "messages"
    case .palette: "command palette"
    case .picker: "picker"
    case .prompt: "prompt"
    case .tasks: "tasks"
    case .dialog: "open dialog"
    case .confirm, .question: "question"
    }
  }
}
