import TerminalCells
import TestSupport
import Testing

@Suite struct LayoutTests {
  @Test("fixed parts come first, the remainder is shared by weight")
  func split() {
    let parts = Rect(column: 2, row: 1, columns: 21, rows: 4)
      .splitColumns([.fixed(5), .fill(weight: 1), .share(0.2), .fill(weight: 2)])
    #expect(parts.map(\.columns) == [5, 4, 4, 8])
    #expect(parts.map(\.column) == [2, 7, 11, 15])
    #expect(parts.allSatisfy { $0.row == 1 && $0.rows == 4 })
  }

  @Test("parts of any split cover the rectangle without overlap", arguments: 0..<200)
  func splitCovers(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let rect = Rect(
      column: 3, row: 2, columns: Int.random(in: 0...40, using: &generator), rows: 3)
    let extents = (0..<4).map { _ -> Extent in
      switch Int.random(in: 0...2, using: &generator) {
      case 0: .fixed(Int.random(in: -2...20, using: &generator))
      case 1: .share(Double.random(in: 0...1, using: &generator))
      default: .fill(weight: Int.random(in: 0...3, using: &generator))
      }
    }
    let parts = rect.splitColumns(extents + [.fill])
    var column = rect.column
    for part in parts {
      #expect(part.column == column && part.columns >= 0, "seed \(seed)")
      column = part.endColumn
    }
    #expect(column == rect.endColumn, "seed \(seed)")
  }

  @Test("strips are cut off each side")
  func strips() {
    let rect = Rect(column: 0, row: 0, columns: 10, rows: 6)
    #expect(rect.splitTop(2).strip == Rect(column: 0, row: 0, columns: 10, rows: 2))
    #expect(rect.splitBottom(1).strip == Rect(column: 0, row: 5, columns: 10, rows: 1))
    #expect(rect.splitBottom(1).rest == Rect(column: 0, row: 0, columns: 10, rows: 5))
    #expect(rect.splitLeft(3).rest == Rect(column: 3, row: 0, columns: 7, rows: 6))
    #expect(rect.splitRight(30).strip == rect)
    #expect(rect.splitRight(30).rest.isEmpty)
  }

  @Test("insets, centring and intersections never get a negative size")
  func neverNegative() {
    let small = Rect(column: 5, row: 5, columns: 1, rows: 1)
    #expect(small.inset(columns: 1, rows: 1).isEmpty)
    #expect(small.centered(columns: 30, rows: 9) == small)
    #expect(small.intersection(Rect(column: 9, row: 0, columns: 2, rows: 20)).columns == 0)
    #expect(small.line(1).isEmpty)
    let large = Rect(column: 0, row: 0, columns: 11, rows: 5)
    #expect(
      large.centered(columns: 5, rows: 3) == Rect(column: 3, row: 1, columns: 5, rows: 3))
  }
}
