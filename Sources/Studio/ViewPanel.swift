import TerminalCells

/// The list of views in two columns, each with its key.
enum ViewPanel {
  private static func rows(_ content: Rect) -> Int {
    max(1, (ViewMode.allCases.count + 1) / 2)
  }

  /// The view listed at a cell.
  static func view(at position: CellPosition, in content: Rect) -> ViewMode? {
    let rows = rows(content)
    let side = position.column < content.column + content.columns / 2 ? 0 : 1
    let index = side * rows + position.row - content.row
    return ViewMode.allCases.indices.contains(index) ? ViewMode.allCases[index] : nil
  }

  /// Draws the list.
  static func draw(_ state: StudioState, in content: Rect, with painter: inout Painter) {
    let rows = rows(content)
    let half = content.columns / 2
    for (index, view) in ViewMode.allCases.enumerated() {
      let cell = Rect(
        column: content.column + index / rows * half, row: content.row + index % rows,
        columns: index < rows ? half : content.columns - half, rows: 1)
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
    default: title
    }
  }
}
