import Foundation
import TestSupport
import Testing

/// A photographer's work in a real terminal: rigs, materials, comparison, files, mouse, a crash.
@Suite(.enabled(if: TmuxSession.isAvailable, "tmux is needed to drive the studio"), .serialized)
struct StudioWorkTests {
  private func command(_ arguments: [String]) throws -> String {
    ([try Program.path] + arguments).map { "'\($0)'" }.joined(separator: " ")
      + "; echo ended with $?"
  }

  private func showsPicture(_ screen: String) -> Bool {
    screen.count { "▀▘▝▖▌▞▛▗▚▐▜▄▙▟".contains($0) } > 30
  }

  private func openedSession(
    _ scratch: ScratchFolder, stateFolder: String? = nil
  ) throws -> TmuxSession {
    if !FileManager.default.fileExists(atPath: scratch.file("ball")) {
      try BallPasses.write(to: scratch.file("ball"))
    }
    let session = try TmuxSession(
      try command([scratch.file("ball")]), columns: 140, rows: 50, stateFolder: stateFolder)
    #expect(try session.waitForScreen { showsPicture($0) && $0.contains("Relit") })
    return session
  }

  /// Presses keys and waits for words on the screen.
  private func press(
    _ keys: [String], _ session: TmuxSession, until words: String...
  ) throws {
    try session.send(keys: keys)
    let arrived = try session.waitForScreen(seconds: 20) { screen in
      words.allSatisfy { screen.contains($0) }
    }
    let screen = try session.screen()
    #expect(arrived, "\(keys) did not lead to \(words):\n\(screen)")
  }

  @Test("rig, environment, material, comparison, zoom, views and undo by keys")
  func relight() throws {
    let session = try openedSession(try ScratchFolder())
    try press(["p"], session, until: "Rigs", "Rembrandt")
    try press(["End", "Home", "Enter"], session, until: "Broad ·")
    try press(["e", "Home"], session, until: "Environments", "golden-hour")
    try press(["Enter"], session, until: "golden-hour")
    try press(["M", "Home"], session, until: "Materials", "bronze")
    try press(["Enter"], session, until: "material: bronze")
    try press(["a"], session, until: "Photograph │ Relit")
    try press(["a", "a"], session, until: "comparing: off")
    try press(["z"], session, until: "Relit 2×")
    try press(["v", "v"], session, until: "the whole picture")
    try press(["v"], session, until: "Show depth", "Show clipping")
    try press(["d"], session, until: "▸vd Depth")
    try press(["1"], session, until: "▸1 Relit")
    try press(["u"], session, until: "undone: material: bronze")
    try press(["U"], session, until: "History", "rig: Broad")
    try press(["Home", "Enter"], session, until: "back at: start")
  }

  @Test("the tour of the first session goes on with what is done, and comes once")
  func tour() throws {
    let scratch = try ScratchFolder()
    let state = scratch.file("state")
    let session = try openedSession(scratch, stateFolder: state)
    #expect(try session.waitForScreen { $0.contains("1 of 6") })
    try press(["Left"], session, until: "2 of 6")
    try press(["]"], session, until: "3 of 6")
    try press(["p"], session, until: "Rigs")
    try press(["Escape"], session, until: "4 of 6")
    try press(["a"], session, until: "5 of 6")
    try press(["u"], session, until: "6 of 6")
    try press(["?"], session, until: "Help")
    try press(["Escape"], session, until: "Lights")
    #expect(try !session.screen().contains("of 6"))
    let next = try openedSession(scratch, stateFolder: state)
    #expect(try !next.screen().contains("of 6"))
  }

  @Test("a killed session's look is offered to the next one")
  func recovery() throws {
    let scratch = try ScratchFolder()
    let state = scratch.file("state")
    let session = try openedSession(scratch, stateFolder: state)
    try press(["p"], session, until: "Rigs")
    try press(["Home", "Enter"], session, until: "rig: Broad")
    let recovery = state + "/chiaro/recovery"
    #expect(
      try session.waitForScreen { _ in
        (try? FileManager.default.contentsOfDirectory(atPath: recovery))?
          .contains { $0.hasSuffix(".toml") && !$0.hasPrefix(".") } == true
      })
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: recovery).first)
    let text = try String(contentsOfFile: "\(recovery)/\(name)", encoding: .utf8)
    let number = text.split(separator: "\n").first?.split(separator: " ").last
    let process = try #require(number.flatMap { Int32($0) })
    #expect(kill(process, SIGKILL) == 0)
    #expect(try session.waitForScreen { $0.contains("ended with 137") })

    let next = try TmuxSession(
      try command([scratch.file("ball")]), columns: 140, rows: 50, stateFolder: state)
    #expect(try next.waitForScreen { $0.contains("Take up its look") })
    try press(["y"], next, until: "look: recovered", "Broad ·")
    try press(["u"], next, until: "undone: look: recovered")
    try press(["q"], next, until: "ended with 0")
    #expect(try FileManager.default.contentsOfDirectory(atPath: recovery).isEmpty)
  }

  @Test("a second portrait opens beside the first and takes its look")
  func portraits() throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("second"))
    let session = try openedSession(scratch)
    try press(["p"], session, until: "Rigs", "Broad")
    try press(["Home", "Enter"], session, until: "Broad ·")
    try press(["y"], session, until: "copied the look")
    try press(["o"], session, until: "Open a portrait", "second")
    try session.send(text: "second")
    try press(["Enter"], session, until: "second │ ball ●", "the six passes of second are ready")
    try press(["["], session, until: "second ● │ ball ●")
    try press(["Y"], session, until: "look: pasted")
    try press(["N"], session, until: "ball ● │ second")
    #expect(try session.waitForScreen { showsPicture($0) })
  }

  @Test("a file is only replaced when asked for")
  func replace() throws {
    let scratch = try ScratchFolder()
    let session = try openedSession(scratch)
    let path = scratch.file("mine.png")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
    func saveAs() throws {
      try press(["W", "C-u"], session, until: "Save picture as")
      try session.send(text: path)
      try press(["Enter"], session, until: "is there already")
    }
    try saveAs()
    try press(["n"], session, until: "Lights")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("mine".utf8))
    try saveAs()
    try press(["y"], session, until: "wrote")
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
        showsPicture($0) && $0.contains("Lights") && $0.contains("? help")
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
    #expect(failed.output.contains("error: there is no Nobody"))
    #expect(failed.output.contains("error: there is no command fly"))
  }
}
