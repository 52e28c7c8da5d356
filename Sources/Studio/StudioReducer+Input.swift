import Shading
import TerminalCells

extension StudioState {
  /// Actions straight from the terminal.
  mutating func handleInput(_ action: StudioAction) -> [StudioEffect] {
    switch action {
    case .key(let key): return press(key)
    case .paste(let text): return paste(text)
    case .mouse(let event): return handleMouse(event)
    case .resized(let newSize):
      size = newSize
      return requestPreview(.draft) + requestThumbnails()
    case .resumed: return [.redraw] + requestPreview(.final)
    default: return []
    }
  }

  // MARK: - Keys

  private mutating func press(_ key: Key) -> [StudioEffect] {
    // While a text is open, what prints is text; only other keys are looked up.
    if let text = key.printableText, var field = interface.overlays.last?.field {
      field.insert(text)
      return changeField(to: field)
    }
    let keys = interface.pendingKeys + [key]
    switch keymap.match(keys, in: keymapContext) {
    case .command(let name):
      interface.pendingKeys = []
      return repeatCommand(name)
    case .prefix:
      interface.pendingKeys = keys
      return []
    case .none:
      let wasPending = !interface.pendingKeys.isEmpty
      interface.pendingKeys = []
      // Escape leaves a sequence; another key that does not continue it is said to be unknown.
      if wasPending, key.symbol == .escape { return [] }
      guard wasPending || interface.overlays.isEmpty else { return [] }
      let typed = keys.map(\.description).joined(separator: " ")
      return announce("\(typed) is not bound here; \(keysText(for: "help.show")) lists the keys")
    }
  }

  /// Runs a command by a key, with larger steps the longer the key is held.
  private mutating func repeatCommand(_ name: String) -> [StudioEffect] {
    guard let command = CommandTable.standard[name], !name.hasSuffix(".fine"),
      command.action.scaled(by: 1) != nil
    else {
      interface.held = nil
      return run(name)
    }
    let count = interface.held?.command == name ? (interface.held?.count ?? 0) + 1 : 1
    let held = HeldKey(command: name, count: count)
    interface.held = held
    let rest = StudioEffect.after(seconds: StudioTiming.keyRest, .keyRested(count: count))
    guard command.disabledReason(in: self) == nil,
      let action = command.action.scaled(by: held.factor)
    else { return run(name) + [rest] }
    advanceTour(name)
    return reduce(&self, action) + [rest]
  }

  private mutating func paste(_ text: String) -> [StudioEffect] {
    if var field = interface.overlays.last?.field {
      field.insert(text)
      return changeField(to: field)
    }
    // A file dropped on the terminal arrives as its path.
    let path = text.trimmedPath
    guard interface.overlays.isEmpty, path.hasPrefix("/") else { return [] }
    interface.overlays.append(
      .prompt(PromptOverlay(purpose: .path(.open), label: "Open portrait", text: path)))
    return []
  }
}

extension Key {
  /// The text a key types; nil for keys that do something.
  var printableText: String? {
    guard case .character(let character) = symbol, modifiers.isEmpty else { return nil }
    return String(character)
  }
}

extension String {
  /// The text without the blanks, line ends and quotes that terminals put around dropped files.
  fileprivate var trimmedPath: String {
    let isAround: (Character) -> Bool = { $0.isWhitespace || $0 == "'" || $0 == "\"" }
    return String(String(drop(while: isAround).reversed()).drop(while: isAround).reversed())
  }
}
