import TerminalCells
import TestSupport
import Testing

@Suite struct InputDecoderTests {
  private func events(_ text: String, flush: Bool = true) -> [InputEvent] {
    var decoder = InputDecoder()
    decoder.append(text.utf8)
    if flush { decoder.flush() }
    return drain(&decoder)
  }

  private func drain(_ decoder: inout InputDecoder) -> [InputEvent] {
    var events: [InputEvent] = []
    while let event = decoder.next() { events.append(event) }
    return events
  }

  @Test(
    "bytes become keys",
    arguments: [
      ("a", "a"), ("é", "é"), ("漢", "漢"), ("\r", "<Enter>"), ("\t", "<Tab>"),
      ("\u{7F}", "<BS>"), ("\u{1B}", "<Esc>"), ("\u{13}", "<C-s>"), ("\u{0}", "<C-Space>"),
      ("\u{1A}", "<C-z>"), ("\u{1B}x", "<A-x>"), ("\u{1B}[", "<A-[>"), ("\u{1B}[A", "<Up>"),
      ("\u{1B}OB", "<Down>"), ("\u{1B}[1;5D", "<C-Left>"), ("\u{1B}[1;2C", "<S-Right>"),
      ("\u{1B}[Z", "<S-Tab>"), ("\u{1B}[3~", "<Del>"), ("\u{1B}[5;5~", "<C-PageUp>"),
      ("\u{1B}OP", "<F1>"), ("\u{1B}[15~", "<F5>"), ("\u{1B}[24;2~", "<S-F12>"),
      ("\u{1B}[[A", "<F1>"), ("\u{1B}[H", "<Home>"), ("\u{1B}[4~", "<End>"),
      ("\u{1B}[27;5;9~", "<C-Tab>"), ("\u{1B}[115;5u", "<C-s>"),
    ])
  func keys(pair: (String, String)) throws {
    let key = try #require(Key(parsing: pair.1))
    #expect(events(pair.0) == [.key(key)])
  }

  @Test("a lone escape waits for the rest until it is flushed")
  func loneEscape() {
    var decoder = InputDecoder()
    decoder.append([0x1B])
    #expect(decoder.next() == nil)
    #expect(decoder.isIncomplete)
    decoder.flush()
    #expect(decoder.next() == .key(Key(.escape)))
    #expect(!decoder.isIncomplete)
  }

  @Test("answers are replies, never keys")
  func replies() {
    let answers = [
      "\u{1B}[?62;4c", "\u{1B}[>41;354;0c", "\u{1B}[?2026;2$y", "\u{1B}[6;20;10t",
      "\u{1B}[?1;0;256S", "\u{1B}P>|XTerm(379)\u{1B}\\", "\u{1B}_Gi=31;OK\u{1B}\\",
      "\u{1B}]11;rgb:0000/0000/0000\u{7}",
    ]
    #expect(
      events("x" + answers.joined() + "y")
        == [.key(Key("x"))] + answers.map { .reply(Array($0.utf8)) } + [.key(Key("y"))])
  }

  @Test("sequences without a meaning are dropped")
  func unknownSequences() {
    #expect(events("\u{1B}[I\u{1B}[O\u{1B}[99~\u{1B}[35;3Xq") == [.key(Key("q"))])
  }

  @Test("the mouse reports presses, drags, releases and the wheel")
  func mouse() {
    let place = CellPosition(column: 4, row: 9)
    #expect(
      events("\u{1B}[<0;5;10M\u{1B}[<34;5;10M\u{1B}[<2;5;10m\u{1B}[<80;5;10M\u{1B}[<35;5;10M")
        == [
          .mouse(MouseEvent(kind: .press(.left), position: place)),
          .mouse(MouseEvent(kind: .drag(.right), position: place)),
          .mouse(MouseEvent(kind: .release(.right), position: place)),
          .mouse(MouseEvent(kind: .scrollUp, position: place, modifiers: .control)),
        ])
  }

  @Test("a paste is one event with line feeds")
  func paste() {
    #expect(
      events("\u{1B}[200~a\rb\r\n\u{1B}[A\u{1B}[201~c")
        == [.paste("a\nb\n\u{1B}[A"), .key(Key("c"))])
  }

  @Test("the terminal's description goes before the common sequences")
  func describedKeys() throws {
    let backspace = Key(.backspace)
    var decoder = InputDecoder(keySequences: [
      [0x08]: backspace, Array("\u{1B}[7~".utf8): Key(.end),
    ])
    decoder.append("\u{8}\u{1B}[7~\u{1B}[A".utf8)
    #expect(drain(&decoder) == [.key(backspace), .key(Key(.end)), .key(Key(.up))])
  }

  @Test("the pieces in which bytes arrive do not matter", arguments: 0..<50)
  func chunking(seed: UInt64) {
    let stream = Array(
      ("aé漢\u{1B}[A\u{1B}[1;5D\u{1B}[<0;5;10M\u{1B}[?62;4c\u{1B}OPz\u{1B}x\u{1B}[200~p\u{1B}[201~"
        + "\u{1B}P>|foot\u{1B}\\q").utf8)
    var whole = InputDecoder()
    whole.append(stream)
    let expected = drain(&whole)
    var generator = SeededGenerator(seed: seed)
    var decoder = InputDecoder()
    var events: [InputEvent] = []
    var rest = stream[...]
    while !rest.isEmpty {
      let length = Int.random(in: 1...5, using: &generator)
      decoder.append(rest.prefix(length))
      rest = rest.dropFirst(length)
      events += drain(&decoder)
    }
    #expect(events == expected, "seed \(seed)")
    #expect(expected.count == 13)
  }

  @Test("any bytes are digested", arguments: 0..<200)
  func randomBytes(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var decoder = InputDecoder()
    decoder.append(
      (0..<200).map { _ in
        Bool.random(using: &generator)
          ? UInt8.random(in: 0...255, using: &generator)
          : [0x1B, 0x5B, 0x3B, 0x31].randomElement(using: &generator) ?? 0
      })
    _ = drain(&decoder)
    decoder.append("\u{1B}[201~\u{1B}\\\u{1B}\\".utf8)
    _ = drain(&decoder)
    decoder.flush()
    _ = drain(&decoder)
    #expect(!decoder.isIncomplete, "seed \(seed)")
  }
}
