import Shading
import TerminalCells

/// Draws the layers over the panels.
enum Overlays {
  /// Draws one overlay and returns the cursor's place, if it has a text.
  static func draw(
    _ overlay: Overlay, _ geometry: OverlayGeometry, state: StudioState,
    with painter: inout Painter
  ) -> CellPosition? {
    guard !geometry.rect.isEmpty else { return nil }
    painter.clear(geometry.rect, role: .overlay)
    switch overlay {
    case .help(let help): return drawHelp(help, geometry, state, with: &painter)
    case .messages:
      drawMessages(geometry, state, with: &painter)
      return nil
    case .palette(let palette): return drawPalette(palette, geometry, state, with: &painter)
    case .picker(let picker): return drawPicker(picker, geometry, state, with: &painter)
    case .prompt(let prompt): return drawPrompt(prompt, geometry.rect, state, with: &painter)
    case .tasks(let selection):
      drawTasks(selection, geometry, state, with: &painter)
      return nil
    case .openDialog(let dialog): return drawOpenDialog(dialog, geometry, state, with: &painter)
    case .confirmQuit, .confirmReplace, .confirmRecovery:
      drawQuestion(overlay, geometry, state, with: &painter)
      return nil
    }
  }

  // MARK: - Help

  private static func drawHelp(
    _ help: HelpOverlay, _ geometry: OverlayGeometry, _ state: StudioState,
    with painter: inout Painter
  ) -> CellPosition? {
    painter.frame(
      geometry.rect, title: "Help", note: "/ filter  esc back", roles: .overlay)
    let inner = geometry.rect.inset(columns: 2, rows: 1)
    let cursor = drawSearch(
      help.filter, isActive: help.isFiltering, hint: "press / to filter", line: inner.line(0),
      with: &painter)
    let rows = geometry.help?.rows ?? []
    for (offset, row) in rows.dropFirst(geometry.firstRow).prefix(geometry.list.rows).enumerated() {
      drawHelpRow(row, line: geometry.list.line(offset), with: &painter)
    }
    finishList(
      of: rows.count, orSay: "nothing matches", column: inner.column, geometry, with: &painter)
    return cursor
  }

  private static func drawHelpRow(
    _ row: HelpContent.Row, line: Rect, with painter: inout Painter
  ) {
    switch row {
    case .blank: break
    case .heading(let title):
      painter.text(
        title.fitted(line.columns), column: line.column, row: line.row, role: .overlayHeading,
        in: line)
    case .entry(let keys, let command, let reason):
      let keyColumns = min(14, line.columns / 3)
      painter.text(
        keys.fitted(keyColumns), column: line.column, row: line.row,
        role: reason == nil ? .overlayKey : .overlayDim, in: line)
      let titleColumn = line.column + keyColumns + 1
      let end = painter.text(
        command.title.fitted(line.endColumn - titleColumn), column: titleColumn, row: line.row,
        role: reason == nil ? .overlay : .overlayDim, in: line)
      let noteColumn = max(end + 2, line.column + keyColumns + 28)
      let room = line.endColumn - noteColumn
      // The first words of a sentence tell nothing; a reason is short.
      guard room >= (reason == nil ? 24 : 12) else { return }
      painter.text(
        (reason ?? command.help).fitted(room), column: noteColumn, row: line.row,
        role: .overlayDim, in: line)
    }
  }

  /// A line with a text to search by, or how to start one.
  static func drawSearch(
    _ field: TextField, isActive: Bool, hint: String, line: Rect, with painter: inout Painter
  ) -> CellPosition? {
    guard !line.isEmpty else { return nil }
    painter.text("›", column: line.column, row: line.row, role: .overlayKey, in: line)
    let area = line.splitLeft(2).rest
    guard isActive || !field.text.isEmpty else {
      painter.text(hint, column: area.column, row: area.row, role: .overlayDim, in: area)
      return nil
    }
    let cursor = painter.field(field, in: area, role: .overlayField)
    return isActive ? cursor : nil
  }

  // MARK: - Messages

