/// Neighbouring cells of one row that have to be drawn.
public struct CellRun: Hashable, Sendable {
  /// The first cell's column.
  public let column: Int
  /// The row.
  public let row: Int
  /// The cells from left to right, without the empty second halves of wide graphemes.
  public let cells: [Cell]

  /// Makes a run.
  public init(column: Int, row: Int, cells: [Cell]) {
    self.column = column
    self.row = row
    self.cells = cells
  }
}

/// A screenful of cells that is drawn into, compared and dumped.
///
/// Drawing outside of the grid or the clip rectangle does nothing, so panels need no size
/// checks. A wide grapheme never stands half: what covers one half blanks the other.
public struct CellGrid: Equatable, Sendable {
  /// The width in cells.
  public let columns: Int
  /// The height in cells.
  public let rows: Int
  private var cells: [Cell]

  /// Makes a grid filled with one single-column cell.
  /// - Precondition: `cell` is one column wide.
  public init(columns: Int, rows: Int, filledWith cell: Cell = .blank) {
    precondition(cell.columns == 1, "a grid is filled with cells of one column")
    self.columns = max(0, columns)
    self.rows = max(0, rows)
    cells = Array(repeating: cell, count: self.columns * self.rows)
  }

  /// The whole grid as a rectangle.
  public var bounds: Rect { Rect(column: 0, row: 0, columns: columns, rows: rows) }

  /// The cell at a place.
  /// - Precondition: the place lies in `bounds`.
  public subscript(column: Int, row: Int) -> Cell {
    precondition(
      bounds.contains(CellPosition(column: column, row: row)), "cell \(column),\(row) outside grid")
    return cells[row * columns + column]
  }

  // MARK: - Drawing

  /// Draws one line of text and returns the column behind it, drawn or clipped.
  ///
  /// Line breaks and tabs are drawn as spaces, graphemes without width are left out.
  @discardableResult
  public mutating func draw(
    _ text: String, at position: CellPosition, style: CellStyle = .standard, in clip: Rect? = nil
  ) -> Int {
    if let columns = text.plainColumns {
      drawPlain(text, at: position, style: style, in: clip)
      return position.column + columns
    }
    var column = position.column
    for grapheme in text {
      let isSpacing = grapheme.isNewline || grapheme == "\t"
      let cell = Cell(isSpacing ? " " : grapheme, style: style)
      // A zero-width grapheme has become U+FFFD in the cell; only controls should show it.
      if !isSpacing && grapheme.terminalColumns == 0 && !grapheme.isControl { continue }
      draw(cell, at: CellPosition(column: column, row: position.row), in: clip)
      column += cell.columns
    }
    return column
  }

  /// Draws text that needs no look at its graphemes.
  private mutating func drawPlain(
    _ text: String, at position: CellPosition, style: CellStyle, in clip: Rect?
  ) {
    let area = clip.map { bounds.intersection($0) } ?? bounds
    guard (area.row..<area.endRow).contains(position.row) else { return }
    for (column, scalar) in zip(position.column..., text.unicodeScalars)
    where (area.column..<area.endColumn).contains(column) {
      place(Cell(plain: scalar, style: style), column, position.row)
    }
  }

  /// Draws one cell; of a wide one that is clipped to a half only a blank remains.
  public mutating func draw(_ cell: Cell, at position: CellPosition, in clip: Rect? = nil) {
    let area = clip.map { bounds.intersection($0) } ?? bounds
    guard (area.row..<area.endRow).contains(position.row) else { return }
    let hasStart = area.contains(position)
    if cell.columns == 1 {
      if hasStart { place(cell, position.column, position.row) }
      return
    }
    let second = CellPosition(column: position.column + 1, row: position.row)
    switch (hasStart, area.contains(second)) {
    case (true, true):
      place(cell, position.column, position.row)
      place(.continuation(style: cell.style), second.column, position.row, joined: true)
    case (true, false): place(Cell(" ", style: cell.style), position.column, position.row)
    case (false, true): place(Cell(" ", style: cell.style), second.column, position.row)
    case (false, false): break
    }
  }

