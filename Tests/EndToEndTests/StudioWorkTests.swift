import Foundation
import TestSupport
import Testing

/// A photographer's work in a real terminal: rigs, materials, comparison, files, mouse, a crash.
@Suite(.enabled(if: TmuxSession.isAvailable, "tmux is needed to drive the studio"), .serialized)
struct StudioWorkTests {
  private func openedSession(
    _ scratch: ScratchFolder, stateFolder: String? = nil
  ) throws -> TmuxSession {
    if !FileManager.default.fileExists(atPath: scratch.file("ball")) {
      try BallPasses.write(to: scratch.file("ball"))
    }
    let session = try TmuxSession.studio([scratch.file("ball")], stateFolder: stateFolder)
    #expect(try session.waitForScreen { $0.showsBlocks && $0.contains("Relit") })
    return session
  }

  @Test("rig, environment, material, comparison, zoom, views and undo by keys")
  func relight() throws {
    let session = try openedSession(try ScratchFolder())
    try session.press("p", until: "Rigs", "Rembrandt")
    try session.press("End", "Home", "Enter", until: "Broad ·")
    try session.press("e", "Home", until: "Environments", "golden-hour")
    try session.press("Enter", until: "golden-hour")
    try session.press("M", "Home", until: "Materials", "bronze")
    try session.press("Enter", until: "material: bronze")
    try session.press("a", until: "Photograph │ Relit")
    try session.press("a", "a", until: "comparing: off")
    try session.press("z", until: "Relit 2×")
    try session.press("v", "v", until: "the whole picture")
    try session.press("v", until: "Show depth", "Show clipping")
    try session.press("d", until: "▸vd Depth")
    try session.press("1", until: "▸1 Relit")
    try session.press("u", until: "undone: material: bronze")
    try session.press("U", until: "History", "rig: Broad")
    try session.press("Home", "Enter", until: "back at: start")
  }

  @Test("the tour of the first session goes on with what is done, and comes once")
  func tour() throws {
    let scratch = try ScratchFolder()
    let state = scratch.file("state")
    let session = try openedSession(scratch, stateFolder: state)
    #expect(try session.waitForScreen { $0.contains("1 of 6") })
    try session.press("Left", until: "2 of 6")
    try session.press("]", until: "3 of 6")
    try session.press("p", until: "Rigs")
    try session.press("Escape", until: "4 of 6")
    try session.press("a", until: "5 of 6")
    try session.press("u", until: "6 of 6")
    try session.press("?", until: "Help")
    try session.press("Escape", until: "Lights")
    #expect(try !session.screen().contains("of 6"))
    let next = try openedSession(scratch, stateFolder: state)
    #expect(try !next.screen().contains("of 6"))
  }

  @Test("a killed session's look is offered to the next one")
  func recovery() throws {
    let scratch = try ScratchFolder()
    let state = scratch.file("state")
    let session = try openedSession(scratch, stateFolder: state)
    try session.press("p", until: "Rigs")
    try session.press("Home", "Enter", until: "rig: Broad")
    try session.crash()
    let next = try TmuxSession.studio([scratch.file("ball")], stateFolder: state)
    #expect(try next.waitForScreen { $0.contains("Take up its look") })
    try next.press("y", until: "look: recovered", "Broad ·")
    try next.press("u", until: "undone: look: recovered")
    try next.press("q", until: "ended with 0")
    let recovery = try FileManager.default.contentsOfDirectory(atPath: state + "/chiaro/recovery")
    #expect(recovery.isEmpty)
  }

  @Test("a second portrait opens beside the first and takes its look")
  func portraits() throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("second"))
    let session = try openedSession(scratch)
    try session.press("p", until: "Rigs", "Broad")
    try session.press("Home", "Enter", until: "Broad ·")
    try session.press("y", until: "copied the look")
    try session.press("o", until: "Open a portrait", "second")
    try session.send(text: "second")
    try session.press("Enter", until: "second │ ball ●", "the six passes of second are ready")
    try session.press("[", until: "second ● │ ball ●")
    try session.press("Y", until: "look: pasted")
    try session.press("N", until: "ball ● │ second")
    #expect(try session.waitForScreen { $0.showsBlocks })
  }

  @Test("a file is only replaced when asked for")
  func replace() throws {
    let scratch = try ScratchFolder()
    let session = try openedSession(scratch)
    let path = scratch.file("mine.png")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
    func saveAs() throws {
      try session.press("W", "C-u", until: "Save picture as")
      try session.send(text: path)
      try session.press("Enter", until: "is there already")
    }
    try saveAs()
    try session.press("n", until: "Lights")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("mine".utf8))
    try saveAs()
    try session.press("y", until: "wrote")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).prefix(4).last == UInt8(ascii: "G"))
  }

  @Test("the mouse places the light on the picture")
  func mouse() throws {
    let session = try openedSession(try ScratchFolder())
    #expect(try session.screen().contains("35° 35°"))
    // SGR: the left button goes down and up on the left half of the picture.
    try session.send(text: "\u{1B}[<0;12;20M\u{1B}[<0;12;20m")
    #expect(try session.waitForScreen(seconds: 20) { !$0.contains("35° 35°") })
  }

  @Test("a storm of sizes leaves a whole screen")
  func resizeStorm() throws {
    let session = try openedSession(try ScratchFolder())
    var random = SeededGenerator(seed: 12)
    for _ in 0..<40 {
      try session.resize(
        columns: Int.random(in: 10...220, using: &random),
        rows: Int.random(in: 3...70, using: &random))
    }
    try session.resize(columns: 140, rows: 50)
    #expect(
      try session.waitForScreen {
        $0.showsBlocks && $0.contains("Lights") && $0.contains("? help")
      }
    )
  }

  @Test("plain mode relights and saves without a screen")
  func plain() throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("ball"))
    let script = scratch.file("script")
    let picture = scratch.file("out.png")
    try "rig Rembrandt\nset roughness 0.3\nlight.left\nsave \(picture)\nstatus\n".write(
      toFile: script, atomically: true, encoding: .utf8)
    let outcome = try Program.run(
      executable: "/bin/sh",
      ["-c", "'\(try Program.path)' --plain '\(scratch.file("ball"))' < '\(script)'"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("rig: Rembrandt"))
    #expect(outcome.output.contains("roughness: 0.30"))
    #expect(FileManager.default.fileExists(atPath: picture))
    try "rig Nobody\nfly\n".write(toFile: script, atomically: true, encoding: .utf8)
    let failed = try Program.run(
      executable: "/bin/sh",
      ["-c", "'\(try Program.path)' --plain '\(scratch.file("ball"))' < '\(script)'"])
    #expect(failed.status == 1)
    #expect(failed.output.contains("error: there is no ‘Nobody’ here"))
    #expect(failed.output.contains("error: there is no command fly"))
  }
}
