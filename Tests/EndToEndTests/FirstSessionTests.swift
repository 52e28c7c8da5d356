import Foundation
import Imaging
import TestSupport
import Testing

/// From a photograph that was never seen before to a saved picture, as somebody does it the first time.
@Suite(.enabled(if: TmuxSession.isAvailable, "tmux is needed to drive the studio"))
struct FirstSessionTests {
  private static let portrait = SourceTree.root.appendingPathComponent(
    "assets/portraits/sample.png"
  ).path

  /// The share of the decomposition on the screen, percent.
  private func percent(_ screen: String) -> Int? {
    let words = screen.split { $0 == " " || $0 == "\n" }
    return words.indices.dropFirst().first { words[$0] == "%" }.flatMap { Int(words[$0 - 1]) }
  }

  @Test("first run, progress, cancel, light by keys and mouse, rig, save, crash, recovery")
  func wholeSession() throws {
    let scratch = try ScratchFolder()
    let (photograph, state) = (scratch.file("anna.png"), scratch.file("state"))
    try FileManager.default.copyItem(atPath: Self.portrait, toPath: photograph)
    // One thread leaves time to press a key meanwhile.
    let session = try TmuxSession.studio(["--threads", "1", photograph], stateFolder: state)
    var shares: [Int] = []
    #expect(
      try session.waitForScreen { screen in
        if let share = percent(screen), share != shares.last { shares.append(share) }
        return shares.count >= 3 && screen.contains("✓ Framing") && screen.contains("● MAGINet")
      })
    #expect(shares == shares.sorted() && shares.last ?? 100 < 100)
    try session.press("C-c", until: "decomposition cancelled")
    try session.press("4", until: "Show normal: this portrait has no passes")
    try session.press(
      "Space", "a", until: "the six passes of anna.png are ready", "1 of 6", seconds: 180)
    #expect(try session.waitForScreen { $0.showsBlocks && $0.contains("▸1 Relit") })

    try relight(session)
    let saved = scratch.file("anna-relit.png")
    try session.press("w", until: "wrote \(saved)", seconds: 60)
    let (before, after) = (
      try ImageFile.readPhotograph(at: photograph).image,
      try ImageFile.readPhotograph(at: saved).image
    )
    #expect(before.extent == after.extent)
    #expect(zip(before.samples, after.samples).contains { abs($0 - $1) > 0.2 })

    try session.press("]", until: "exposure")
    try session.crash()
    let next = try TmuxSession.studio([photograph], stateFolder: state)
    #expect(try next.waitForScreen { $0.contains("Take up its look") })
    #expect(try !next.screen().contains("of 6"))
    try next.press("y", until: "look: recovered", "Rembrandt")
    try survive(next)
    try next.press("q", until: "The look has changes that are not saved.")
    try next.send(keys: ["y"])
    #expect(try next.waitForScreen { !$0.contains("Lights") && !$0.showsBlocks })
  }

  /// What a person does to the light, and takes back.
  private func relight(_ session: TmuxSession) throws {
    let start = try session.screen()
    try session.press("Left", "Left", "Up", until: "2 of 6")
    #expect(try session.screen() != start)
    // SGR: the left button goes down and up on the left half of the picture.
    try session.type("\u{1B}[<0;12;20M\u{1B}[<0;12;20m", until: "azimuth −")
    try session.press("p", until: "Rigs", "filters")
    try session.press("/", "r", "e", "m", "Enter", until: "rig: Rembrandt")
    try session.press("e", until: "Environments")
    #expect(
      try session.waitForScreen { screen in
        // The pictures of the surroundings are beside the portrait.
        screen.split(separator: "\n").contains { $0.dropFirst(100).showsBlocks(atLeast: 12) }
      })
    try session.press("/", "g", "o", "l", "d", "Enter", until: "environment: golden-hour")
    try session.press("M", "/", "o", "i", "l", "Enter", until: "material: oily")
    try session.press("a", until: "Photograph │ Relit")
    try session.press("a", "a", until: "comparing: off")
    try session.press("z", until: "Relit 2×")
    try session.press("v", "v", until: "the whole picture")
    try session.press("v", "p", until: "Probe spheres")
    try session.press("1", until: "▸1 Relit")
    try session.press("u", until: "undone: material: oily")
  }

  /// Windows that shrink and grow, and a shell in between.
  private func survive(_ session: TmuxSession) throws {
    for (columns, rows) in [(60, 20), (12, 4), (220, 70), (33, 60), (140, 50)] {
      try session.resize(columns: columns, rows: rows)
    }
    #expect(
      try session.waitForScreen {
        $0.showsBlocks && $0.contains("Lights") && $0.contains("? help")
      })
    try session.press("C-z", until: "Stopped")
    try session.type("fg\n", until: "Lights", "? help")
    #expect(try session.waitForScreen { $0.showsBlocks })
  }
}

extension Substring {
  /// Whether as many characters divide cells in two colours.
  fileprivate func showsBlocks(atLeast least: Int) -> Bool {
    count { ("\u{2580}"..."\u{259F}").contains($0) } >= least
  }
}
