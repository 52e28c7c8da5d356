import Shading

extension StudioState {
  /// Actions of the layers over the panels.
  mutating func handleOverlay(_ action: StudioAction) -> [StudioEffect] {
    switch action {
    case .present(let kind): return refittingPicture { state in state.present(kind) }
    case .dismiss: return refittingPicture { state in state.dismiss() }
    case .accept: return refittingPicture { state in state.accept() }
    case .beginFilter: return beginFilter()
    case .editText(let edit):
      guard var field = interface.overlays.last?.field else { return [] }
      field.apply(edit)
      return changeField(to: field)
    case .removePicked: return removePicked()
    case .comparePicked: return comparePicked()
    case .folderListed(let listing): return show(listing)
    case .filePreviewed(let path, let picture):
      guard case .openDialog(var dialog)? = interface.overlays.last else { return [] }
      dialog.preview = OpenDialog.Preview(path: path, picture: picture)
      replaceTop(.openDialog(dialog))
      return []
    case .thumbnailMade(let source, let thumbnail):
      thumbnails.put(thumbnail, for: source)
      return []
    default: return []
    }
  }

  /// Below the portrait lists take some of its room, so that what they try out stays in view: the picture
  /// follows.
  private mutating func refittingPicture(
    _ change: (inout StudioState) -> [StudioEffect]
  ) -> [StudioEffect] {
    guard size.columns < StudioLayout.sideBySideColumns else { return change(&self) }
    let before = StudioLayout(self).picture
    let effects = change(&self)
    return StudioLayout(self).picture == before ? effects : effects + requestPreview(.draft)
  }

  mutating func replaceTop(_ overlay: Overlay) {
    guard !interface.overlays.isEmpty else { return }
    interface.overlays[interface.overlays.count - 1] = overlay
  }

  /// Replaces the text of the topmost overlay and shows what its list selects now.
  mutating func changeField(to field: TextField) -> [StudioEffect] {
    interface.overlays[interface.overlays.count - 1].field = field
    if case .openDialog(let dialog)? = interface.overlays.last, let folder = dialog.typedFolder {
      return enter(folder, in: dialog)
    }
    return tryPickedEntry() + previewSelectedFile() + requestThumbnails()
  }

  // MARK: - Opening

  mutating func present(_ kind: OverlayKind) -> [StudioEffect] {
    document.history.closeStep()
    guard let overlay = makeOverlay(kind) else { return [] }
    // One of a kind: asking twice for help does not stack it.
    let sameKind = interface.overlays.contains { $0.keymapContext == overlay.keymapContext }
    if !sameKind { interface.overlays.append(overlay) }
    guard !sameKind else { return [] }
    switch overlay {
    case .picker: return tryPickedEntry() + requestThumbnails()
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
      .prompt(PromptOverlay(purpose: .materialName, label: "Keep material as"))
    case .rigName:
      .prompt(
        PromptOverlay(
          purpose: .rigName, label: "Keep rig as", text: document.look.rig.name.presetName))
    case .path(let purpose): .prompt(pathPrompt(purpose))
    case .lightValues:
      selectedLight.map {
        .prompt(
          PromptOverlay(
            purpose: .lightValues, label: "Values, such as az=45,ev=-1",
            present: $0.argumentText))
      }
    case .renameLight:
      selectedLight.map {
        .prompt(PromptOverlay(purpose: .renameLight, label: "Light name", present: $0.name))
      }
    case .controlValue:
      selectedControl?.id == .environmentMap ? makeOverlay(.picker(.environment)) : controlPrompt
    }
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
    case .picker(let picker) where picker.isFiltering:
      interface.overlays.append(top)
      return endFilter(of: picker)
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
    case .picker: return acceptPicked()
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
      let layout = StudioLayout(self)
      let count = OverlayGeometry(.messages(scroll: scroll), state: self, layout: layout).count
      let next = navigation.index(from: count - 1 - scroll, count: count, page: page)
      replaceTop(.messages(scroll: max(0, count - 1 - next)))
    case .palette(var palette)?:
      let count = CommandTable.standard.palette(matching: palette.query.text).count
      palette.selection = navigation.index(from: palette.selection, count: count, page: page)
      replaceTop(.palette(palette))
    case .picker(var picker)?:
      let count = entries(of: picker).count
      guard count > 0 else { return [] }
      let next = navigation.index(from: picker.selection, count: count, page: page)
      guard next != picker.selection else { return [] }
      picker.selection = next
      replaceTop(.picker(picker))
      return tryPickedEntry() + requestThumbnails()
    case .tasks(let selection)?:
      let next = navigation.index(from: selection, count: tasks.count, page: page)
      replaceTop(.tasks(selection: next))
    case .openDialog(var dialog)?:
      let count = dialog.entries.count
      dialog.selection = navigation.index(from: dialog.selection, count: count, page: page)
      replaceTop(.openDialog(dialog))
      return previewSelectedFile() + requestThumbnails()
    case .prompt?, .confirmQuit?, .confirmReplace?, .confirmRecovery?, nil: break
    }
    return []
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
