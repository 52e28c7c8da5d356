import TerminalCells

/// The list of views in two or three columns, each with its key.
enum ViewPanel {
  /// Lists of this width take three columns.
  private static let wideColumns = 44

  /// The rows the list takes at a width.
  static func rows(columns: Int) -> Int {
    let sides = sides(columns)
    return (ViewMode.allCases.count + sides - 1) / sides
  }

  private static func sides(_ columns: Int) -> Int { columns >= wideColumns ? 3 : 2 }

  /// The view listed at a cell.
  static func view(at position: CellPosition, in content: Rect) -> ViewMode? {
    let rows = rows(columns: content.columns)
    let sides = sides(content.columns)
    let side = min((position.column - content.column) / (content.columns / sides), sides - 1)
    guard position.row - content.row < rows else { return nil }
    let index = side * rows + position.row - content.row
    return ViewMode.allCases.indices.contains(index) ? ViewMode.allCases[index] : nil
  }

  /// Draws the list.
  static func draw(_ state: StudioState, in content: Rect, with painter: inout Painter) {
    let rows = rows(columns: content.columns)
    let sides = sides(content.columns)
    let width = content.columns / sides
    for (index, view) in ViewMode.allCases.enumerated() {
      let side = index / rows
      let cell = Rect(
        column: content.column + side * width, row: content.row + index % rows,
        columns: side == sides - 1 ? content.columns - side * width : width, rows: 1)
      guard content.contains(cell.origin) else { continue }
      draw(view, state: state, in: cell, with: &painter)
    }
  }

  private static func draw(
    _ view: ViewMode, state: StudioState, in cell: Rect, with painter: inout Painter
  ) {
    let command = "view.\(view.rawValue)"
    let key = state.keymap.binding(for: command, in: .views)?.shortKeysText ?? ""
    let isShown = view == state.effectiveView
    let isEnabled = CommandTable.standard[command]?.disabledReason(in: state) == nil
    painter.text(
      isShown ? "▸" : " ", column: cell.column, row: cell.row, role: .listMark, in: cell)
    let end = painter.text(
      key, column: cell.column + 1, row: cell.row, role: isEnabled ? .hintKey : .listMuted, in: cell
    )
    painter.text(
      view.shortTitle.fitted(cell.endColumn - end - 1), column: end + 1, row: cell.row,
      role: isShown ? .textStrong : isEnabled ? .text : .listMuted, in: cell)
  }
}

extension ViewMode {
  /// The title for narrow lists.
  var shortTitle: String {
    switch self {
    case .ao: "Occlusion"
    case .skin: "Skin"
    case .subject: "Subject"
    case .light: "This light"
    case .probes: "Probes"
    case .shadow: "Its shadow"
    default: title
    }
  }
}
