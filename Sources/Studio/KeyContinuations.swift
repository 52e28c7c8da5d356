import TerminalCells

/// The keys that continue the sequence typed so far, listed until it ends; each can be clicked.
struct KeyContinuations {
  /// All cells of the list, frame included; none while no sequence is open.
  let rect: Rect
  private let typed: [Key]
  private let bindings: [KeyBinding]
  /// Rows of each column.
  private let height: Int
  /// Cells across of each column.
  private let width: Int

  init(_ state: StudioState, layout: StudioLayout) {
    typed = state.interface.pendingKeys
    bindings =
      typed.isEmpty ? [] : state.keymap.continuations(of: typed, in: state.keymapContext)
    // Beside the portrait there is room; below it the list takes what it needs of all.
    let isBeside = layout.sidebar.columns < state.size.columns && !layout.sidebar.isEmpty
    let area =
      isBeside
      ? layout.sidebar
      : Rect(
        column: 0, row: layout.title.endRow, columns: state.size.columns,
        rows: max(0, layout.status.row - layout.title.endRow))
    let room = max(1, area.rows - 2)
    let wanted = isBeside ? (bindings.count + room - 1) / room : 2
    let sides = max(1, min((area.columns - 4) / 26, wanted))
    height = (bindings.count + sides - 1) / sides
    rect = bindings.isEmpty ? .nowhere : area.splitBottom(min(height + 2, area.rows)).strip
    width = rect.inset(columns: 2, rows: 1).columns / sides
  }

  /// The cells of a row.
  private func line(_ index: Int) -> Rect {
    let list = rect.inset(columns: 2, rows: 1)
    return index % height < list.rows
      ? Rect(
        column: list.column + index / height * width, row: list.row + index % height,
        columns: width - 1, rows: 1) : .nowhere
  }

  /// The command at a cell.
  func command(at position: CellPosition) -> String? {
    bindings.indices.first { line($0).contains(position) }.map { bindings[$0].run }
  }

  func draw(with painter: inout Painter) {
    guard !rect.isEmpty else { return }
    painter.clear(rect, role: .overlay)
    painter.frame(
      rect, title: "\(typed.map(\.shortText).joined(separator: " ")) …", roles: .overlay)
    for (index, binding) in bindings.enumerated() {
      let line = line(index)
      let rest = binding.on.dropFirst(typed.count).map(\.shortText).joined(separator: " ")
      let end = painter.text(
        rest, column: line.column, row: line.row, role: .overlayKey, in: line)
      let column = max(end + 1, line.column + 4)
      let title = CommandTable.standard[binding.run]?.title ?? binding.run
      painter.text(
        title.fitted(line.endColumn - column), column: column, row: line.row, role: .overlay,
        in: line)
    }
  }
}
