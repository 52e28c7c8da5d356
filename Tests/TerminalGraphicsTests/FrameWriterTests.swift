import Imaging
import TerminalCells
import TerminalGraphics
import TestSupport
import Testing

@Suite struct FrameWriterTests {
  private let screen = TerminalSize(columns: 40, rows: 12, pixelWidth: 400, pixelHeight: 240)
  private let slot = Rect(column: 10, row: 2, columns: 12, rows: 6)

  private func setUp(
    _ graphics: GraphicsProtocol, _ answers: String = ""
  ) throws -> (FrameWriter, ImagePlacement, DisplayImage) {
    let capabilities = TerminalCapabilities(
      environment: TerminalEnvironment(
        variables: ["TERM": "xterm-256color", "COLORTERM": "truecolor"]),
      replies: TerminalReplies(parsing: Array(answers.utf8)), requested: graphics)
    let placement = try #require(
      ImagePlacement(
        of: ImageExtent(width: 10, height: 10), in: slot, screen: screen,
        capabilities: capabilities))
    let side = min(placement.pixelWidth, placement.pixelHeight)
    let image = Portrait.image(side: side)
      .stretched(width: placement.pixelWidth, height: placement.pixelHeight)
    return (FrameWriter(capabilities: capabilities), placement, image)
  }

  @Test("a frame is bracketed and leaves the cursor alone")
  func brackets() throws {
    var (writer, placement, image) = try setUp(.sixel, "\u{1B}[?2026;2$y\u{1B}[?62;4c")
    let frame = writer.frame(for: image, at: placement, asksForAnswer: true)
    let text = String(decoding: frame, as: UTF8.self)
    #expect(text.hasPrefix("\u{1B}[?2026h\u{1B}7\u{1B}[3;11H\u{1B}P"))
    #expect(text.hasSuffix("\u{1B}\\\u{1B}8\u{1B}[?2026l\u{1B}[c"))
    #expect(DecodedSixel(frame)?.image.width == placement.pixelWidth)
  }

  @Test("terminals without synchronised output get none")
  func withoutSynchronization() throws {
    var (writer, placement, image) = try setUp(.kitty)
    let frame = writer.frame(for: image, at: placement)
    let text = String(decoding: frame, as: UTF8.self)
    #expect(text.hasPrefix("\u{1B}7") && text.hasSuffix("\u{1B}8"))
    #expect(KittyCommand.image(in: KittyCommand.all(in: frame)) == image)
    #expect(!writer.removal.isEmpty)
  }

  @Test("cells need no bytes, and a popup over them stays")
  func cells() throws {
    var (writer, placement, image) = try setUp(.cells)
    #expect(writer.frame(for: image, at: placement, asksForAnswer: true).isEmpty)
    #expect(writer.removal.isEmpty)
    var grid = CellGrid(columns: 40, rows: 12)
    grid.fill(slot, with: .underImage())
    grid.draw("popup", at: CellPosition(column: 12, row: 4))
    let before = grid
    writer.compose(image, at: placement, into: &grid)
    #expect(grid[12, 4].grapheme == "p")
    #expect(grid[placement.rect.column, placement.rect.row].style != .standard)
    #expect(grid[0, 0] == before[0, 0])
  }

  @Test("kitty's picture lies behind cells of the terminal's own background")
  func kittyBackground() throws {
    let (writer, placement, image) = try setUp(.kitty)
    var grid = CellGrid(columns: 40, rows: 12)
    let panel = CellStyle(background: .rgb(1, 2, 3))
    grid.fill(grid.bounds, with: .underImage(style: panel))
    writer.compose(image, at: placement, into: &grid)
    #expect(grid[placement.rect.column, placement.rect.row].style == .standard)
    #expect(grid[0, 0].style == panel)
  }

  @Test("only device attributes answer a frame")
  func answers() {
    #expect(FrameWriter.isAnswer(Array("\u{1B}[?62;4c".utf8)))
    #expect(!FrameWriter.isAnswer(Array("\u{1B}[>41;354;0c".utf8)))
    #expect(!FrameWriter.isAnswer(Array("\u{1B}[?2026;2$y".utf8)))
  }
}
