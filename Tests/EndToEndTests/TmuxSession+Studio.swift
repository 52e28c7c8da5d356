import Foundation
import Testing

extension TmuxSession {
  /// The studio in a pane; the shell says how it ended.
  static func studio(
    _ arguments: [String], columns: Int = 140, rows: Int = 50, stateFolder: String? = nil
  ) throws -> TmuxSession {
    try TmuxSession(
      command(arguments), columns: columns, rows: rows, stateFolder: stateFolder)
  }

  /// What the shell is told to run.
  static func command(_ arguments: [String]) throws -> String {
    ([try Program.path] + arguments).map { "'\($0)'" }.joined(separator: " ")
      + "; echo ended with $?"
  }

  /// Presses keys and waits for words on the screen.
  func press(_ keys: String..., until words: String..., seconds: Double = 20) throws {
    try send(keys: keys)
    try expect(words, after: keys.joined(separator: " "), seconds: seconds)
  }

  /// Types text literally and waits for words on the screen.
  func type(_ text: String, until words: String...) throws {
    try send(text: text)
    try expect(words, after: text, seconds: 20)
  }

  private func expect(_ words: [String], after doing: String, seconds: Double) throws {
    let arrived = try waitForScreen(seconds: seconds) { screen in
      words.allSatisfy { screen.contains($0) }
    }
    let screen = try screen()
    #expect(arrived, "\(doing) did not lead to \(words):\n\(screen)")
  }

  /// Waits until the screen has stood still for a while; on a busy machine it also rests between two changes.
  func settle() throws {
    var (last, since) = ("", ContinuousClock.now)
    #expect(
      try waitForScreen { screen in
        if screen != last { (last, since) = (screen, .now) }
        return .now - since >= .milliseconds(600)
      })
  }

  /// Ends the studio as a crash would, once it has kept what a crash must not take along.
  func crash() throws {
    let folder = stateFolder + "/chiaro/recovery"
    var kept: String?
    #expect(
      try waitForScreen { _ in
        kept = (try? FileManager.default.contentsOfDirectory(atPath: folder))?
          .first { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }
        return kept != nil
      })
    let text = try String(contentsOfFile: "\(folder)/\(try #require(kept))", encoding: .utf8)
    // Its first line names the process.
    let number = text.split(separator: "\n").first?.split(separator: " ").last
    #expect(kill(try #require(number.flatMap { Int32($0) }), SIGKILL) == 0)
    #expect(try waitForScreen { $0.contains("ended with 137") })
  }
}

extension String {
  /// Whether characters that divide cells in two colours cover part of the screen.
  var showsBlocks: Bool {
    count { ("\u{2580}"..."\u{259F}").contains($0) } > 30
  }
}
