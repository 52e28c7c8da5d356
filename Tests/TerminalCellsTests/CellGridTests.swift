import TerminalCells
import TestSupport
import Testing

@Suite struct CellGridTests {
  private static let graphemes: [Character] = ["a", "é", "漢", "👍", "e\u{301}", "▀", " ", "👩‍👩‍👧"]

  @Test("text advances by the columns of its graphemes")
  func textAdvances() {
    var grid = CellGrid(columns: 12, rows: 1)
    let end = grid.draw("a漢é👍", at: CellPosition(column: 1, row: 0))
    #expect(end == 7)
    #expect(grid[1, 0].grapheme == "a")
    #expect(grid[2, 0].columns == 2)
    #expect(grid[3, 0].columns == 0)
    #expect(grid[4, 0].grapheme == "é")
    #expect(grid[5, 0].grapheme == "👍")
  }

  @Test("a wide grapheme at the edge of its clip leaves a blank")
  func clippedWideGrapheme() {
    var grid = CellGrid(columns: 4, rows: 1, filledWith: Cell("."))
    grid.draw(
      "漢", at: CellPosition(column: 1, row: 0), in: Rect(column: 0, row: 0, columns: 2, rows: 1))
    #expect(grid[1, 0].grapheme == " ")
    #expect(grid[2, 0].grapheme == ".")
  }

  @Test("covering half of a wide grapheme blanks the other half")
  func halfCovered() {
    var grid = CellGrid(columns: 4, rows: 1)
    grid.draw("漢漢", at: CellPosition(column: 0, row: 0))
    grid.draw("x", at: CellPosition(column: 1, row: 0))
    grid.draw("y", at: CellPosition(column: 2, row: 0))
    #expect((0..<4).map { grid[$0, 0].grapheme } == [" ", "x", "y", " "])
    #expect((0..<4).allSatisfy { grid[$0, 0].columns == 1 })
  }

