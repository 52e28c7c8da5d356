import TerminalCells
import Testing

@Suite struct KeyTests {
  @Test(
    "the notation is read and written alike",
    arguments: [
      "a", "A", "?", ">", "é", "<C-s>", "<A-x>", "<C-A-x>", "<Left>", "<S-Left>", "<C-Left>",
      "<C-A-S-PageUp>", "<Tab>", "<S-Tab>", "<Esc>", "<Enter>", "<Space>", "<C-Space>", "<BS>",
      "<Del>", "<Insert>", "<Home>", "<End>", "<PageUp>", "<PageDown>", "<F1>", "<S-F12>", "<lt>",
      "<C-->", "<C->>",
    ])
  func roundTrip(notation: String) {
    #expect(Key(parsing: notation)?.description == notation)
  }

  @Test(
    "keys that terminals cannot tell apart are equal",
    arguments: [
      ("<C-i>", "<Tab>"), ("<C-m>", "<Enter>"), ("<C-[>", "<Esc>"), ("<S-a>", "A"),
      ("<C-S>", "<C-s>"), ("<left>", "<Left>"), ("<M-x>", "<A-x>"), ("<A-S-x>", "<A-X>"),
    ])
  func synonyms(pair: (String, String)) {
    #expect(Key(parsing: pair.0) != nil)
    #expect(Key(parsing: pair.0) == Key(parsing: pair.1))
  }

  @Test(
    "wrong notations are no keys",
    arguments: ["", "ab", "<", "<>", "<a>", "<C->", "<Foo>", "<F0>", "<F99>", " ", "<C-C-a>", "\t"])
  func wrong(notation: String) {
    if notation == "<" {
      #expect(Key(parsing: notation) == Key("<"))
    } else {
      #expect(Key(parsing: notation) == nil)
    }
  }

  @Test("sequences are split into keys")
  func sequences() {
    #expect(Key.sequence(parsing: "gg")?.count == 2)
    #expect(
      Key.sequence(parsing: "<C-x><C->>a<lt>")?.map(\.description)
        == ["<C-x>", "<C->>", "a", "<lt>"])
    #expect(Key.sequence(parsing: "a<b") == nil)
    #expect(Key.sequence(parsing: "") == nil)
  }
}
