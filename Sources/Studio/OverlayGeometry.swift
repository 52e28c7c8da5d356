import TerminalCells

/// Where an overlay is and which rows of its list it shows; drawing and mouse agree here.
struct OverlayGeometry {
  /// All cells of the overlay, border included.
  let rect: Rect
  /// The rows of its list.
  let list: Rect
  /// The list entry in the first of those rows.
  let firstRow: Int
  /// Entries of the list.
  let count: Int

  /// Lays `overlay` out on a screen.
  init(_ overlay: Overlay, state: StudioState, layout: StudioLayout) {
    let body = Rect(
      column: 0, row: layout.title.endRow, columns: state.size.columns,
      rows: max(0, layout.status.row - layout.title.endRow))
    let selection: Int
    switch overlay {
    case .help(let help):
      rect = body.centered(columns: 76, rows: body.rows - (body.rows > 20 ? 2 : 0))
      list = rect.inset(columns: 2, rows: 1).splitTop(2).rest
      count = HelpContent(state, overlay: help).rows.count
      firstRow = max(0, min(help.scroll, count - list.rows))
      return
    case .messages(let scroll):
      rect = body.centered(columns: 100, rows: body.rows - (body.rows > 20 ? 4 : 0))
      list = rect.inset(columns: 2, rows: 1)
      count = state.messages.record.count
      firstRow = max(0, count - list.rows - scroll)
      return
    case .palette(let palette):
      rect = Self.sheet(layout, body: body)
      list = rect.inset(columns: 1, rows: 1).splitTop(2).rest
      count = CommandTable.standard.palette(matching: palette.query.text).count
      selection = palette.selection
    case .picker(let picker):
      rect = Self.sheet(layout, body: body)
      list = rect.inset(columns: 1, rows: 1)
      count = state.pickerEntries(picker.kind).count
      selection = picker.selection
    case .tasks(let row):
      rect = body.centered(columns: 64, rows: min(body.rows, state.tasks.count + 4))
      list = rect.inset(columns: 1, rows: 1)
      count = state.tasks.count
      selection = row
    case .openDialog(let dialog):
      rect = Self.sheet(layout, body: body)
      list = rect.inset(columns: 1, rows: 1).splitTop(2).rest
      count = dialog.entries.count
      selection = dialog.selection
    case .prompt:
      // The two bars at the bottom; the picture stays whole.
      rect = Rect(
        column: 0, row: layout.status.row, columns: state.size.columns,
        rows: state.size.rows - layout.status.row)
      (list, firstRow, count) = (.nowhere, 0, 0)
      return
    case .confirmQuit, .confirmReplace, .confirmRecovery:
      rect = body.centered(columns: 46, rows: 7)
      (list, firstRow, count) = (.nowhere, 0, 0)
      return
    }
    firstRow = max(0, min(selection - list.rows + 1, count - list.rows))
  }

  /// The list entry at a cell.
  func listRow(at position: CellPosition) -> Int? {
    guard list.contains(position) else { return nil }
    let row = firstRow + position.row - list.row
    return row < count ? row : nil
  }

  /// The side bar, which leaves the picture in view; the whole body where that is too small.
  private static func sheet(_ layout: StudioLayout, body: Rect) -> Rect {
    layout.sidebar.columns < body.columns && layout.sidebar.rows >= 8 ? layout.sidebar : body
  }
}
