import Shading

extension StudioState {
  /// Actions of the layers over the panels.
  mutating func handleOverlay(_ action: StudioAction) -> [StudioEffect] {
    switch action {
    case .present(let kind): return present(kind)
    case .dismiss: return dismiss()
    case .accept: return accept()
    case .beginFilter:
      guard case .help(var help)? = interface.overlays.last else { return [] }
      help.isFiltering = true
      replaceTop(.help(help))
      return []
    case .editText(let edit):
      guard var field = interface.overlays.last?.field else { return [] }
      field.apply(edit)
      interface.overlays[interface.overlays.count - 1].field = field
      return []
    default: return []
    }
  }

  private mutating func replaceTop(_ overlay: Overlay) {
    guard !interface.overlays.isEmpty else { return }
    interface.overlays[interface.overlays.count - 1] = overlay
  }

  // MARK: - Opening

  private mutating func present(_ kind: OverlayKind) -> [StudioEffect] {
    document.history.closeStep()
    guard let overlay = makeOverlay(kind) else { return [] }
    // One of a kind: asking twice for help does not stack it.
    let sameKind = interface.overlays.contains { $0.keymapContext == overlay.keymapContext }
    if !sameKind { interface.overlays.append(overlay) }
    if case .picker? = interface.overlays.last, !sameKind { return tryPickedEntry() }
    return []
  }

  private func makeOverlay(_ kind: OverlayKind) -> Overlay? {
    switch kind {
    case .help: .help(HelpOverlay(context: keymapContext))
    case .messages: .messages(scroll: 0)
    case .palette: .palette(PaletteOverlay())
    case .rigPicker:
      picker(.rig, current: library.rigs.firstIndex { $0.name == document.look.rig.name })
    case .environmentPicker:
      picker(
        .environment,
        current: library.environments.firstIndex { $0 == document.look.rig.environment.name })
    case .confirmQuit: .confirmQuit
    case .path(let purpose): .prompt(pathPrompt(purpose))
    case .lightValues:
      selectedLight.map {
        .prompt(
          PromptOverlay(purpose: .lightValues, label: "Light values", text: $0.argumentText))
      }
    case .renameLight:
      selectedLight.map {
        .prompt(PromptOverlay(purpose: .renameLight, label: "Light name", text: $0.name))
      }
    case .controlValue: controlPrompt
    }
  }

  private func picker(_ kind: PickerOverlay.Kind, current: Int?) -> Overlay {
    .picker(PickerOverlay(kind: kind, selection: current ?? -1))
  }

  private func pathPrompt(_ purpose: PathPurpose) -> PromptOverlay {
    let (label, text) =
      switch purpose {
      case .open: ("Open portrait", document.path?.parentFolder ?? "")
      case .openLook: ("Open look", document.path?.parentFolder ?? "")
      case .savePicture: ("Save picture as", document.defaultPicturePath)
      case .savePasses: ("Export passes to", document.defaultPassesPath)
      case .saveLook: ("Save look as", document.defaultLookPath)
      }
    return PromptOverlay(purpose: .path(purpose), label: label, text: text)
  }

  private var controlPrompt: Overlay? {
    guard let control = selectedControl else { return nil }
    guard case .number(let value, let scale) = control.value else {
      return control.id == .environmentMap ? makeOverlay(.environmentPicker) : nil
    }
    let digits = scale.step < 1 ? 2 : 0
    return .prompt(
      PromptOverlay(
        purpose: .controlValue(control.id), label: control.label,
        text: value.plainText(digits: digits)))
  }

  // MARK: - Closing

  private mutating func dismiss() -> [StudioEffect] {
    guard let top = interface.overlays.popLast() else {
      if interface.focus != .viewport { return reduce(&self, .focus(.viewport)) }
      return []
    }
    switch top {
    case .help(var help) where help.isFiltering:
      // The first escape leaves the filter, the second the help.
      help.isFiltering = false
      help.filter.clear()
      interface.overlays.append(.help(help))
      return []
    case .picker:
      let tried = visibleLook
      interface.trialLook = nil
      return effectsOfLookChange(from: tried)
    case .confirmQuit, .help, .messages, .palette, .prompt: return []
    }
  }

  // MARK: - Accepting

  private mutating func accept() -> [StudioEffect] {
    guard let top = interface.overlays.last else { return acceptInPanel() }
    switch top {
    case .help(var help):
      if help.isFiltering {
        help.isFiltering = false
        replaceTop(.help(help))
      } else {
        interface.overlays.removeLast()
      }
      return []
    case .messages:
      interface.overlays.removeLast()
      return []
    case .palette(let palette):
      let commands = CommandTable.standard.palette(matching: palette.query.text)
      guard commands.indices.contains(palette.selection) else { return [] }
      let command = commands[palette.selection]
      interface.overlays.removeLast()
      return run(command.name)
    case .picker(let picker): return acceptPicked(picker)
    case .prompt(let prompt): return answer(prompt)
    case .confirmQuit: return handleProgram(.saveAndQuit)
    }
  }

  /// Enter in a panel: choose the map, type a number, or flip a switch.
  private mutating func acceptInPanel() -> [StudioEffect] {
    switch selectedControl?.value {
    case .number?: present(.controlValue)
    case .choice?:
      selectedControl?.id == .environmentMap
        ? present(.environmentPicker) : handleEditing(.adjustSelectedControl(steps: 1))
    case .toggle?: handleEditing(.adjustSelectedControl(steps: 1))
    case nil: interface.focus == .lights ? present(.lightValues) : []
    }
  }

