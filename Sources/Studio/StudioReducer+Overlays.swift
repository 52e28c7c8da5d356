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
      return previewSelectedFile()
    case .removePicked: return removePicked()
    case .comparePicked: return comparePicked()
    case .folderListed(let listing): return show(listing)
    case .filePreviewed(let path, let picture):
      guard case .openDialog(var dialog)? = interface.overlays.last else { return [] }
      dialog.preview = OpenDialog.Preview(path: path, picture: picture)
      replaceTop(.openDialog(dialog))
      return []
    default: return []
    }
  }

  mutating func replaceTop(_ overlay: Overlay) {
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
    guard !sameKind else { return [] }
    switch overlay {
    case .picker: return tryPickedEntry()
    case .openDialog(let dialog): return [.listFolder(path: dialog.listing.path)]
    default: return []
    }
  }

  private func makeOverlay(_ kind: OverlayKind) -> Overlay? {
    switch kind {
    case .help: .help(HelpOverlay(context: keymapContext))
    case .messages: .messages(scroll: 0)
    case .palette: .palette(PaletteOverlay())
    case .tasks: .tasks(selection: 0)
    case .openDialog: .openDialog(OpenDialog(folder: document.path?.parentFolder ?? "."))
    case .picker(let kind):
      .picker(PickerOverlay(kind: kind, selection: presentEntry(of: kind) ?? -1))
    case .confirmQuit: .confirmQuit
    case .materialName:
      .prompt(PromptOverlay(purpose: .materialName, label: "Keep material as", text: ""))
    case .rigName:
      .prompt(
        PromptOverlay(
          purpose: .rigName, label: "Keep rig as", text: document.look.rig.name.presetName))
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

  /// The entry of a picker that holds now.
  private func presentEntry(of kind: PickerOverlay.Kind) -> Int? {
    let look = document.look
    return switch kind {
    case .rig: library.rigs.firstIndex { $0.name == look.rig.name }
    case .environment: library.environments.firstIndex(of: look.rig.environment.name)
    case .material: library.materials.firstIndex { $0.material == look.material }
    case .snapshot: document.snapshots.lastIndex { $0.look == look }
    case .theme: library.themes.firstIndex { $0.name == theme.name }
    case .step:
      document.history.entries.firstIndex { $0.index == document.history.presentIndex }
    }
  }

  private func pathPrompt(_ purpose: PathPurpose) -> PromptOverlay {
    let (label, text) =
      switch purpose {
      case .open: ("Open portrait", document.path?.parentFolder ?? "")
      case .openLook: ("Open look", document.path?.parentFolder ?? "")
      case .openEnvironment: ("Environment file", document.path?.parentFolder ?? "")
      case .savePicture: ("Save picture as", document.defaultPicturePath)
      case .savePasses: ("Export passes to", document.defaultPassesPath)
      case .saveLook: ("Save look as", document.defaultLookPath)
      case .saveTurntable: ("Save turntable as", document.defaultPath("turntable.png"))
      case .saveSheet: ("Save contact sheet as", document.defaultPath("sheet.png"))
      }
    return PromptOverlay(purpose: .path(purpose), label: label, text: text)
  }

  private var controlPrompt: Overlay? {
    guard let control = selectedControl else { return nil }
    guard case .number(let value, let scale) = control.value else {
      return control.id == .environmentMap ? makeOverlay(.picker(.environment)) : nil
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
      if interface.turning != nil { return stopTurning() }
      if interface.meter != nil { return reduce(&self, .toggleMeter) }
      if interface.tour != nil { return reduce(&self, .toggleTour) }
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
      interface.trialTheme = nil
      return effectsOfLookChange(from: tried)
    case .confirmRecovery:
      return document.path.map { [.discardRecovery(portrait: $0)] } ?? []
    case .confirmQuit, .confirmReplace, .help, .messages, .palette, .prompt, .tasks, .openDialog:
      return []
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
    case .tasks: return handleProgram(.cancelTask)
    case .openDialog(let dialog): return acceptOpening(dialog)
    case .confirmQuit: return handleProgram(.saveAndQuit)
    case .confirmReplace(var request):
      interface.overlays.removeLast()
      request.replaces = true
      return startSaving(request)
    case .confirmRecovery(let look):
      interface.overlays.removeLast()
      document.recoverableLook = look
      return perform(.useLook(look, name: "recovered"))
    }
  }

  /// Enter in a panel: choose the map, type a number, or flip a switch.
  private mutating func acceptInPanel() -> [StudioEffect] {
    switch selectedControl?.value {
    case .number?: present(.controlValue)
    case .choice?:
      selectedControl?.id == .environmentMap
        ? present(.picker(.environment)) : handleEditing(.adjustSelectedControl(steps: 1))
    case .toggle?: handleEditing(.adjustSelectedControl(steps: 1))
    case nil: interface.focus == .lights ? present(.lightValues) : []
    }
  }

  private mutating func acceptPicked(_ picker: PickerOverlay) -> [StudioEffect] {
    interface.overlays.removeLast()
    let tried = visibleLook
    interface.trialLook = nil
    let index = picker.selection
    guard pickerEntries(picker.kind).indices.contains(index) else { return [] }
    switch picker.kind {
    case .rig: return perform(.useRig(library.rigs[index]))
    case .environment: return perform(.useEnvironment(library.environments[index]))
    case .material: return perform(.useMaterial(library.materials[index]))
    case .snapshot:
      let snapshot = document.snapshots[index]
      return perform(.useLook(snapshot.look, name: snapshot.name))
    case .theme:
      interface.trialTheme = nil
      theme = library.themes[index]
      return say(
        .note, "theme \(theme.name); theme = \"\(theme.name)\" in config.toml makes it stay")
    case .step:
      let name = document.history.go(to: document.history.entries[index].index)
      repairSelection()
      return announce("back at: \(name ?? "start")") + effectsOfLookChange(from: tried)
    }
  }

  // MARK: - Snapshots

  /// The snapshot selected in the picker.
  var pickedSnapshot: LookSnapshot? {
    guard case .picker(let picker)? = interface.overlays.last, picker.kind == .snapshot,
      document.snapshots.indices.contains(picker.selection)
    else { return nil }
    return document.snapshots[picker.selection]
  }

  private mutating func removePicked() -> [StudioEffect] {
    guard case .picker(var picker)? = interface.overlays.last, let snapshot = pickedSnapshot else {
      return []
    }
    document.snapshots.remove(at: picker.selection)
    picker.selection = min(picker.selection, document.snapshots.count - 1)
    replaceTop(.picker(picker))
    return say(.note, "removed \(snapshot.name)") + tryPickedEntry()
  }

  private mutating func comparePicked() -> [StudioEffect] {
    guard let snapshot = pickedSnapshot else { return [] }
    interface.overlays.removeLast()
    interface.trialLook = nil
    interface.reference = snapshot
    if interface.comparison == .off { interface.comparison = .wipe(edge: 0.5) }
    return announce("comparing with \(snapshot.name)") + requestPreview(.draft)
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
    case .materialName, .rigName:
      let name = text.presetName
      guard !name.isEmpty else {
        refused.problem = "type a name of letters and digits"
        break
      }
      interface.overlays.removeLast()
      let look = document.look
      return startSaving(
        SaveRequest(
          path: name,
          content: prompt.purpose == .rigName ? .rig(look.rig) : .material(look.material)))
    }
    replaceTop(.prompt(refused))
    return []
  }

  private mutating func use(path: String, for purpose: PathPurpose) -> [StudioEffect] {
    switch purpose {
    case .open: reduce(&self, .open(path: path, framing: "auto"))
    case .openLook: [.openLook(path: path)]
    case .openEnvironment: perform(.useEnvironment(path))
    case .savePicture: savePicture(to: path)
    case .savePasses: startSaving(SaveRequest(path: path, content: .passes))
    case .saveLook: startSaving(SaveRequest(path: path, content: .look(document.look)))
    case .saveTurntable, .saveSheet:
      selectedLight.map { light in
        let (look, turntable) = (document.look, Turntable(light: light.id))
        return startSaving(
          SaveRequest(
            path: path,
            content: purpose == .saveSheet
              ? .contactSheet(look, turntable) : .turntable(look, turntable)))
      } ?? []
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
    case .tasks(let selection)?:
      let next = navigation.index(from: selection, count: tasks.count, page: page)
      replaceTop(.tasks(selection: next))
    case .openDialog(var dialog)?:
      let count = dialog.entries.count
      dialog.selection = navigation.index(from: dialog.selection, count: count, page: page)
      replaceTop(.openDialog(dialog))
      return previewSelectedFile()
    case .prompt?, .confirmQuit?, .confirmReplace?, .confirmRecovery?, nil: break
    }
    return []
  }

  /// One row of a picker.
  public struct PickerEntry: Equatable, Sendable {
    /// What is picked.
    public var name: String
    /// What stands beside it.
    public var note = ""
  }

  /// The rows of a picker.
  public func pickerEntries(_ kind: PickerOverlay.Kind) -> [PickerEntry] {
    switch kind {
    case .rig:
      library.rigs.map { rig in
        let count = rig.lights.count
        return PickerEntry(name: rig.name, note: count == 1 ? "1 light" : "\(count) lights")
      }
    case .environment: library.environments.map { PickerEntry(name: $0) }
    case .material: library.materials.map { PickerEntry(name: $0.name) }
    case .snapshot: document.snapshots.map { PickerEntry(name: $0.name, note: $0.look.rig.name) }
    case .theme: library.themes.map { PickerEntry(name: $0.name) }
    case .step:
      document.history.entries.map { entry in
        PickerEntry(
          name: String(repeating: "  ", count: min(entry.depth, 8)) + entry.name,
          note: entry.index == document.history.presentIndex ? "now" : "")
      }
    }
  }

  /// Puts the picked entry on the portrait without recording it.
  private mutating func tryPickedEntry() -> [StudioEffect] {
    guard case .picker(let picker)? = interface.overlays.last else { return [] }
    let before = visibleLook
    var look = document.look
    let index = picker.selection
    guard pickerEntries(picker.kind).indices.contains(index) else {
      interface.trialLook = nil
      return effectsOfLookChange(from: before)
    }
    switch picker.kind {
    case .rig: look.rig = library.rigs[index]
    case .environment:
      look.rig.environment.name = library.environments[index]
      look.rig.environment.isOn = true
    case .material: look.material = library.materials[index].material
    case .snapshot: look = document.snapshots[index].look
    case .theme: interface.trialTheme = library.themes[index]
    case .step: look = document.history.entries[index].look
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
  public var argumentText: String {
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
  /// The text as a file's name: small letters, digits, and dashes for everything between.
  var presetName: String {
    let words = lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return words.joined(separator: "-")
  }

  /// The path up to and with the last slash; empty when there is none.
  var parentFolder: String {
    guard let slash = lastIndex(of: "/") else { return "" }
    return String(self[...slash])
  }
}
