import Imaging
import TerminalCells
import TerminalGraphics
import Testing

@Suite struct HalfBlockEncoderTests {
  private let checks = DisplayImage(
    width: 2, height: 2, bytes: [255, 0, 0, 10, 20, 30, 0, 255, 0, 10, 20, 30])

  @Test("a cell shows two pixels, equal ones without a glyph")
  func twoPixels() {
    let grid = HalfBlockEncoder(depth: .trueColor).grid(for: checks, columns: 2, rows: 1)
    #expect(
      grid[0, 0]
        == Cell("▀", style: CellStyle(foreground: .rgb(255, 0, 0), background: .rgb(0, 255, 0))))
    #expect(grid[1, 0].isUnderImage)
    #expect(grid[1, 0].style.background == .rgb(10, 20, 30))
  }

  @Test("fewer colours take the nearest")
  func fewerColors() {
    let grid = HalfBlockEncoder(depth: .indexed256).grid(for: checks, columns: 2, rows: 1)
    #expect(grid[0, 0].style == CellStyle(foreground: .indexed(196), background: .indexed(46)))
  }

  @Test("without colour, brightness becomes ink")
  func withoutColor() {
    let image = DisplayImage(width: 2, height: 1, bytes: [0, 0, 0, 255, 255, 255])
    let grid = HalfBlockEncoder(depth: .monochrome).grid(for: image, columns: 2, rows: 1)
    #expect(grid[0, 0].grapheme == "\u{A0}")
    #expect(grid[1, 0].grapheme == "@")
    #expect(grid[1, 0].style == .standard)
  }

  @Test("larger pictures are averaged as light")
  func averaging() {
    let image = DisplayImage(
      width: 2, height: 2, bytes: [0, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0])
    let grid = HalfBlockEncoder(depth: .trueColor).grid(for: image, columns: 1, rows: 1)
    // Half the light is 188 behind the sRGB curve, not 128.
    #expect(grid[0, 0].style.background == .rgb(188, 188, 188))
  }

  @Test("an empty picture or no room draws nothing")
  func empty() {
    let encoder = HalfBlockEncoder(depth: .trueColor)
    #expect(encoder.grid(for: checks, columns: 0, rows: 4).columns == 0)
    let nothing = DisplayImage(width: 0, height: 0, bytes: [])
    #expect(
      encoder.grid(for: nothing, columns: 3, rows: 2) == CellGrid(columns: 3, rows: 2))
  }
}