  private static func drawMessages(
    _ geometry: OverlayGeometry, _ state: StudioState, with painter: inout Painter
  ) {
    painter.frame(
      geometry.rect, title: "Messages",
      note: note(
        [("overlay.close", "back")], .messages(scroll: 0), state, columns: geometry.rect.columns),
      roles: .overlay)
    let list = geometry.list
    let lines = state.messages.lines(columns: list.columns)
    for (offset, entry) in lines.dropFirst(geometry.firstRow).prefix(list.rows).enumerated() {
      let line = list.line(offset)
      var style = painter.theme[entry.level.role]
      style.background = painter.theme[.overlay].background
      painter.text(entry.text, column: line.column, row: line.row, style: style, in: line)
    }
    finishList(
      of: lines.count, orSay: "nothing yet", column: list.column, geometry, with: &painter)
  }

  // MARK: - Palette and pickers

  private static func drawPalette(
    _ palette: PaletteOverlay, _ geometry: OverlayGeometry, _ state: StudioState,
    with painter: inout Painter
  ) -> CellPosition? {
    let commands = CommandTable.standard.palette(matching: palette.query.text)
    let chosen = commands.indices.contains(palette.selection) ? commands[palette.selection] : nil
    // A command runs once the palette is gone.
    var uncovered = state
    uncovered.interface.overlays.removeLast()
    painter.frame(
      geometry.rect, title: "Commands", note: chosen?.disabledReason(in: uncovered) ?? "enter runs",
      roles: .overlay)
    let inner = geometry.rect.inset(columns: 2, rows: 1)
    let cursor = drawSearch(
      palette.query, isActive: true, hint: "", line: inner.line(0), with: &painter)
    for (offset, command) in commands.dropFirst(geometry.firstRow).prefix(geometry.list.rows)
      .enumerated()
    {
      let keys =
        state.keymap.binding(for: command.name, in: uncovered.keymapContext)?.shortKeysText ?? ""
      let isEnabled = command.disabledReason(in: uncovered) == nil
      let entry = ListEntry(
        text: command.title, note: keys,
        isSelected: geometry.firstRow + offset == palette.selection,
        isEnabled: isEnabled)
      draw(entry, line: geometry.list.line(offset), with: &painter)
    }
    finishList(
      of: commands.count, orSay: "no such command", column: inner.column, geometry, with: &painter)
    return cursor
  }

  private static func drawPicker(
    _ picker: PickerOverlay, _ geometry: OverlayGeometry, _ state: StudioState,
    with painter: inout Painter
  ) -> CellPosition? {
    let overlay = Overlay.picker(picker)
    let entries = state.entries(of: picker)
    painter.frame(
      geometry.rect, title: picker.kind.title,
      note: note(
        picker.isFiltering
          ? [("overlay.accept", "takes"), ("overlay.close", "all again")]
          : [("overlay.accept", "takes"), ("overlay.close", "leaves"), ("list.filter", "filters")]
            + (picker.kind == .snapshot ? [("look.compare", "compares")] : []),
        overlay, state, columns: geometry.rect.columns),
      roles: .overlay)
    var cursor: CellPosition?
    if picker.hasFilterLine {
      cursor = drawSearch(
        picker.filter, isActive: picker.isFiltering, hint: "",
        line: geometry.rect.inset(columns: 2, rows: 1).line(0), with: &painter)
    }
    let sources = geometry.hasThumbnails ? state.thumbnailSources(of: overlay) : nil
    if entries.indices.contains(picker.selection), let source = sources?[picker.selection],
      let thumbnail = state.thumbnails[source]
    {
      painter.thumbnail(thumbnail, in: geometry.aside, depth: state.colorDepth)
    }
    for (offset, shown) in entries.dropFirst(geometry.firstRow).prefix(geometry.shownCount)
      .enumerated()
    {
      let row = geometry.firstRow + offset
      let entry = ListEntry(
        text: shown.name, note: shown.note, isSelected: row == picker.selection, isEnabled: true,
        source: sources?[row])
      draw(entry, in: geometry.entry(offset), state, with: &painter)
    }
    finishList(
      of: entries.count, orSay: picker.hasFilterLine ? "nothing matches" : "none found",
      column: geometry.list.column + 1, geometry, with: &painter)
    return cursor
  }

  /// What the keys of an overlay do, such as `enter takes  esc leaves`: the first that fit.
  static func note(
    _ offers: [(command: String, words: String)], _ overlay: Overlay, _ state: StudioState,
    columns: Int
  ) -> String {
    var note = ""
    for offer in offers {
      let binding = state.keymap.effectiveBindings(in: overlay.keymapContext).first {
        $0.run == offer.command && $0.works(in: overlay.field)
      }
      guard let binding else { continue }
      let next = (note.isEmpty ? "" : note + "  ") + "\(binding.shortKeysText) \(offer.words)"
      // The frame takes a corner, an edge and a blank on either side.
      guard next.terminalColumns <= columns - 6 else { break }
      note = next
    }
    return note
  }

