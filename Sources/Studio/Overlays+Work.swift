import TerminalCells

extension Overlays {
  // MARK: - Tasks

  /// Draws what is under way, each with its progress.
  static func drawTasks(
    _ selection: Int, _ geometry: OverlayGeometry, _ state: StudioState,
    with painter: inout Painter
  ) {
    painter.frame(
      geometry.rect, title: "Tasks",
      note: note(
        [("task.cancel", "stops"), ("overlay.close", "back")], .tasks(selection: 0), state,
        columns: geometry.rect.columns),
      roles: .overlay)
    let list = geometry.list
    if state.tasks.isEmpty {
      painter.text(
        "nothing is under way", column: list.column + 1, row: list.row, role: .overlayDim, in: list)
    }
    for (offset, task) in state.tasks.dropFirst(geometry.firstRow).prefix(list.rows).enumerated() {
      let line = list.line(offset)
      let percent = task.fraction.map { Float($0 * 100).text(digits: 0) + " %" }
      let entry = ListEntry(
        text: task.name, note: task.isCancelling ? "stopping" : percent ?? "writing",
        isSelected: geometry.firstRow + offset == selection, isEnabled: !task.isCancelling)
      draw(entry, line: line, with: &painter)
    }
  }

  // MARK: - Opening

  /// Draws the folder of the open dialog and returns the cursor's place.
  static func drawOpenDialog(
    _ dialog: OpenDialog, _ geometry: OverlayGeometry, _ state: StudioState,
    with painter: inout Painter
  ) -> CellPosition? {
    let overlay = Overlay.openDialog(dialog)
    painter.frame(
      geometry.rect, title: "Open a portrait",
      note: note(
        [("overlay.accept", "opens"), ("overlay.close", "leaves")], overlay, state,
        columns: geometry.rect.columns),
      roles: .overlay)
    let inner = geometry.rect.inset(columns: 2, rows: 1)
    let cursor = drawSearch(
      dialog.filter, isActive: true, hint: "", line: inner.line(0), with: &painter)
    if dialog.filter.text.isEmpty {
      let area = inner.line(0).splitLeft(3).rest
      painter.text(
        (dialog.entered ?? dialog.listing.path).fittedKeepingEnd(area.columns), column: area.column,
        row: area.row,
        role: .overlayDim, in: area)
    }
    let entries = dialog.entries
    let sources = geometry.hasThumbnails ? state.thumbnailSources(of: overlay) : nil
    for (offset, shown) in entries.dropFirst(geometry.firstRow).prefix(geometry.shownCount)
      .enumerated()
    {
      let (text, note) =
        switch shown {
        case .recent(let path): (path.lastPathComponent, "recent")
        case .parent: ("..", "up")
        case .folder(let name): (name + "/", "")
        case .file(let name): (name, "")
        }
      let row = geometry.firstRow + offset
      let entry = ListEntry(
        text: text, note: note, isSelected: row == dialog.selection, isEnabled: true,
        source: sources?[row])
      draw(entry, in: geometry.entry(offset), state, with: &painter)
    }
    finishList(
      of: entries.count, orSay: dialog.entered == nil ? "nothing matches" : "listing",
      column: inner.column, geometry, with: &painter)
    return cursor
  }

  // MARK: - Questions

  /// Draws a question and the keys that answer it.
  static func drawQuestion(
    _ overlay: Overlay, _ geometry: OverlayGeometry, _ state: StudioState,
    with painter: inout Painter
  ) {
    let (title, question): (String, String) =
      switch overlay {
      case .confirmReplace(let request):
        ("Replace", "\(request.path.lastPathComponent) is there already.")
      case .confirmRecovery: ("Recover", "The last session broke off unsaved.")
      default:
        (
          "Quit",
          state.document.isModified
            ? "The look has changes that are not saved."
            : state.others.contains(where: \.isModified)
              ? "Another portrait has unsaved changes." : "Leave the studio?"
        )
      }
    painter.frame(geometry.rect, title: title, roles: .overlay)
    let inner = geometry.rect.inset(columns: 2, rows: 1)
    let lines = question.wrapped(inner.columns).prefix(geometry.list.row - inner.row)
    for (offset, line) in lines.enumerated() {
      painter.text(
        line, column: inner.column, row: inner.row + offset, role: .overlay, in: inner)
    }
    for (offset, answer) in state.answers(to: overlay).enumerated() {
      let line = geometry.list.line(offset)
      guard !line.isEmpty else { continue }
      let keys = state.keymap.effectiveBindings(in: overlay.keymapContext)
        .filter { $0.run == answer.command }.map(\.shortKeysText).joined(separator: " ")
      painter.rightText(
        keys, endColumn: line.column + 9, row: line.row, role: .overlayKey, in: line)
      painter.text(
        answer.words, column: line.column + 11, row: line.row, role: .overlay, in: line)
    }
  }
}

extension StudioState {
  /// What a question can be answered with; nothing for what is no question.
  func answers(to overlay: Overlay) -> [(command: String, words: String)] {
    switch overlay {
    case .confirmReplace: [("overlay.accept", "Replace it"), ("overlay.close", "Keep it")]
    case .confirmRecovery:
      [("overlay.accept", "Take up its look"), ("overlay.close", "Forget it")]
    case .confirmQuit:
      ["confirm.saveAndQuit", "confirm.quit", "overlay.close"].compactMap { name in
        name == "confirm.saveAndQuit" && !document.hasPasses
          ? nil : CommandTable.standard[name].map { (name, $0.title) }
      }
    default: []
    }
  }
}

extension PickerOverlay.Kind {
  /// The title of the picker.
  var title: String {
    switch self {
    case .rig: "Rigs"
    case .environment: "Environments"
    case .material: "Materials"
    case .snapshot: "Looks put aside"
    case .theme: "Themes"
    case .step: "History"
    }
  }
}
