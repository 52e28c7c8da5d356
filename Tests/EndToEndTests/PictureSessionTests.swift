import Foundation
import Imaging
import TerminalCells
import TestSupport
import Testing

/// The picture stays, or comes back, whatever happens on the screen around it.
@Suite(.serialized) struct PictureSessionTests {
  /// A session on the ball's passes, once nothing moves any more.
  private func session(_ kind: TerminalKind, _ scratch: ScratchFolder) throws -> ProgramTerminal {
    try BallPasses.write(to: scratch.file("ball"))
    let terminal = try ProgramTerminal(
      program: try Program.path, arguments: [scratch.file("ball")], folder: scratch.path,
      emulator: kind.emulator(pictureColumns: 48, pictureRows: 24))
    _ = try terminal.nextPicture(within: 60)
    try terminal.settle()
    // The tour of a first session covers a part of the picture.
    terminal.press("\u{1B}")
    try terminal.settle()
    return terminal
  }

  /// Pixels, or the glyphs that stand for them.
  private func picture(_ terminal: ProgramTerminal) throws -> [String] {
    if let area = terminal.emulator.pictureArea {
      return terminal.emulator.glyphs(in: area).map { "\($0)" }
    }
    let image = try #require(terminal.emulator.picture)
    return ["\(image.width)×\(image.height)"] + image.bytes.map { "\($0)" }
  }

  @Test("a popup takes the picture away and gives it back", arguments: TerminalKind.allCases)
  func popup(kind: TerminalKind) throws {
    let scratch = try ScratchFolder()
    let terminal = try session(kind, scratch)
    let before = try picture(terminal)
    terminal.press("?")
    #expect(
      try terminal.run(until: ProgramTerminal.now + 10) {
        terminal.emulator.text.contains("─ Help")
      })
    try terminal.settle()
    #expect(terminal.emulator.condition.images.isEmpty)
    terminal.press("\u{1B}")
    _ = try terminal.nextPicture()
    try terminal.settle()
    #expect(!terminal.emulator.text.contains("─ Help"))
    #expect(try picture(terminal) == before)
  }

  @Test(
    "stopped while another program clears the screen, the studio paints all of it again",
    arguments: TerminalKind.allCases)
  func stopAndContinue(kind: TerminalKind) throws {
    let scratch = try ScratchFolder()
    let terminal = try session(kind, scratch)
    let (before, condition) = (try picture(terminal), terminal.emulator.condition)
    terminal.signal(SIGSTOP)
    terminal.show("\u{1B}[?1049l\u{1B}[?25h\u{1B}[2J\u{1B}_Ga=d,d=A,q=2\u{1B}\\")
    terminal.signal(SIGCONT)
    _ = try terminal.nextPicture()
    try terminal.settle()
    #expect(terminal.emulator.text.contains("─ Lights"))
    #expect(try picture(terminal) == before)
    #expect(terminal.emulator.condition.modes == condition.modes)
    #expect(terminal.emulator.condition.images.isEmpty != kind.holdsImages)
  }

  @Test("Ctrl-Z gives the terminal back without a picture", arguments: TerminalKind.allCases)
  func suspend(kind: TerminalKind) throws {
    let scratch = try ScratchFolder()
    let terminal = try session(kind, scratch)
    let (before, modes) = (try picture(terminal), terminal.modes)
    let condition = terminal.emulator.condition
    let untouched = kind.emulator(pictureColumns: 1, pictureRows: 1).condition
    terminal.press("\u{1A}")
    #expect(
      try terminal.run(until: ProgramTerminal.now + 10) {
        terminal.emulator.condition == untouched && terminal.isStopped
      })
    #expect(terminal.modes != modes)
    terminal.signal(SIGCONT)
    _ = try terminal.nextPicture()
    try terminal.settle()
    #expect(terminal.modes == modes)
    #expect(terminal.emulator.condition.modes == condition.modes)
    #expect(try picture(terminal) == before)
  }

  @Test(
    "whoever leaves takes the answer to the last picture along: the shell would take it for typing",
    arguments: TerminalKind.allCases, ["\u{1A}", "qq"])
  func answerUnderWay(kind: TerminalKind, keys: String) throws {
    let scratch = try ScratchFolder()
    let terminal = try session(kind, scratch)
    let untouched = kind.emulator(pictureColumns: 1, pictureRows: 1).condition
    terminal.answerDelay = 0.4
    terminal.press("\u{1B}[C")
    _ = try terminal.nextPicture()
    terminal.press(keys)
    #expect(
      try terminal.run(until: ProgramTerminal.now + 10) {
        terminal.emulator.condition == untouched
      })
    try terminal.run(until: ProgramTerminal.now + 2 * terminal.answerDelay)
    #expect(terminal.unreadBytes == 0)
  }

  @Test("what another program wiped is back at a key", arguments: TerminalKind.allCases)
  func wiped(kind: TerminalKind) throws {
    let scratch = try ScratchFolder()
    let terminal = try session(kind, scratch)
    let (before, count) = (try picture(terminal), terminal.arrivals.count)
    terminal.show("\u{1B}[2J")
    terminal.press("\u{0C}")
    _ = try terminal.nextPicture()
    try terminal.settle()
    #expect(terminal.arrivals.count > count)
    #expect(terminal.emulator.text.contains("─ Lights"))
    #expect(try picture(terminal) == before)
  }

  @Test("another font gets as many pixels as it has", arguments: [TerminalKind.sixel, .kitty])
  func font(kind: TerminalKind) throws {
    let scratch = try ScratchFolder()
    let terminal = try session(kind, scratch)
    #expect(terminal.emulator.picture?.width == 480)
    terminal.setCell(width: 8, height: 16)
    _ = try terminal.nextPicture()
    try terminal.settle()
    #expect(terminal.emulator.picture?.width == 384)
    #expect(terminal.emulator.picture?.height == 384)
  }

  @Test("answers that come when the studio has given them up are no keys")
  func lateAnswers() throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("ball"))
    var emulator = TerminalKind.sixel.emulator(pictureColumns: 48, pictureRows: 24)
    emulator.pictureArea = Rect(column: 1, row: 2, columns: 48, rows: 24)
    // The studio asks for a second, its answers take longer.
    let terminal = try ProgramTerminal(
      program: try Program.path, arguments: [scratch.file("ball")], folder: scratch.path,
      emulator: emulator, link: .init(delay: 0.8))
    let area = try #require(emulator.pictureArea)
    #expect(
      try terminal.run(until: ProgramTerminal.now + 60) {
        terminal.emulator.glyphs(in: area).contains { $0.scalar == "▀" }
      })
    try terminal.run(until: ProgramTerminal.now + 3)
    let text = terminal.emulator.text
    #expect(text.contains("Relit") && text.contains("35° 35°"))
    #expect(!text.contains("─ Help") && !text.lowercased().contains("quit?"))
    #expect(terminal.emulator.lastPicture.isEmpty)
    terminal.press("\u{1B}[C")
    #expect(
      try terminal.run(until: ProgramTerminal.now + 10) {
        terminal.emulator.text.contains("40° 35°")
      })
  }
}
