import Shading

/// One row of a picker.
public struct PickerEntry: Equatable, Sendable {
  /// Its place among all that can be picked, whatever the filter hides.
  public var index: Int
  /// What is picked.
  public var name: String
  /// What stands beside it.
  public var note = ""
}

extension StudioState {
  /// The rows of a picker that its filter leaves.
  public func entries(of picker: PickerOverlay) -> [PickerEntry] {
    let words = picker.filter.text.lowercased().split(separator: " ").map(String.init)
    return rows(of: picker.kind).enumerated().compactMap { index, row in
      let text = "\(row.name) \(row.note)".lowercased()
      guard words.allSatisfy({ text.contains($0) }) else { return nil }
      return PickerEntry(index: index, name: row.name, note: row.note)
    }
  }

  private func rows(of kind: PickerOverlay.Kind) -> [(name: String, note: String)] {
    switch kind {
    case .rig:
      library.rigs.map { rig in
        let count = rig.lights.count
        return (rig.name, count == 1 ? "1 light" : "\(count) lights")
      }
    case .environment: library.environments.map { ($0, "") }
    case .material: library.materials.map { ($0.name, "") }
    case .snapshot: document.snapshots.map { ($0.name, $0.look.rig.name) }
    case .theme: library.themes.map { ($0.name, "") }
    case .step:
      document.history.entries.map { entry in
        (
          String(repeating: "  ", count: min(entry.depth, 8)) + entry.name,
          entry.index == document.history.presentIndex ? "now" : ""
        )
      }
    }
  }

  /// The row of the topmost picker that is selected; nil without a picker or a match.
  private var pickedEntry: (kind: PickerOverlay.Kind, index: Int)? {
    guard case .picker(let picker)? = interface.overlays.last else { return nil }
    let entries = entries(of: picker)
    guard entries.indices.contains(picker.selection) else { return nil }
    return (picker.kind, entries[picker.selection].index)
  }

  /// Puts the picked entry on the portrait without recording it.
  mutating func tryPickedEntry() -> [StudioEffect] {
    guard case .picker? = interface.overlays.last else { return [] }
    let before = visibleLook
    var look = document.look
    interface.trialTheme = nil
    switch pickedEntry {
    case (.rig, let index)?: look.rig = library.rigs[index]
    case (.environment, let index)?:
      look.rig.environment.name = library.environments[index]
      look.rig.environment.isOn = true
    case (.material, let index)?: look.material = library.materials[index].material
    case (.snapshot, let index)?: look = document.snapshots[index].look
    case (.theme, let index)?: interface.trialTheme = library.themes[index]
    case (.step, let index)?: look = document.history.entries[index].look
    case nil: break
    }
    interface.trialLook = look == document.look ? nil : look
    return effectsOfLookChange(from: before)
  }

  /// The row of a picker that holds now.
  func presentEntry(of kind: PickerOverlay.Kind) -> Int? {
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

  /// Takes what is selected; a filter that leaves nothing stays open.
  mutating func acceptPicked() -> [StudioEffect] {
    guard let (kind, index) = pickedEntry else { return [] }
    interface.overlays.removeLast()
    let tried = visibleLook
    interface.trialLook = nil
    switch kind {
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

  /// Keeps a picker's selection among its rows: what they list may have changed meanwhile.
  mutating func repairPicker() {
    guard case .picker(var picker)? = interface.overlays.last, picker.selection > 0 else { return }
    let last = entries(of: picker).count - 1
    guard picker.selection > last else { return }
    picker.selection = last
    replaceTop(.picker(picker))
  }

  // MARK: - The filter

  /// Starts typing a filter where there is one.
  mutating func beginFilter() -> [StudioEffect] {
    switch interface.overlays.last {
    case .help(var help)?:
      help.isFiltering = true
      replaceTop(.help(help))
    case .picker(var picker)?:
      picker.isFiltering = true
      replaceTop(.picker(picker))
    default: break
    }
    return []
  }

  /// Shows all rows again, the selected one still selected.
  mutating func endFilter(of picker: PickerOverlay) -> [StudioEffect] {
    var picker = picker
    let index = pickedEntry?.index
    picker.isFiltering = false
    picker.filter.clear()
    picker.selection = index ?? presentEntry(of: picker.kind) ?? -1
    replaceTop(.picker(picker))
    return tryPickedEntry() + requestThumbnails()
  }

  // MARK: - Snapshots

  /// The snapshot selected in the picker.
  var pickedSnapshot: LookSnapshot? {
    guard case (.snapshot, let index)? = pickedEntry else { return nil }
    return document.snapshots[index]
  }

  mutating func removePicked() -> [StudioEffect] {
    guard case .picker(var picker)? = interface.overlays.last,
      case (.snapshot, let index)? = pickedEntry
    else { return [] }
    let removed = document.snapshots.remove(at: index)
    picker.selection = min(picker.selection, entries(of: picker).count - 1)
    replaceTop(.picker(picker))
    return say(.note, "removed \(removed.name)") + tryPickedEntry()
  }

  mutating func comparePicked() -> [StudioEffect] {
    guard let snapshot = pickedSnapshot else { return [] }
    interface.overlays.removeLast()
    interface.trialLook = nil
    interface.reference = snapshot
    if interface.comparison == .off { interface.comparison = .wipe(edge: 0.5) }
    return announce("comparing with \(snapshot.name)") + requestPreview(.draft)
  }
}