  private mutating func acceptPicked(_ picker: PickerOverlay) -> [StudioEffect] {
    interface.overlays.removeLast()
    interface.trialLook = nil
    switch picker.kind {
    case .rig:
      guard library.rigs.indices.contains(picker.selection) else { return [] }
      return perform(.useRig(library.rigs[picker.selection]))
    case .environment:
      guard library.environments.indices.contains(picker.selection) else { return [] }
      return perform(.useEnvironment(library.environments[picker.selection]))
    }
  }

  private mutating func answer(_ prompt: PromptOverlay) -> [StudioEffect] {
    let text = prompt.field.text
    var refused = prompt
    switch prompt.purpose {
    case .path(let purpose):
      guard !text.isEmpty else {
        refused.problem = "type a path, or Esc to leave"
        break
      }
      interface.overlays.removeLast()
      return use(path: text, for: purpose)
    case .renameLight:
      guard !text.isEmpty else {
        refused.problem = "a light needs a name"
        break
      }
      interface.overlays.removeLast()
      return perform(.renameLight(text))
    case .lightValues:
      do {
        let light = try Light(parsing: text, id: interface.selectedLight ?? 0)
        interface.overlays.removeLast()
        return perform(.replaceLight(light))
      } catch {
        refused.problem = error.sentence
      }
    case .controlValue(let control):
      guard let value = Float(text), value.isFinite else {
        refused.problem = "\(text) is not a number"
        break
      }
      interface.overlays.removeLast()
      return perform(.set(control, value))
    }
    replaceTop(.prompt(refused))
    return []
  }

  private mutating func use(path: String, for purpose: PathPurpose) -> [StudioEffect] {
    switch purpose {
    case .open: reduce(&self, .open(path: path, framing: "auto"))
    case .openLook: [.openLook(path: path)]
    case .savePicture: savePicture(to: path)
    case .savePasses: startSaving(path, .savePasses(path: path))
    case .saveLook: startSaving(path, .saveLook(path: path, look: document.look))
    }
  }

  // MARK: - Moving within overlays

  /// Moves the selection or the scroll of the topmost overlay.
  mutating func navigateOverlay(_ navigation: Navigation) -> [StudioEffect] {
    let page = max(1, size.rows - 8)
    switch interface.overlays.last {
    case .help(var help)?:
      let count = HelpContent(self, overlay: help).rows.count
      help.scroll = navigation.index(from: help.scroll, count: count, page: page)
      replaceTop(.help(help))
    case .messages(let scroll)?:
      // Newest at the bottom: going up the list scrolls away from the newest.
      let position = messages.record.count - 1 - scroll
      let next = navigation.index(from: position, count: messages.record.count, page: page)
      replaceTop(.messages(scroll: max(0, messages.record.count - 1 - next)))
    case .palette(var palette)?:
      let count = CommandTable.standard.palette(matching: palette.query.text).count
      palette.selection = navigation.index(from: palette.selection, count: count, page: page)
      replaceTop(.palette(palette))
    case .picker(var picker)?:
      let count = pickerEntries(picker.kind).count
      guard count > 0 else { return [] }
      let next = navigation.index(from: picker.selection, count: count, page: page)
      guard next != picker.selection else { return [] }
      picker.selection = next
      replaceTop(.picker(picker))
      return tryPickedEntry()
    case .prompt?, .confirmQuit?, nil: break
    }
    return []
  }

  /// The names a picker lists.
  func pickerEntries(_ kind: PickerOverlay.Kind) -> [String] {
    switch kind {
    case .rig: library.rigs.map(\.name)
    case .environment: library.environments
    }
  }

  /// Puts the picked entry on the portrait without recording it.
  private mutating func tryPickedEntry() -> [StudioEffect] {
    guard case .picker(let picker)? = interface.overlays.last else { return [] }
    let before = visibleLook
    var look = document.look
    switch picker.kind {
    case .rig:
      guard library.rigs.indices.contains(picker.selection) else { return [] }
      look.rig = library.rigs[picker.selection]
    case .environment:
      guard library.environments.indices.contains(picker.selection) else { return [] }
      look.rig.environment.name = library.environments[picker.selection]
      look.rig.environment.isOn = true
    }
    interface.trialLook = look == document.look ? nil : look
    return effectsOfLookChange(from: before)
  }
}

extension TextField {
  /// Performs an edit.
  mutating func apply(_ edit: TextEdit) {
    switch edit {
    case .deleteBackward: deleteBackward()
    case .deleteForward: deleteForward()
    case .deleteWord: deleteWord()
    case .clear: clear()
    case .left: move(by: -1)
    case .right: move(by: 1)
    case .start: moveToStart()
    case .end: moveToEnd()
    }
  }
}

extension Light {
  /// The values as `--light` and the prompt take them.
  var argumentText: String {
    let numbers = Self.parameters.map { row in
      "\(row.alias ?? row.identifier)="
        + self[keyPath: row.keyPath].plainText(digits: row.step < 1 ? 2 : 0)
    }
    let switches = ["on=\(isOn.word)", "solo=\(isSolo.word)", "shadow=\(castsShadow.word)"]
    return (["name=\(name.replacing(",", with: " "))"] + numbers + switches)
      .joined(separator: ",")
  }
}

extension Bool {
  fileprivate var word: String { self ? "on" : "off" }
}

extension Float {
  /// The number as a parser reads it: a plain minus, no plus, no needless zeros.
  func plainText(digits: Int) -> String {
    var text = text(digits: digits).replacing("−", with: "-")
    while text.contains("."), text.hasSuffix("0") || text.hasSuffix(".") { text.removeLast() }
    return text
  }
}

extension String {
  /// The path up to and with the last slash; empty when there is none.
  fileprivate var parentFolder: String {
    guard let slash = lastIndex(of: "/") else { return "" }
    return String(self[...slash])
  }
}
