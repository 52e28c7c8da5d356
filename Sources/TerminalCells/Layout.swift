/// A place on the screen, counted in cells from the top left corner.
public struct CellPosition: Hashable, Sendable {
  /// Distance from the left edge.
  public var column: Int
  /// Distance from the top edge.
  public var row: Int

  /// Makes a position.
  public init(column: Int, row: Int) {
    self.column = column
    self.row = row
  }
}

/// A rectangle of cells; sizes are never negative.
public struct Rect: Hashable, Sendable {
  /// The first column.
  public let column: Int
  /// The first row.
  public let row: Int
  /// The width in cells.
  public let columns: Int
  /// The height in cells.
  public let rows: Int

  /// Makes a rectangle; a negative size becomes zero.
  public init(column: Int, row: Int, columns: Int, rows: Int) {
    self.column = column
    self.row = row
    self.columns = max(0, columns)
    self.rows = max(0, rows)
  }

  /// The column behind the last one.
  public var endColumn: Int { column + columns }
  /// The row below the last one.
  public var endRow: Int { row + rows }
  /// Whether no cell lies inside.
  public var isEmpty: Bool { columns == 0 || rows == 0 }
  /// The top left cell.
  public var origin: CellPosition { CellPosition(column: column, row: row) }

  /// Whether the cell lies inside.
  public func contains(_ position: CellPosition) -> Bool {
    (column..<endColumn).contains(position.column) && (row..<endRow).contains(position.row)
  }

  /// The cells that lie in both rectangles.
  public func intersection(_ other: Rect) -> Rect {
    let left = max(column, other.column)
    let top = max(row, other.row)
    return Rect(
      column: left, row: top, columns: min(endColumn, other.endColumn) - left,
      rows: min(endRow, other.endRow) - top)
  }

  /// The rectangle made smaller on each side, as a frame or padding needs it.
  public func inset(columns horizontal: Int = 0, rows vertical: Int = 0) -> Rect {
    let left = min(horizontal, columns)
    let top = min(vertical, rows)
    return Rect(
      column: column + left, row: row + top, columns: columns - left - horizontal,
      rows: rows - top - vertical)
  }

  /// A rectangle of at most the given size in the middle of this one.
  public func centered(columns wantedColumns: Int, rows wantedRows: Int) -> Rect {
    let width = min(max(0, wantedColumns), columns)
    let height = min(max(0, wantedRows), rows)
    return Rect(
      column: column + (columns - width) / 2, row: row + (rows - height) / 2, columns: width,
      rows: height)
  }

  /// One row of the rectangle, empty when the rectangle has no such row.
  public func line(_ index: Int) -> Rect {
    let exists = (0..<rows).contains(index)
    return Rect(column: column, row: row + index, columns: columns, rows: exists ? 1 : 0)
  }
}

// MARK: - Splits

/// How long one part of a split is.
public enum Extent: Hashable, Sendable {
  /// Exactly this many cells while there is room.
  case fixed(Int)
  /// This share (0–1) of the whole.
  case share(Double)
  /// What the others leave, divided by weight.
  case fill(weight: Int)

  /// What the others leave.
  public static let fill = Extent.fill(weight: 1)
}

extension Rect {
  /// Cuts the rectangle into parts side by side, left to right.
  public func splitColumns(_ extents: [Extent]) -> [Rect] {
    var next = column
    return lengths(of: extents, total: columns).map { length in
      defer { next += length }
      return Rect(column: next, row: row, columns: length, rows: rows)
    }
  }

  /// Cuts the rectangle into parts one below the other, top to bottom.
  public func splitRows(_ extents: [Extent]) -> [Rect] {
    var next = row
    return lengths(of: extents, total: rows).map { length in
      defer { next += length }
      return Rect(column: column, row: next, columns: columns, rows: length)
    }
  }

  /// Cuts a strip off the left and returns it with the remainder.
  public func splitLeft(_ length: Int) -> (strip: Rect, rest: Rect) {
    let parts = splitColumns([.fixed(length), .fill])
    return (parts[0], parts[1])
  }

  /// Cuts a strip off the right and returns it with the remainder.
  public func splitRight(_ length: Int) -> (strip: Rect, rest: Rect) {
    let parts = splitColumns([.fixed(columns - min(max(0, length), columns)), .fill])
    return (parts[1], parts[0])
  }

  /// Cuts a strip off the top and returns it with the remainder.
  public func splitTop(_ length: Int) -> (strip: Rect, rest: Rect) {
    let parts = splitRows([.fixed(length), .fill])
    return (parts[0], parts[1])
  }

  /// Cuts a strip off the bottom and returns it with the remainder.
  public func splitBottom(_ length: Int) -> (strip: Rect, rest: Rect) {
    let parts = splitRows([.fixed(rows - min(max(0, length), rows)), .fill])
    return (parts[1], parts[0])
  }

  /// Fixed parts and shares are served in order, so the last ones starve first; then the
  /// remainder goes to the filling parts, leftover cells to the first of them.
  private func lengths(of extents: [Extent], total: Int) -> [Int] {
    var remaining = total
    var weights = 0
    var lengths = extents.map { extent in
      let wanted: Int
      switch extent {
      case .fixed(let length): wanted = length
      case .share(let share): wanted = Int((Double(total) * share).rounded())
      case .fill(let weight):
        weights += max(0, weight)
        wanted = 0
      }
      let length = min(max(0, wanted), remaining)
      remaining -= length
      return length
    }
    for (index, extent) in extents.enumerated() {
      guard case .fill(let weight) = extent, weight > 0 else { continue }
      let length = (remaining * weight + weights - 1) / weights
      lengths[index] = length
      remaining -= length
      weights -= weight
    }
    return lengths
  }
}
