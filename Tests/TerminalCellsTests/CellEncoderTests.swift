import TerminalCells
import Testing

@Suite struct CellEncoderTests {
  private func encoded(_ runs: [CellRun], depth: ColorDepth = .trueColor) -> String {
    var encoder = CellEncoder(depth: depth)
    var bytes: [UInt8] = []
    encoder.encode(runs, into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("no sequence has more parameters than mlterm takes")
  func parameterCount() {
    var encoder = CellEncoder(depth: .trueColor)
    let style = CellStyle(
      foreground: .rgb(255, 255, 255), background: .rgb(100, 100, 100),
      attributes: [.bold, .italic, .underline])
    var bytes: [UInt8] = []
    encoder.encode([Cell("a", style: style), Cell("b")], into: &bytes)
    let sequences = String(decoding: bytes, as: UTF8.self).split(separator: "\u{1B}")
    #expect(sequences.allSatisfy { $0.split(separator: ";").count <= 10 })
  }

  @Test("only what differs from the cell before is sent")
  func differences() {
    let amber = CellStyle(foreground: .rgb(255, 200, 0))
    let cells = [
      Cell("a", style: amber), Cell("b", style: amber),
      Cell("c", style: CellStyle(foreground: .rgb(255, 200, 0), background: .indexed(200))),
      Cell("d", style: CellStyle(attributes: [.bold, .reverse])), Cell("e"),
    ]
    #expect(
      encoded([CellRun(column: 2, row: 4, cells: cells)])
        == "\u{1B}[5;3H\u{1B}[0m\u{1B}[38;2;255;200;0mab\u{1B}[48;5;200mc\u{1B}[0;1;7md\u{1B}[0me")
  }

  @Test("bright and standard colours have numbers of their own")
  func namedColors() {
    let cells = [
      Cell("a", style: CellStyle(foreground: .indexed(1), background: .indexed(12))),
      Cell("b", style: CellStyle(background: .indexed(12))),
    ]
    #expect(
      encoded([CellRun(column: 0, row: 0, cells: cells)])
        == "\u{1B}[1;1H\u{1B}[0m\u{1B}[31;104ma\u{1B}[39mb")
  }

  @Test("the place is repeated behind composed graphemes")
  func composedGraphemes() {
    let run = CellRun(column: 0, row: 0, cells: [Cell("e\u{301}"), Cell("x")])
    #expect(encoded([run]) == "\u{1B}[1;1H\u{1B}[0me\u{301}\u{1B}[1;2Hx")
  }

  @Test(
    "colours fall to the nearest of the terminal's",
    arguments: [
      (TerminalColor.rgb(255, 0, 0), ColorDepth.indexed256, TerminalColor.indexed(196)),
      (.rgb(128, 128, 128), .indexed256, .indexed(244)),
      (.rgb(250, 10, 5), .ansi16, .indexed(9)),
      (.indexed(231), .ansi16, .indexed(15)),
      (.indexed(4), .ansi16, .indexed(4)),
      (.rgb(1, 2, 3), .monochrome, .standard),
      (.rgb(1, 2, 3), .trueColor, .rgb(1, 2, 3)),
    ])
  func reduction(color: TerminalColor, depth: ColorDepth, expected: TerminalColor) {
    #expect(color.reduced(to: depth) == expected)
  }
}