  /// Fills the part of a rectangle that lies in the grid with one single-column cell.
  /// - Precondition: `cell` is one column wide.
  public mutating func fill(_ rect: Rect, with cell: Cell = .blank) {
    precondition(cell.columns == 1, "a rectangle is filled with cells of one column")
    let area = bounds.intersection(rect)
    for row in area.row..<area.endRow {
      for column in area.column..<area.endColumn { place(cell, column, row) }
    }
  }

  /// Changes the styles in a rectangle and leaves the glyphs, as a selection does.
  public mutating func restyle(_ rect: Rect, _ change: (inout CellStyle) -> Void) {
    let area = bounds.intersection(rect)
    for row in area.row..<area.endRow {
      for column in area.column..<area.endColumn { change(&cells[row * columns + column].style) }
    }
  }

  /// Copies another grid to a place of this one.
  public mutating func draw(_ other: CellGrid, at position: CellPosition, in clip: Rect? = nil) {
    for row in 0..<other.rows {
      for column in 0..<other.columns {
        let cell = other[column, row]
        guard cell.columns > 0 else { continue }
        draw(
          cell, at: CellPosition(column: position.column + column, row: position.row + row),
          in: clip)
      }
    }
  }

  /// Writes one cell inside the grid and keeps wide graphemes whole or gone.
  ///
  /// `joined` marks the second half that belongs to the cell just written on its left.
  private mutating func place(_ cell: Cell, _ column: Int, _ row: Int, joined: Bool = false) {
    let index = row * columns + column
    if cells[index].columns == 2 && column + 1 < columns {
      cells[index + 1] = Cell(" ", style: cells[index + 1].style)
    }
    if cells[index].columns == 0 && column > 0 && !joined {
      cells[index - 1] = Cell(" ", style: cells[index - 1].style)
    }
    cells[index] = cell
  }

  // MARK: - Differences

  /// The runs that turn a screen showing `previous` into this grid.
  ///
  /// Without a previous grid, or with one of another size, everything is returned. Gaps of
  /// up to three unchanged cells are redrawn: moving the cursor costs more bytes.
  public func changes(since previous: CellGrid?) -> [CellRun] {
    let old = previous?.columns == columns && previous?.rows == rows ? previous : nil
    return (0..<rows).flatMap { row in
      changedRanges(row: row, since: old).map { range in
        let cells = range.map { self[$0, row] }.filter { $0.columns > 0 }
        return CellRun(column: range.lowerBound, row: row, cells: cells)
      }
    }
  }

  /// The runs in a rectangle that lie over its picture, such as a popup's.
  ///
  /// A picture of pixels that is sent anew covers them, so they must be drawn again behind it.
  public func runsOverImage(in rect: Rect) -> [CellRun] {
    let area = bounds.intersection(rect)
    var runs: [CellRun] = []
    for row in area.row..<area.endRow {
      var cells: [Cell] = []
      for column in area.column...area.endColumn {
        let cell = column < area.endColumn ? self[column, row] : nil
        if let cell, !cell.isUnderImage {
          cells.append(cell)
        } else if !cells.isEmpty {
          let visible = cells.filter { $0.columns > 0 }
          runs.append(CellRun(column: column - cells.count, row: row, cells: visible))
          cells = []
        }
      }
    }
    return runs
  }

  /// Draws runs, as a terminal does when it is sent them.
  public mutating func apply(_ runs: [CellRun]) {
    for run in runs {
      var column = run.column
      for cell in run.cells {
        draw(cell, at: CellPosition(column: column, row: run.row))
        column += cell.columns
      }
    }
  }

  private func changedRanges(row: Int, since previous: CellGrid?) -> [Range<Int>] {
    guard let previous else { return columns == 0 ? [] : [0..<columns] }
    let maximumGap = 3
    let start = row * columns
    var ranges: [Range<Int>] = []
    for column in 0..<columns where cells[start + column] != previous.cells[start + column] {
      // A changed second half is drawn by its first half.
      let first = cells[start + column].columns == 0 ? column - 1 : column
      let end = first + max(1, cells[start + first].columns)
      if let last = ranges.last, first <= last.upperBound + maximumGap {
        // The gap may end on the first half of an unchanged wide grapheme, never split one:
        // `first` itself is a first half.
        ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, end)
      } else {
        ranges.append(first..<end)
      }
    }
    return ranges
  }
}

extension Character {
  fileprivate var isControl: Bool {
    unicodeScalars.first?.properties.generalCategory == .control
  }
}
