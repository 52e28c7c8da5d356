import TerminalCells

/// Where an overlay is and which rows of its list it shows; drawing and mouse agree here.
struct OverlayGeometry {
  /// All cells of the overlay, border included.
  let rect: Rect
  /// The rows of its list.
  let list: Rect
  /// The rows that each entry takes: more than one where it has a small picture.
  let entryRows: Int
  /// The cells beside a low list for the small picture of the selected entry; none where entries have
  /// their own.
  private(set) var aside = Rect.nowhere
  /// The list entry in the first of those rows.
  let firstRow: Int
  /// Entries of the list.
  let count: Int
  /// What the help says; the rows of its list are known from it.
  private(set) var help: HelpContent?

  /// Lays `overlay` out on a screen.
  init(_ overlay: Overlay, state: StudioState, layout: StudioLayout) {
    let body = Rect(
      column: 0, row: layout.title.endRow, columns: state.size.columns,
      rows: max(0, layout.status.row - layout.title.endRow))
    let selection: Int
    entryRows = Self.entryRows(overlay, state: state, layout: layout, body: body)
    switch overlay {
    case .help(let help):
      // As wide as the longest sentence.
      rect = body.centered(columns: 140, rows: body.rows - (body.rows > 20 ? 2 : 0))
      list = rect.inset(columns: 2, rows: 1).splitTop(2).rest
      let content = HelpContent(state, overlay: help)
      self.help = content
      count = content.rows.count
      firstRow = max(0, min(help.scroll, count - list.rows))
      return
    case .messages(let scroll):
      rect = body.centered(columns: 100, rows: body.rows - (body.rows > 20 ? 4 : 0))
      list = rect.inset(columns: 2, rows: 1)
      count = state.messages.lines(columns: list.columns).count
      firstRow = max(0, count - list.rows - scroll)
      return
    case .palette(let palette):
      rect = Self.sheet(layout, body: body)
      list = rect.inset(columns: 1, rows: 1).splitTop(2).rest
      count = CommandTable.standard.palette(matching: palette.query.text).count
      selection = palette.selection
    case .picker(let picker):
      rect = Self.sheet(layout, body: body, triesOut: true)
      let area = rect.inset(columns: 1, rows: 1).splitTop(picker.hasFilterLine ? 1 : 0).rest
      let leavesRoom =
        picker.kind == .environment && entryRows == 1 && area.columns >= 8 * area.rows
      (aside, list) = area.splitRight(leavesRoom ? 4 * area.rows : 0)
      count = state.entries(of: picker).count
      selection = picker.selection
    case .tasks(let row):
      rect = Self.card(layout, body: body, columns: 64, rows: state.tasks.count + 4)
      list = rect.inset(columns: 1, rows: 1)
      count = state.tasks.count
      selection = row
    case .openDialog(let dialog):
      rect = Self.sheet(layout, body: body, triesOut: true)
      list = rect.inset(columns: 1, rows: 1).splitTop(rect.rows < 12 ? 1 : 2).rest
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
      rect = Self.card(layout, body: body, columns: 46, rows: 7)
      let inner = rect.inset(columns: 2, rows: 1)
      list = inner.splitTop(inner.rows >= 5 ? 2 : 1).rest
      (firstRow, count) = (0, state.answers(to: overlay).count)
      return
    }
    let shown = max(1, list.rows / entryRows)
    firstRow = max(0, min(selection - shown + 1, count - shown))
  }

  /// Entries of the list that there is room for.
  var shownCount: Int { list.rows / entryRows }

  /// Whether entries have small pictures.
  var hasThumbnails: Bool { entryRows > 1 || !aside.isEmpty }

  /// The cells of an entry, counted from the first on show.
  func entry(_ offset: Int) -> Rect {
    Rect(
      column: list.column, row: list.row + offset * entryRows, columns: list.columns,
      rows: entryRows)
  }

  /// The list entry at a cell.
  func listRow(at position: CellPosition) -> Int? {
    guard list.contains(position) else { return nil }
    let offset = (position.row - list.row) / entryRows
    return offset < shownCount && firstRow + offset < count ? firstRow + offset : nil
  }

  /// Surroundings are told apart by their pictures, as large as lets all of them show; a folder's rows
  /// have some where there is much room.
  private static func entryRows(
    _ overlay: Overlay, state: StudioState, layout: StudioLayout, body: Rect
  ) -> Int {
    let rows = sheet(layout, body: body, triesOut: true).rows - 2
    switch overlay {
    case .picker(let picker) where picker.kind == .environment && rows >= 6:
      return min(max(rows / max(state.library.environments.count, 1), 3), 8)
    case .openDialog(let dialog):
      let share = (rows - 2) / max(min(dialog.entries.count, 16), 1)
      return rows >= 12 && share >= 3 ? min(share, 6) : 1
    default: return 1
    }
  }

  /// A small rectangle in the side bar, which leaves the picture in view, or over the middle of it.
  private static func card(
    _ layout: StudioLayout, body: Rect, columns: Int, rows: Int
  ) -> Rect {
    let isBeside = layout.sidebar.columns < body.columns
    let area = isBeside ? layout.sidebar : layout.viewport.inset(columns: 1, rows: 1)
    guard area.rows >= 7 else { return body.centered(columns: columns, rows: min(rows, body.rows)) }
    // Edges beside edges are hard to tell apart.
    let columns = area.columns < columns + 8 ? area.columns : columns
    return area.centered(columns: columns, rows: min(rows, area.rows))
  }

  /// The side bar, which leaves the picture in view; the whole body where that is too small.
  ///
  /// Below the portrait only lists that try things out on it leave it in view.
  private static func sheet(_ layout: StudioLayout, body: Rect, triesOut: Bool = false) -> Rect {
    let isBeside = layout.sidebar.columns < body.columns
    return layout.sidebar.rows >= (isBeside ? 8 : triesOut ? 6 : Int.max) ? layout.sidebar : body
  }
}
