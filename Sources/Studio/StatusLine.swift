import TerminalCells

/// The line at the top: program, file, what is on show.
enum TitleLine {
  static func draw(_ state: StudioState, in line: Rect, with painter: inout Painter) {
    painter.clear(line, role: .title)
    let right = right(state)
    painter.rightText(right, endColumn: line.endColumn, row: line.row, role: .title, in: line)
    let room = line.splitRight(right.terminalColumns).rest
    var column = painter.text(
      " chiaro ", column: room.column, row: room.row, role: .titleProgram, in: room)
    guard state.document.path != nil else { return }
    let name = state.document.title.fittedKeepingEnd(max(0, room.endColumn - column - 4))
    column = painter.text(" \(name)", column: column, row: room.row, role: .title, in: room)
    if state.document.isModified {
      painter.text(" ●", column: column, row: room.row, role: .titleModified, in: room)
    }
    for tab in tabs(state, in: line) {
      painter.text(tab.text, column: tab.rect.column, row: room.row, role: .title, in: room)
    }
  }

  /// The other open portraits, as many as fit; each can be clicked.
  static func tabs(_ state: StudioState, in line: Rect) -> [(text: String, rect: Rect)] {
    let end = line.endColumn - right(state).terminalColumns
    let own = " chiaro  \(state.document.title)\(state.document.isModified ? " ●" : "")"
    var column = line.column + own.terminalColumns
    var tabs: [(text: String, rect: Rect)] = []
    for other in state.others {
      let text = " │ \(other.title)\(other.isModified ? " ●" : "")"
      guard column + text.terminalColumns < end else { break }
      tabs.append(
        (text, Rect(column: column, row: line.row, columns: text.terminalColumns, rows: 1)))
      column += text.terminalColumns
    }
    return tabs
  }

  private static func right(_ state: StudioState) -> String {
    let look =
      state.document.isModified ? "\(state.visibleLook.rig.name)*" : state.visibleLook.rig.name
    return state.document.path == nil ? "" : "\(state.effectiveView.title) · \(look) "
  }
}

/// The line of messages, with work under way on its right.
enum StatusLine {
  /// Whether there is something that low screens should show instead of the hints.
  static func hasNews(_ state: StudioState) -> Bool {
    state.messages.current != nil || !state.interface.pendingKeys.isEmpty
  }

  static func draw(_ state: StudioState, in line: Rect, with painter: inout Painter) {
    painter.clear(line, role: .hint)
    let right = activity(state)
    painter.rightText(
      right, endColumn: line.endColumn - 1, row: line.row, role: .textDim, in: line)
    let room = line.splitRight(right.isEmpty ? 0 : right.terminalColumns + 2).rest
    guard let message = state.messages.current else {
      if let job = state.jobs.decomposition {
        DecompositionStage.drawAll(upTo: job.stage, in: room.inset(columns: 1), with: &painter)
      }
      return
    }
    let role = message.level.role
    let end = painter.text(
      " \(message.level.mark) ", column: room.column, row: room.row, role: role, in: room)
    let columns = room.endColumn - end
    guard message.text.terminalColumns > columns, let more = wayToRead(state) else {
      painter.text(
        message.text.fitted(columns), column: end, row: room.row, role: role, in: room)
      return
    }
    painter.text(
      message.text.fitted(columns - more.terminalColumns - 1), column: end, row: room.row,
      role: role, in: room)
    painter.rightText(more, endColumn: room.endColumn, row: room.row, role: .hintKey, in: room)
  }

  /// How to read a message that does not fit.
  private static func wayToRead(_ state: StudioState) -> String? {
    guard state.messages.record.last == state.messages.current else { return nil }
    return state.keymap.binding(for: "messages.show", in: state.keymapContext).map {
      "\($0.shortKeysText) reads "
    }
  }

  private static func activity(_ state: StudioState) -> String {
    if !state.interface.pendingKeys.isEmpty {
      return state.interface.pendingKeys.map(\.shortText).joined(separator: " ") + " …"
    }
    if let saving = state.jobs.saving.last { return "writing \(saving.lastPathComponent)" }
    if let job = state.jobs.decomposition {
      let percent = "\(Float(job.fraction * 100).text(digits: 0)) %"
      let step = job.isCancelling ? "cancelling" : job.layer
      return step.isEmpty ? percent : "\(step) \(percent)"
    }
    return ""
  }
}

extension MessageLevel {
  /// The mark before a message, so that colour is not the only sign.
  var mark: String {
    switch self {
    case .note: "·"
    case .success: "✓"
    case .warning: "!"
    case .error: "✗"
    }
  }

  /// How a message is painted.
  var role: ThemeRole {
    switch self {
    case .note: .statusNote
    case .success: .statusSuccess
    case .warning: .statusWarning
    case .error: .statusError
    }
  }
}