  /// Ends a list: what is said in place of no rows, and how far it is scrolled.
  static func finishList(
    of total: Int, orSay nothing: String, column: Int, _ geometry: OverlayGeometry,
    with painter: inout Painter
  ) {
    if total == 0 {
      painter.text(
        nothing, column: column, row: geometry.list.row, role: .overlayDim, in: geometry.list)
    }
    painter.scrollMark(
      first: geometry.firstRow, shown: geometry.shownCount, total: total,
      in: geometry.rect.inset(rows: 1).splitRight(1).strip)
  }

  /// One row of a list in an overlay.
  struct ListEntry {
    let text: String
    let note: String
    let isSelected: Bool
    let isEnabled: Bool
    /// What its small picture shows.
    var source: ThumbnailSource?
  }

  /// An entry on several lines, beside its small picture.
  static func draw(
    _ entry: ListEntry, in rect: Rect, _ state: StudioState, with painter: inout Painter
  ) {
    guard rect.rows > 1 else { return draw(entry, line: rect.line(0), with: &painter) }
    // Pictures that touch would be one. A panorama is two squares side by side, a portrait less than one.
    let rows = rect.rows > 3 ? rect.rows - 1 : rect.rows
    let isPanorama = if case .environment? = entry.source { true } else { false }
    let columns = rows * (isPanorama ? 4 : 2)
    let picture = Rect(column: rect.column + 1, row: rect.row, columns: columns, rows: rows)
    if let thumbnail = entry.source.flatMap({ state.thumbnails[$0] }) {
      painter.thumbnail(thumbnail, in: picture, depth: state.colorDepth)
    }
    let text = rect.splitLeft(picture.columns + 1).rest
    draw(entry, line: text.line(rows / 2), with: &painter)
  }

  static func draw(_ entry: ListEntry, line: Rect, with painter: inout Painter) {
    painter.text(
      entry.isSelected ? "▌" : " ", column: line.column, row: line.row, role: .overlayKey, in: line)
    let room = line.columns - 3 - entry.note.terminalColumns
    painter.text(
      entry.text.fitted(room), column: line.column + 1, row: line.row,
      role: entry.isEnabled ? .overlay : .overlayDim, in: line)
    painter.rightText(
      entry.note, endColumn: line.endColumn - 1, row: line.row,
      role: entry.isEnabled ? .overlayKey : .overlayDim, in: line)
    if entry.isSelected { painter.highlight(line, role: .overlaySelected) }
  }

  // MARK: - Questions

  private static func drawPrompt(
    _ prompt: PromptOverlay, _ rect: Rect, _ state: StudioState, with painter: inout Painter
  ) -> CellPosition? {
    let last = rect.line(rect.rows - 1)
    if rect.rows >= 2 {
      let line = rect.line(rect.rows - 2)
      let end = painter.text(
        " \(prompt.label)", column: line.column, row: line.row, role: .overlayTitle, in: line)
      if let problem = prompt.problem {
        painter.text(
          "  \(problem)".fitted(line.endColumn - end), column: end, row: line.row,
          role: .statusError, in: line)
      } else {
        let keys = "enter accepts  esc leaves "
        let room = line.splitLeft(end + 2).rest
        painter.rightText(
          keys.terminalColumns <= room.columns ? keys : "", endColumn: line.endColumn,
          row: line.row, role: .overlayDim, in: room)
      }
    }
    let mark = rect.rows >= 2 ? " › " : " \(prompt.problem ?? prompt.label): "
    let shownMark = mark.fitted(last.columns / 2)
    let end = painter.text(
      shownMark, column: last.column, row: last.row, role: .overlayKey, in: last)
    let area = last.splitLeft(end - last.column).rest
    let cursor = painter.field(prompt.field, in: area, role: .overlayField)
    if prompt.field.text.isEmpty {
      var style = painter.theme[.overlayDim]
      style.background = painter.theme[.overlayField].background
      painter.text(
        prompt.present.fitted(area.columns), column: area.column, row: area.row, style: style,
        in: area)
    }
    return cursor
  }
}