  @Test("control characters never reach a cell")
  func controlCharacters() {
    var grid = CellGrid(columns: 8, rows: 1)
    grid.draw("a\u{1B}[2J\tb\u{200B}", at: CellPosition(column: 0, row: 0))
    #expect(
      (0..<8).map { grid[$0, 0].grapheme } == ["a", "\u{FFFD}", "[", "2", "J", " ", "b", " "])
  }

  @Test("plain text is drawn as its characters are one by one", arguments: 0..<100)
  func plainText(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var grid = CellGrid(columns: 12, rows: 2, filledWith: Cell("."))
    grid.draw("漢字漢字漢字", at: CellPosition(column: Int(seed % 2), row: 0))
    var oracle = grid
    let ranges: [Range<UInt32>] = [0x20..<0x7F, 0x2500..<0x25FD]
    let plain = ranges.joined().compactMap { Unicode.Scalar($0) }
    let text = String(
      (0..<Int.random(in: 0...9, using: &generator)).compactMap { _ in
        plain.randomElement(using: &generator).map(Character.init)
      })
    let clip = Rect(
      column: Int.random(in: -2...10, using: &generator), row: 0,
      columns: Int.random(in: 0...12, using: &generator), rows: 1)
    let position = CellPosition(
      column: Int.random(in: -4...12, using: &generator),
      row: Int.random(in: -1...2, using: &generator))
    let style = CellStyle(foreground: .indexed(3))
    let end = grid.draw(text, at: position, style: style, in: clip)
    for (offset, character) in text.enumerated() {
      let place = CellPosition(column: position.column + offset, row: position.row)
      oracle.draw(Cell(character, style: style), at: place, in: clip)
    }
    #expect(grid == oracle && end == position.column + text.count)
  }

  @Test("drawing stays inside of its rectangle", arguments: 0..<200)
  func drawingStaysInside(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let columns = Int.random(in: 0...20, using: &generator)
    let rows = Int.random(in: 0...8, using: &generator)
    var grid = CellGrid(columns: columns, rows: rows, filledWith: Cell("."))
    let clip = Rect(
      column: Int.random(in: -4...18, using: &generator),
      row: Int.random(in: -2...8, using: &generator),
      columns: Int.random(in: 0...12, using: &generator),
      rows: Int.random(in: 0...5, using: &generator))
    for _ in 0..<10 {
      let text = (0..<Int.random(in: 0...9, using: &generator)).map { _ in
        Self.graphemes.randomElement(using: &generator) ?? "a"
      }
      let place = CellPosition(
        column: Int.random(in: -5...20, using: &generator),
        row: Int.random(in: -1...8, using: &generator))
      grid.draw(String(text), at: place, in: clip)
    }
    for row in 0..<rows {
      for column in 0..<columns
      where !clip.contains(CellPosition(column: column, row: row)) {
        #expect(grid[column, row] == Cell("."), "seed \(seed) at \(column),\(row)")
      }
      expectWholeGraphemes(grid, row: row, seed: seed)
    }
  }

  @Test("changes applied to the old grid give the new one", arguments: 0..<200)
  func changesRoundTrip(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var old = CellGrid(columns: 20, rows: 5)
    scribble(on: &old, using: &generator)
    var new = old
    scribble(on: &new, using: &generator)
    var screen = old
    screen.apply(new.changes(since: old))
    #expect(screen == new, "seed \(seed)")
    var blank = CellGrid(columns: 20, rows: 5, filledWith: Cell("#"))
    blank.apply(new.changes(since: nil))
    #expect(blank == new, "seed \(seed)")
  }

  @Test("equal grids have no changes, and distant changes are separate runs")
  func runs() {
    var grid = CellGrid(columns: 20, rows: 2)
    let old = grid
    #expect(grid.changes(since: old).isEmpty)
    grid.draw("a", at: CellPosition(column: 1, row: 1))
    grid.draw("b", at: CellPosition(column: 4, row: 1))
    grid.draw("c", at: CellPosition(column: 15, row: 1))
    let runs = grid.changes(since: old)
    #expect(runs.map(\.column) == [1, 15])
    #expect(runs.map(\.cells.count) == [4, 1])
    #expect(runs.allSatisfy { $0.row == 1 })
  }

  @Test("a popup over a picture is found, the picture is not")
  func runsOverImage() {
    var grid = CellGrid(columns: 10, rows: 3, filledWith: .underImage())
    grid.draw("漢!", at: CellPosition(column: 4, row: 1))
    let runs = grid.runsOverImage(in: grid.bounds)
    #expect(runs == [CellRun(column: 4, row: 1, cells: [Cell("漢"), Cell("!")])])
    #expect(grid.runsOverImage(in: Rect(column: 0, row: 2, columns: 10, rows: 1)).isEmpty)
  }

  @Test("a dump shows glyphs, styles and their names")
  func dump() {
    var grid = CellGrid(columns: 6, rows: 2)
    let key = CellStyle(foreground: .rgb(255, 204, 0), attributes: [.bold, .underline])
    let muted = CellStyle(background: .indexed(7))
    grid.draw("漢x", at: CellPosition(column: 0, row: 0), style: key)
    grid.fill(Rect(column: 3, row: 1, columns: 2, rows: 1), with: .underImage(style: muted))
    let frame = Frame(
      grid: grid,
      images: [ImageSlot(rect: Rect(column: 3, row: 1, columns: 2, rows: 1), image: .init(4))],
      cursor: CellPosition(column: 2, row: 0))
    #expect(
      frame.dump { $0 == muted ? "image" : nil } == """
        |漢x   |
        |   ░░ |
        styles
        |aaa...|
        |...bb.|
        a fg=#ffcc00 bg=standard bold underline
        b image
        image 4 at 3,1 size 2x1
        cursor at 2,0

        """)
  }

  private func scribble(on grid: inout CellGrid, using generator: inout SeededGenerator) {
    for _ in 0..<6 {
      let text = (0..<4).map { _ in Self.graphemes.randomElement(using: &generator) ?? "a" }
      let place = CellPosition(
        column: Int.random(in: -3...19, using: &generator),
        row: Int.random(in: 0...4, using: &generator))
      let style = CellStyle(foreground: .indexed(UInt8.random(in: 0...3, using: &generator)))
      grid.draw(String(text), at: place, style: style)
    }
  }

  private func expectWholeGraphemes(_ grid: CellGrid, row: Int, seed: UInt64) {
    for column in 0..<grid.columns {
      let follows = column > 0 && grid[column - 1, row].columns == 2
      #expect((grid[column, row].columns == 0) == follows, "seed \(seed) at \(column),\(row)")
    }
  }
}
