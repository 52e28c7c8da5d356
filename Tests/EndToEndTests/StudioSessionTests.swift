import Foundation
import Imaging
import TestSupport
import Testing

/// The studio as a person meets it: in a terminal, by keys.
@Suite(.enabled(if: TmuxSession.isAvailable, "tmux is needed to drive the studio"), .serialized)
struct StudioSessionTests {
  /// A session on the ball's passes, once its first relit picture is there.
  private func openedSession(_ scratch: ScratchFolder) throws -> TmuxSession {
    try BallPasses.write(to: scratch.file("ball"))
    let session = try TmuxSession(try TmuxSession.command([scratch.file("ball")]))
    #expect(try session.waitForScreen { $0.showsBlocks && $0.contains("Relit") })
    return session
  }

  @Test("keys move the light, undo takes it back, quitting gives the terminal back")
  func keys() throws {
    let scratch = try ScratchFolder()
    let session = try openedSession(scratch)
    #expect(try session.screen().contains("35° 35°"))
    try session.send(keys: ["Left", "Left", "Up"])
    #expect(try session.waitForScreen { $0.contains("25° 40°") })
    try session.send(keys: ["u", "u"])
    #expect(try session.waitForScreen { $0.contains("35° 35°") })
    try session.send(keys: ["q"])
    #expect(
      try session.waitForScreen { screen in
        screen.contains("ended with 0") || screen.lowercased().contains("quit")
      })
    if try !session.screen().contains("ended with 0") { try session.send(keys: ["q"]) }
    #expect(try session.waitForScreen { $0.contains("ended with 0") })
  }

  @Test("a save equals what the command writes for the same look")
  func saveEqualsCommand() throws {
    let scratch = try ScratchFolder()
    let session = try openedSession(scratch)
    try session.send(keys: ["w"])
    let saved = scratch.file("ball-relit.png")
    #expect(try session.waitForScreen { _ in FileManager.default.fileExists(atPath: saved) })
    let outcome = try Program.run(["relight", scratch.file("ball"), "-o", scratch.file("cli.png")])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let fromStudio = try Data(contentsOf: URL(fileURLWithPath: saved))
    let fromCommand = try Data(contentsOf: URL(fileURLWithPath: scratch.file("cli.png")))
    #expect(fromStudio == fromCommand)
  }

  @Test("help opens and closes, the window may shrink and grow")
  func helpAndResize() throws {
    let scratch = try ScratchFolder()
    let session = try openedSession(scratch)
    try session.send(keys: ["?"])
    #expect(try session.waitForScreen { $0.contains("Help") || $0.contains("Keys") })
    try session.send(keys: ["Escape"])
    for (columns, rows) in [(60, 20), (20, 6), (200, 60), (100, 30)] {
      try session.resize(columns: columns, rows: rows)
    }
    #expect(try session.waitForScreen { $0.showsBlocks && $0.contains("Lights") })
  }

  @Test("suspended, the shell is back; resumed, the studio is as it was")
  func suspendAndResume() throws {
    let scratch = try ScratchFolder()
    let session = try openedSession(scratch)
    try session.send(keys: ["C-z"])
    #expect(try session.waitForScreen { !$0.contains("Lights") })
    try session.send(text: "fg")
    try session.send(keys: ["Enter"])
    #expect(try session.waitForScreen { $0.contains("Lights") && $0.showsBlocks })
  }

  @Test(
    "a signal ends the studio and leaves the terminal as it was",
    arguments: [SIGTERM, SIGHUP, SIGINT])
  func signals(signal: Int32) throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("ball"))
    let modes = scratch.file("modes")
    let number = scratch.file("process")
    let session = try TmuxSession(
      "stty -g > \(modes); sh -c 'echo $$ > \(number); exec \"$0\" \"$@\"' "
        + (try TmuxSession.command([scratch.file("ball")]))
        + "; stty -g | cmp - \(modes) && echo modes are equal")
    #expect(try session.waitForScreen { $0.showsBlocks && $0.contains("Relit") })
    let text = try String(contentsOfFile: number, encoding: .utf8)
    let process = try #require(Int32(text.dropLast()))
    #expect(kill(process, signal) == 0)
    #expect(try session.waitForScreen { $0.contains("ended with \(128 + signal)") })
    #expect(try session.waitForScreen { $0.contains("modes are equal") })
  }

  @Test("an unknown terminal is a sentence, not a broken screen")
  func unknownTerminal() throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("ball"))
    let session = try TmuxSession(
      "TERM=teletype-33 " + (try TmuxSession.command([scratch.file("ball")])))
    #expect(
      try session.waitForScreen { screen in
        screen.contains("TERM=teletype-33") && screen.contains("ended with 2")
      })
  }
}
