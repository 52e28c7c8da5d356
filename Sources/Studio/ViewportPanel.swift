import TerminalCells

/// The portrait: a frame, the picture's slot, progress while there are no passes yet.
enum ViewportPanel {
  /// Draws the panel and returns the picture's slot, if there is a picture.
  static func draw(
    _ state: StudioState, layout: StudioLayout, with painter: inout Painter
  ) -> ImageSlot? {
    let isFramed = layout.picture.row > layout.viewport.row
    let note = isFramed ? note(state) : ""
    if isFramed {
      painter.frame(
        layout.viewport, title: title(state), note: note,
        roles: .panel(isFocused: state.interface.focus == .viewport))
    }
    let progress = layout.progress.splitRight(note.isEmpty ? 0 : note.terminalColumns + 3).rest
    drawProgress(state, in: progress, with: &painter)
    if case .openDialog(let dialog)? = state.interface.overlays.last,
      let entry = dialog.selected, let preview = dialog.preview,
      preview.path == dialog.path(of: entry)
    {
      let picture = preview.picture
      painter.reserveForImage(layout.picture)
      let slot = layout.pictureSlot(
        width: picture.width, height: picture.height, size: state.size)
      return slot.isEmpty ? nil : ImageSlot(rect: slot, image: picture.image)
    }
    guard let shown = state.jobs.preview.shown, state.document.path != nil else {
      drawWelcome(state, in: layout.picture, with: &painter)
      return nil
    }
    painter.reserveForImage(layout.picture)
    let slot = layout.pictureSlot(width: shown.width, height: shown.height, size: state.size)
    return slot.isEmpty ? nil : ImageSlot(rect: slot, image: shown.image)
  }

  private static func title(_ state: StudioState) -> String {
    let view = state.effectiveView.title
    let reference = state.interface.reference?.name ?? "Photograph"
    let zoom = state.interface.zoom.factor
    let magnified = zoom == 1 || state.effectiveView == .probes ? "" : " \(zoom)×"
    return switch state.effectiveComparison {
    case .wipe: "\(reference) │ \(view)\(magnified)"
    case .sideBySide:
      "\(reference), \(view.lowercased())\(magnified)"
    case .off: view + magnified
    }
  }

  private static func note(_ state: StudioState) -> String {
    guard let shown = state.jobs.preview.shown else { return "" }
    let time = Float(shown.milliseconds).text(digits: shown.milliseconds < 10 ? 1 : 0)
    let quality =
      state.document.hasCoarsePasses
        && shown.generation >= state.jobs.preview.oldestAcceptable
      ? " first impression" : shown.quality == .draft ? " draft" : ""
    return "\(shown.width)×\(shown.height)\(quality) · \(time) ms"
  }

  // MARK: - Before there is a picture

  private static func drawWelcome(
    _ state: StudioState, in rect: Rect, with painter: inout Painter
  ) {
    if let job = state.jobs.decomposition {
      let text = "reading \(job.request.path.lastPathComponent)"
      painter.centeredText(text, line: rect.line(rect.rows / 2), role: .textDim)
      return
    }
    if state.document.path != nil {
      painter.centeredText("rendering", line: rect.line(rect.rows / 2), role: .textDim)
      return
    }
    let offers = ["file.open", "palette.show", "help.show", "studio.quit"].compactMap { name in
      state.keymap.binding(for: name, in: .viewport).flatMap { binding in
        CommandTable.standard[name].map { (binding.shortKeysText, $0.title) }
      }
    }
    let block = rect.centered(columns: 26, rows: offers.count + 3)
    painter.centeredText("chiaro", line: block.line(0), role: .textAccent)
    painter.centeredText("light a portrait", line: block.line(1), role: .textDim)
    for (offset, offer) in offers.enumerated() {
      let line = block.line(offset + 3)
      painter.rightText(
        offer.0, endColumn: line.column + 6, row: line.row, role: .hintKey, in: line)
      painter.text(offer.1, column: line.column + 8, row: line.row, role: .text, in: line)
    }
  }

  // MARK: - Progress

  /// Draws the stage, how far all of them are, and a gauge on what is left of the line between.
  private static func drawProgress(
    _ state: StudioState, in line: Rect, with painter: inout Painter
  ) {
    guard let job = state.jobs.decomposition, !line.isEmpty else { return }
    let percent = " \(Float(job.fraction * 100).text(digits: 0)) % "
    let (right, left) = line.splitRight(percent.count)
    painter.text(percent, column: right.column, row: right.row, role: .textStrong, in: right)
    let end = painter.text(
      " \(DecompositionStage.title(of: job.stage)) ", column: left.column, row: left.row,
      role: .text, in: left)
    painter.gauge(job.fraction, in: left.splitRight(left.endColumn - end).strip)
  }
}

/// The stages of a decomposition.
enum DecompositionStage {
  /// In order, as the runtime names them and as people read them.
  private static let all = [
    ("reading", "Reading"), ("align", "Framing"), ("maginet", "MAGINet"),
    ("refinement", "RefinementNet"), ("translator", "PassTranslator"),
  ]

  /// What a stage is called on the screen.
  static func title(of stage: String) -> String {
    all.first { $0.0 == stage }?.1 ?? stage
  }

  /// Draws what is done, under way and to come, where there is room for all.
  static func drawAll(upTo current: String, in line: Rect, with painter: inout Painter) {
    let total = all.reduce(0) { $0 + $1.1.count + 4 }
    guard let current = all.firstIndex(where: { $0.0 == current }), total <= line.columns else {
      return
    }
    var column = line.column
    for (index, stage) in all.enumerated() {
      let mark = index < current ? "✓" : index == current ? "●" : "○"
      let role: ThemeRole = index == current ? .textAccent : .textDim
      column = painter.text(
        "\(mark) \(stage.1)  ", column: column, row: line.row, role: role, in: line)
    }
  }
}
