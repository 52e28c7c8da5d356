import Imaging
import TerminalCells
import TerminalGraphics
import Testing

@Suite struct TerminalCapabilitiesTests {
  /// Answers as recorded from the terminals (see the table in TerminalGraphics' notes).
  private static let xterm =
    "\u{1B}P>|XTerm(379)\u{1B}\\\u{1B}[?2026;0$y\u{1B}[?1;0;256S\u{1B}[?2;0;800;680S"
    + "\u{1B}]11;rgb:ffff/ffff/ffff\u{1B}\\\u{1B}[?63;1;2;4;6;9;15;16;22;28c"
  private static let mlterm =
    "\u{1B}P>|mlterm(3.9.0)\u{1B}\\\u{1B}[?2026;0$y\u{1B}[?1;0;1024S\u{1B}[4;680;800t"
    + "\u{1B}[6;17;8t\u{1B}[?63;1;2;3;4;7;29c"
  private static let foot =
    "\u{1B}P>|foot(1.13.1)\u{1B}\\\u{1B}[?2026;2$y\u{1B}[?1;0;1024S\u{1B}[?2;0;1190;952S"
    + "\u{1B}[4;952;1190t\u{1B}[6;17;7t\u{1B}]11;rgb:11/22/33\u{7}\u{1B}[?62;4;22c"
  private static let kitty =
    "\u{1B}_Gi=31;OK\u{1B}\\\u{1B}P>|kitty(0.26.5)\u{1B}\\\u{1B}[?2026;2$y\u{1B}[4;800;1200t"
    + "\u{1B}[6;20;10t\u{1B}[?62;c"

  private func capabilities(
    _ answers: String, _ variables: [String: String] = ["TERM": "xterm-256color"],
    requested: GraphicsProtocol? = nil
  ) -> TerminalCapabilities {
    TerminalCapabilities(
      environment: TerminalEnvironment(variables: variables),
      replies: TerminalReplies(parsing: Array(answers.utf8)), requested: requested)
  }

  @Test("xterm as a VT340 shows sixels up to its limit")
  func xtermAnswers() {
    let found = capabilities(Self.xterm)
    #expect(found.graphics == .sixel && found.reason == .answered)
    #expect(found.name == "XTerm(379)")
    #expect(found.colorRegisters == 256)
    #expect(found.sixelLimit == ImageExtent(width: 800, height: 680))
    #expect(!found.knowsSynchronizedOutput)
    #expect(found.background == .rgb(255, 255, 255))
    #expect(found.colorDepth == .trueColor)
    #expect(found.answersQueries)
  }

  @Test("mlterm tells the size of its cells")
  func mltermAnswers() {
    let found = capabilities(Self.mlterm)
    #expect(found.graphics == .sixel)
    #expect(found.reportedCell == ImageExtent(width: 8, height: 17))
    #expect(found.reportedWindow == ImageExtent(width: 800, height: 680))
    #expect(found.sixelLimit == nil)
  }

  @Test("foot shows sixels in synchronised frames")
  func footAnswers() {
    let found = capabilities(Self.foot, ["TERM": "foot"])
    #expect(found.graphics == .sixel && found.knowsSynchronizedOutput)
    #expect(found.background == .rgb(0x11, 0x22, 0x33))
  }

  @Test("kitty shows its own protocol")
  func kittyAnswers() {
    let found = capabilities(Self.kitty, ["TERM": "xterm-kitty"])
    #expect(found.graphics == .kitty && found.knowsSynchronizedOutput)
    #expect(found.colorDepth == .trueColor)
    #expect(found.sixelLimit == nil)
  }

  @Test("typing between the answers is skipped")
  func typingBetween() {
    #expect(capabilities("ab\u{1B}[A" + Self.kitty + "c").graphics == .kitty)
  }

  @Test("tmux gets cells unless pixels are asked for")
  func tmux() {
    let variables = ["TERM": "screen-256color", "TMUX": "/tmp/tmux-0/default,1,0"]
    let found = capabilities("", variables)
    #expect(found.graphics == .cells && found.reason == .multiplexer(.tmux))
    #expect(found.colorDepth == .indexed256)
    #expect(!TerminalEnvironment(variables: variables).takesQueries)
    #expect(capabilities("", variables, requested: .sixel).graphics == .sixel)
  }

  @Test(
    "cells are the answer where nothing better is known",
    arguments: [
      (["TERM": "dumb"], "", TerminalCapabilities.Reason.withoutColor),
      (["TERM": "xterm", "NO_COLOR": "1"], xterm, .withoutColor),
      (["TERM": "linux"], "", .notAsked),
      (["TERM": "screen"], "", .multiplexer(.screen)),
      (["TERM": "xterm"], "", .silent),
      (["TERM": "xterm"], "\u{1B}[?1;2c", .textOnly),
      (["TERM": "xterm"], "\u{1B}[?64;1;9;15c", .textOnly),
    ])
  func fallbacks(row: ([String: String], String, TerminalCapabilities.Reason)) {
    let found = capabilities(row.1, row.0)
    #expect(found.graphics == .cells && found.reason == row.2)
  }

  @Test(
    "the variables promise colours",
    arguments: [
      (["TERM": "xterm-256color", "COLORTERM": "truecolor"], ColorDepth.trueColor),
      (["TERM": "tmux-256color"], .indexed256), (["TERM": "xterm"], .ansi16),
      (["TERM": "xterm-direct"], .trueColor), (["TERM": "foot"], .trueColor),
      (["TERM": "xterm-256color", "NO_COLOR": "1", "COLORTERM": "truecolor"], .monochrome),
      (["TERM": "xterm-256color", "NO_COLOR": ""], .indexed256), ([:], .monochrome),
    ])
  func colorDepth(row: ([String: String], ColorDepth)) {
    #expect(TerminalEnvironment(variables: row.0).colorDepth == row.1)
  }

  @Test("the flag goes before the variable, the variable before the answers")
  func overrides() {
    let variables = ["TERM": "xterm", "CHIARO_PROTOCOL": "cells"]
    #expect(capabilities(Self.kitty, variables).graphics == .cells)
    #expect(capabilities(Self.kitty, variables).reason == .requested)
    #expect(capabilities(Self.kitty, variables, requested: .sixel).graphics == .sixel)
  }

  @Test("answers cut short mean silence, not a crash")
  func truncatedAnswers() {
    let bytes = Array(Self.foot.utf8)
    for length in 0..<bytes.count {
      let replies = TerminalReplies(parsing: Array(bytes[..<length]))
      #expect(!replies.isComplete)
    }
  }
}
