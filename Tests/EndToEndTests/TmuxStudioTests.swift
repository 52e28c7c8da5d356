import Foundation
import TestSupport
import Testing

/// The studio inside a multiplexer that people split, leave and come back to.
@Suite(.enabled(if: TmuxSession.isAvailable, "tmux is needed to drive the studio"), .serialized)
struct TmuxStudioTests {
  @Test("a split leaves room for less, its end for all again")
  func split() throws {
    let scratch = try ScratchFolder()
    let session = try openedSession(scratch)
    let columns = try session.screen().columns
    try session.tmux(["split-window", "-d", "-h", "sleep 600"])
    #expect(
      try session.waitForScreen { showsPicture($0) && $0.columns <= columns / 2 + 1 })
    try session.send(keys: ["Left"])
    try session.tmux(["kill-pane", "-t", "1"])
    #expect(
      try session.waitForScreen { screen in
        showsPicture(screen) && screen.contains("30° 35°") && screen.columns > columns * 3 / 4
      })
  }

  @Test("detached, the studio goes on; attached again, it is all there")
  func detach() throws {
    let scratch = try ScratchFolder()
    let session = try openedSession(scratch)
    let attach = "env -u TMUX tmux -L \(session.socket) attach"
    let watcher = try TmuxSession(attach)
    #expect(try watcher.waitForScreen { showsPicture($0) && $0.contains("35° 35°") })
    try session.tmux(["detach-client", "-a"])
    try session.tmux(["detach-client"])
    #expect(try watcher.waitForScreen { $0.contains("[detached") && !showsPicture($0) })
    try session.send(keys: ["Left", "Left"])
    #expect(try session.waitForScreen { $0.contains("25° 35°") })
    try watcher.send(text: attach)
    try watcher.send(keys: ["Enter"])
    #expect(try watcher.waitForScreen { showsPicture($0) && $0.contains("25° 35°") })
    // Keys go through the client as well.
    try watcher.send(keys: ["Up"])
    #expect(try watcher.waitForScreen { $0.contains("25° 40°") })
  }

  @Test("what another program wiped is back at a key")
  func wiped() throws {
    let scratch = try ScratchFolder()
    let session = try openedSession(scratch)
    let before = try session.screen()
    let line = try session.tmux(["display-message", "-p", "#{pane_tty}"])
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let terminal = try #require(FileHandle(forWritingAtPath: line))
    try terminal.write(contentsOf: Data("\u{1B}[0m\u{1B}[2J".utf8))
    #expect(try session.waitForScreen { !$0.contains("Lights") && !showsPicture($0) })
    try session.send(keys: ["C-l"])
    #expect(try session.waitForScreen { $0 == before })
  }

  @Test("a popup of the multiplexer leaves nothing behind")
  func popup() throws {
    let scratch = try ScratchFolder()
    let session = try openedSession(scratch)
    // Its clock would change meanwhile.
    try session.tmux(["set-option", "-g", "status", "off"])
    try session.tmux([
      "bind-key", "-n", "F12", "display-popup", "-E", "echo over the picture; sleep 3",
    ])
    let watcher = try TmuxSession("env -u TMUX tmux -L \(session.socket) attach")
    #expect(try watcher.waitForScreen { showsPicture($0) && $0.contains("35° 35°") })
    try watcher.settle()
    let before = try watcher.screen()
    try watcher.send(keys: ["F12"])
    #expect(try watcher.waitForScreen { $0.contains("over the picture") })
    #expect(try watcher.waitForScreen { $0 == before })
  }

  @Test("a picture of another shape leaves nothing of the one before, however cells are drawn")
  func anotherShape() throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("ball"))
    // With 256 colours curses draws the cells.
    let session = try TmuxSession(
      "env -u COLORTERM '\(try Program.path)' '\(scratch.file("ball"))'")
    func pictureRows(_ screen: String) -> Int {
      screen.split(separator: "\n").count { line in
        line.contains { ("\u{2580}"..."\u{259F}").contains($0) }
      }
    }
    #expect(try session.waitForScreen { showsPicture($0) && $0.contains("Relit") })
    try session.settle()
    let whole = pictureRows(try session.screen())
    // Side by side two squares are half as high.
    try session.press("a", until: "Photograph │ Relit")
    try session.press("a", until: "Photograph, relit")
    #expect(
      try session.waitForScreen { screen in
        (whole / 3..<whole * 2 / 3).contains(pictureRows(screen))
      })
  }

  private func showsPicture(_ screen: String) -> Bool { screen.showsBlocks }

  /// A session on the ball's passes, once its picture stands still.
  private func openedSession(_ scratch: ScratchFolder) throws -> TmuxSession {
    try BallPasses.write(to: scratch.file("ball"))
    let session = try TmuxSession("'\(try Program.path)' '\(scratch.file("ball"))'")
    #expect(try session.waitForScreen { showsPicture($0) && $0.contains("Relit") })
    try session.settle()
    return session
  }
}

extension String {
  /// The longest line.
  fileprivate var columns: Int { split(separator: "\n").map(\.count).max() ?? 0 }
}
