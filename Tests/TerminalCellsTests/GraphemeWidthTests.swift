import TerminalCells
import Testing

@Suite struct GraphemeWidthTests {
  @Test(
    "graphemes take the columns that terminals give them",
    arguments: [
      ("a", 1), ("é", 1), ("e\u{301}", 1), ("漢", 2), ("ｶ", 1), ("カ", 2), ("한", 2), ("👍", 2),
      ("👍🏽", 2), ("👩‍👩‍👧", 2), ("🇨🇭", 2), ("❤\u{FE0F}", 2), ("❤", 1), ("▀", 1), ("\u{A0}", 1),
      ("\u{200B}", 0), ("\u{301}", 0), ("\u{7}", 0), ("\u{1B}", 0), ("\u{202E}", 0), ("！", 2),
    ])
  func widths(pair: (String, Int)) {
    #expect(pair.0.terminalColumns == pair.1)
  }
}
