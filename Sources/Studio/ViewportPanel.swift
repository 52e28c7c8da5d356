import TerminalCells

/// The portrait: a frame, the picture's slot, progress while there are no passes yet.
enum ViewportPanel {
  /// Draws the panel and returns the picture's slot, if there is a picture.
  static func draw(
    _ state: StudioState, layout: StudioLayout, with painter: inout Painter
  ) -> ImageSlot? {
    if layout.picture.row > layout.viewport.row {
      painter.frame(
        layout.viewport, title: title(state), note: note(state),
        roles: .panel(isFocused: state.interface.focus == .viewport))
    }
    if state.jobs.decomposition != nil {
      drawProgress(state, in: layout.progress, with: &painter)
    }
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

  /// The stages in order, as the runtime names them and as people read them.
  private static let stages = [
    ("reading", "Reading"), ("align", "Framing"), ("maginet", "MAGINet"),
    ("refinement", "RefinementNet"), ("translator", "PassTranslator"),
  ]

  /// What a stage is called on the screen.
  static func stageTitle(_ stage: String) -> String {
    stages.first { $0.0 == stage }?.1 ?? stage
  }

  private static func drawProgress(
    _ state: StudioState, in rect: Rect, with painter: inout Painter
  ) {
    guard let job = state.jobs.decomposition, !rect.isEmpty else { return }
    let percent = Float(job.fraction * 100).text(digits: 0).leftPadded(3) + " %"
    if rect.rows < 3 {
      let line = rect.line(0)
      let end = painter.text(
        " \(stageTitle(job.stage)) ", column: line.column, row: line.row, role: .text, in: line)
      painter.gauge(
        job.fraction, in: line.inset(columns: 6).splitRight(line.endColumn - 6 - end).strip)
      painter.rightText(
        percent, endColumn: line.endColumn, row: line.row, role: .textStrong, in: line)
      return
    }
    drawStages(job, line: rect.line(0).inset(columns: 1), with: &painter)
    let line = rect.line(1).inset(columns: 1)
    painter.gauge(job.fraction, in: line.splitRight(6).rest)
    painter.rightText(
      percent, endColumn: line.endColumn, row: line.row, role: .textStrong, in: line)
    let below = rect.line(2).inset(columns: 1)
    let words = job.isCancelling ? "cancelling" : job.layer
    painter.text(
      words.fitted(below.columns), column: below.column, row: below.row, role: .textDim, in: below)
  }

  private static func drawStages(
    _ job: DecompositionJob, line: Rect, with painter: inout Painter
  ) {
    let total = stages.reduce(0) { $0 + $1.1.count + 4 }
    guard let current = stages.firstIndex(where: { $0.0 == job.stage }), total <= line.columns
    else {
      painter.text(
        stageTitle(job.stage), column: line.column, row: line.row, role: .textAccent, in: line)
      return
    }
    var column = line.column
    for (index, stage) in stages.enumerated() {
      let mark = index < current ? "✓" : index == current ? "●" : "○"
      let role: ThemeRole = index == current ? .textAccent : .textDim
      column = painter.text(
        "\(mark) \(stage.1)  ", column: column, row: line.row, role: role, in: line)
    }
  }
}
