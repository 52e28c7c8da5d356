import Imaging
import TerminalCells
import TerminalGraphics
import TestSupport
import Testing

@Suite struct ImagePlacementTests {
  private let square = ImageExtent(width: 1024, height: 1024)

  private func capabilities(_ graphics: GraphicsProtocol, _ answers: String = "")
    -> TerminalCapabilities
  {
    TerminalCapabilities(
      environment: TerminalEnvironment(variables: ["TERM": "xterm-256color"]),
      replies: TerminalReplies(parsing: Array(answers.utf8)), requested: graphics)
  }

  @Test("the kernel's pixels decide the size of a cell when they are plausible")
  func cellSize() {
    let answers = capabilities(.sixel, "\u{1B}[4;400;800t\u{1B}[6;17;8t")
    let kernel = TerminalSize(columns: 80, rows: 24, pixelWidth: 484, pixelHeight: 316)
    #expect(answers.cellSize(for: kernel) == ImageExtent(width: 6, height: 13))
    let silent = TerminalSize(columns: 80, rows: 24)
    #expect(answers.cellSize(for: silent) == ImageExtent(width: 8, height: 17))
    let wrong = TerminalSize(columns: 80, rows: 24, pixelWidth: 80, pixelHeight: 24)
    #expect(answers.cellSize(for: wrong) == ImageExtent(width: 8, height: 17))
    let window = capabilities(.sixel, "\u{1B}[4;480;800t")
    #expect(window.cellSize(for: silent) == ImageExtent(width: 10, height: 20))
    let nothing = capabilities(.sixel)
    #expect(nothing.cellSize(for: silent) == ImageExtent(width: 10, height: 20))
  }

  @Test("sixels have whole bands and keep the last row free")
  func sixelPlacement() throws {
    let screen = TerminalSize(columns: 80, rows: 24, pixelWidth: 800, pixelHeight: 480)
    let placement = try #require(
      ImagePlacement(
        of: square, in: Rect(column: 10, row: 0, columns: 70, rows: 24), screen: screen,
        capabilities: capabilities(.sixel)))
    // 23 rows of 20 pixels are 460, of which 456 make whole bands.
    #expect(placement.pixelHeight == 456)
    #expect(placement.pixelWidth == 460)
    #expect(placement.rect == Rect(column: 22, row: 0, columns: 46, rows: 23))
  }

  @Test("the terminal's limit is respected")
  func limit() throws {
    let screen = TerminalSize(columns: 200, rows: 100, pixelWidth: 2000, pixelHeight: 2000)
    let placement = try #require(
      ImagePlacement(
        of: square, in: Rect(column: 0, row: 0, columns: 200, rows: 100), screen: screen,
        capabilities: capabilities(.sixel, "\u{1B}[?2;0;800;680S\u{1B}[?62;4c")))
    #expect(placement.pixelWidth == 680 && placement.pixelHeight == 678)
  }

  @Test("cells have four pixels across and eight down")
  func cellPlacement() throws {
    let screen = TerminalSize(columns: 80, rows: 24)
    let placement = try #require(
      ImagePlacement(
        of: square, in: Rect(column: 0, row: 0, columns: 80, rows: 24), screen: screen,
        capabilities: capabilities(.cells)))
    #expect(placement.rect == Rect(column: 16, row: 0, columns: 48, rows: 24))
    #expect(placement.pixelWidth == 192 && placement.pixelHeight == 192)
  }

  @Test("no placement leaves its slot, whatever the sizes", arguments: 0..<200)
  func staysInside(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let screen = TerminalSize(
      columns: Int.random(in: 0...200, using: &generator),
      rows: Int.random(in: 0...60, using: &generator),
      pixelWidth: Int.random(in: 0...2000, using: &generator),
      pixelHeight: Int.random(in: 0...1200, using: &generator))
    let slot = Rect(
      column: Int.random(in: 0...40, using: &generator),
      row: Int.random(in: 0...20, using: &generator),
      columns: Int.random(in: 0...200, using: &generator),
      rows: Int.random(in: 0...60, using: &generator))
    let image = ImageExtent(
      width: Int.random(in: 1...5000, using: &generator),
      height: Int.random(in: 1...5000, using: &generator))
    let graphics = GraphicsProtocol.allCases.randomElement(using: &generator) ?? .cells
    let found = capabilities(graphics)
    guard
      let placement = ImagePlacement(of: image, in: slot, screen: screen, capabilities: found)
    else { return }
    let rect = placement.rect
    #expect(slot.intersection(rect) == rect && !rect.isEmpty, "seed \(seed)")
    #expect(rect.endColumn <= screen.columns && rect.endRow <= screen.rows, "seed \(seed)")
    if graphics != .cells {
      let cell = found.cellSize(for: screen)
      #expect(rect.endRow < screen.rows, "seed \(seed)")
      #expect(placement.pixelWidth <= rect.columns * cell.width, "seed \(seed)")
      #expect(placement.pixelHeight <= rect.rows * cell.height, "seed \(seed)")
    }
  }
}
