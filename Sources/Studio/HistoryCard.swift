import TerminalCells

/// The last steps, at the foot of side bars that have room to spare; a click opens them all.
enum HistoryCard {
  static func draw(_ state: StudioState, in rect: Rect, with painter: inout Painter) {
    guard !rect.isEmpty else { return }
    let history = state.document.history
    let key = state.keymap.binding(for: "edit.history", in: .viewport)?.shortKeysText
    painter.frame(
      rect, title: "History", note: key.map { "\($0) goes to any step" } ?? "",
      roles: .panel(isFocused: false))
    let list = rect.inset(columns: 2, rows: 1)
    let steps = ["start"] + history.past.map(\.name)
    let first = max(0, steps.count - list.rows)
    for (offset, step) in steps.dropFirst(first).enumerated() {
      let line = list.line(offset)
      let isPresent = first + offset == steps.count - 1
      painter.text(
        step.fitted(line.columns), column: line.column, row: line.row,
        role: isPresent ? .textStrong : .textDim, in: line)
    }
  }
}