/// The keys worth knowing right now, as many as fit; each can be clicked.
struct HintLine {
  /// One key and what it does.
  struct Hint: Equatable {
    let keys: String
    let words: String
    let command: String
    /// The first column.
    let column: Int
    /// The columns taken.
    let columns: Int
  }

  let hints: [Hint]

  /// The hints for the state's context: the context's own, then what leads from a photograph to a
  /// saved picture, then the others; the way to help always last.
  init(_ state: StudioState, columns: Int) {
    var seen: Set<String> = []
    let field = state.interface.overlays.last?.field
    let bindings = state.keymap.effectiveBindings(in: state.keymapContext)
    let offers = bindings.filter { $0.works(in: field) }.compactMap { binding in
      CommandTable.standard[binding.run].flatMap { command in
        command.isWorthHinting(in: state) && seen.insert(command.name).inserted
          ? Offer(binding, command) : nil
      }
    }
    let help = offers.filter { $0.command.name == Self.helpCommand }
    let own = offers.prefix { $0.context == state.keymapContext }
    let common = Self.commonCommands.compactMap { name in
      offers.dropFirst(own.count).first { $0.command.name == name }
    }
    let others = offers.dropFirst(own.count).filter { offer in
      offer.command.name != Self.helpCommand && !Self.commonCommands.contains(offer.command.name)
    }
    let reserved = help.reduce(0) { $0 + $1.columns + 2 }
    var hints: [Hint] = []
    var column = 1
    for offer in own + common + others {
      guard column + offer.columns + reserved <= columns - 1 else { break }
      hints.append(offer.hint(at: column))
      column += offer.columns + 2
    }
    for offer in help where column + offer.columns <= columns - 1 {
      hints.append(offer.hint(at: column))
    }
    self.hints = hints
  }

  private static let helpCommand = "help.show"
  private static let commonCommands = [
    "studio.cancel", "light.next", "rig.pick", "file.save", "view.compare", "edit.undo",
    "environment.pick",
    "material.pick",
  ]

  /// A hint that has no place yet.
  private struct Offer {
    let keys: String
    let words: String
    let command: Command
    let context: KeymapContext

    init(_ binding: KeyBinding, _ command: Command) {
      context = binding.context
      keys = binding.shortKeysText
      words = command.hint ?? ""
      self.command = command
    }

    var columns: Int { keys.terminalColumns + 1 + words.terminalColumns }

    func hint(at column: Int) -> Hint {
      Hint(keys: keys, words: words, command: command.name, column: column, columns: columns)
    }
  }

  /// The hint at a column.
  func hint(at column: Int) -> Hint? {
    hints.first { ($0.column..<$0.column + $0.columns).contains(column) }
  }

  func draw(in line: Rect, with painter: inout Painter) {
    painter.clear(line, role: .hint)
    for hint in hints {
      let end = painter.text(
        hint.keys, column: line.column + hint.column, row: line.row, role: .hintKey, in: line)
      painter.text(hint.words, column: end + 1, row: line.row, role: .hint, in: line)
    }
  }
}

extension Command {
  /// Whether the command has a hint and can run; before a portrait is open, lights are no news.
  fileprivate func isWorthHinting(in state: StudioState) -> Bool {
    guard hint != nil, disabledReason(in: state) == nil else { return false }
    let hasPlace = !state.interface.overlays.isEmpty || state.interface.focus != .viewport
    guard hasPlace || (action != .dismiss && action != .accept) else { return false }
    guard action != .cancelOrQuit || !state.tasks.isEmpty else { return false }
    let isAboutLook = group != .files && group != .program && group != .moving
    return state.document.path != nil || !state.interface.overlays.isEmpty || !isAboutLook
  }
}

extension Key {
  /// The key as hints show it: arrows as arrows, names short.
  var shortText: String {
    let symbolText: String? =
      switch symbol {
      case .left: "←"
      case .right: "→"
      case .up: "↑"
      case .down: "↓"
      case .enter: "enter"
      case .escape: "esc"
      case .tab: "tab"
      case .backspace: "backspace"
      case .character(" "): "space"
      case .character(let character): String(character)
      default: nil
      }
    guard let symbolText else { return description }
    let control = modifiers.contains(.control) ? "^" : ""
    let alt = modifiers.contains(.alt) ? "alt-" : ""
    let shift = modifiers.contains(.shift) ? "⇧" : ""
    return control + alt + shift + symbolText
  }
}

extension KeyBinding {
  /// The keys as hints show them: `gm`, but `space m`.
  var shortKeysText: String {
    let keys = on.map(\.shortText)
    return keys.joined(separator: keys.contains { $0.count > 1 } ? " " : "")
  }

  /// Whether the keys run something while a text takes all that prints.
  func works(in field: TextField?) -> Bool { field == nil || on.first?.printableText == nil }
}
