import Foundation
import Imaging
import StudioFiles
import TerminalCells
import TestSupport

extension Suite {
  /// A photograph in the studio: how soon it can be relit, for the first time and again, and whether keys
  /// wait while the networks run.
  static let opening = Suite(name: "opening") { recorder, assets in
    let run = try OpeningRun(recorder: recorder, assets: assets)
    try run.firstOpening()
    try run.cachedOpening()
    try run.keysMeanwhile()
  }
}

/// A photograph of 2000×2000 pixels, opened over and over in a terminal that shows sixels.
private final class OpeningRun {
  private let recorder: Recorder
  private let program: String
  private let folder: URL
  private var photograph: String { folder.path + "/portrait.jpg" }
  private var cache: String { folder.path + "/.cache/chiaro/decompositions" }
  /// Columns of the screen to the right of the picture.
  private static let sidebar = 50

  init(recorder: Recorder, assets: AssetFolder) throws {
    self.recorder = recorder
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    program =
      URL(fileURLWithPath: own).deletingLastPathComponent()
      .appendingPathComponent("chiaro").path
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("chiaro-benchmark-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let portrait = try ImageFile.readPhotograph(at: assets.path("portraits/sample.png")).image
    try ImageFile.write(portrait.resized(width: 2000, height: 2000), to: photograph)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// What the networks keep a user waiting for.
  func firstOpening() throws {
    var times: [(coarse: Double, full: Double)] = []
    for _ in 0..<5 {
      try? FileManager.default.removeItem(atPath: cache)
      times.append(try opening())
    }
    record("first opening", times)
  }

  /// The passes come from the cache, which the opening before has filled.
  func cachedOpening() throws {
    var times: [(coarse: Double, full: Double)] = []
    for _ in 0..<9 { times.append(try opening()) }
    record("opened again", times, goal: .atMost(300))
  }

  private func record(
    _ label: String, _ times: [(coarse: Double, full: Double)], goal: Goal? = nil
  ) {
    recorder.figure(
      "\(label): start to a relit picture", times.map(\.coarse).quantile(0.5), unit: "ms",
      goal: goal)
    recorder.figure(
      "\(label): start to the picture of all passes", times.map(\.full).quantile(0.5), unit: "ms")
  }

  /// Opens the photograph, waits for the pictures and until the passes are in the cache.
  private func opening() throws -> (coarse: Double, full: Double) {
    let begin = ProgramTerminal.now
    let terminal = try start([])
    // From the cache, both may come in one piece.
    var seen = 0
    let coarse = try picture(of: terminal, after: &seen) { $0.contains("Relit") }
    let full = try picture(of: terminal, after: &seen) {
      $0.contains("Relit") && !$0.contains("first impression") && !$0.contains("draft")
    }
    _ = try terminal.run(until: ProgramTerminal.now + 20) { self.isCached }
    try end(terminal)
    return ((coarse - begin) * 1000, (full - begin) * 1000)
  }

  private var isCached: Bool {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []
    return names.contains {
      $0.hasSuffix(".exr") && !$0.hasSuffix("-small.exr") && !$0.hasPrefix(".")
    }
  }

  /// Single keys at uneven distances while the networks run: how soon the number of a light's azimuth
  /// changes in the sidebar.
  func keysMeanwhile() throws {
    var generator = SeededGenerator(seed: 12)
    var latencies: [Double] = []
    while latencies.count < 200 {
      let terminal = try start(["--no-cache"])
      _ = try terminal.nextPicture(within: 60)
      let first = latencies.count
      while !heading(of: terminal).contains("Relit") || heading(of: terminal).contains("impression")
      {
        let before = lights(of: terminal)
        let start = ProgramTerminal.now
        terminal.press("\u{1B}[C")
        let isShown = try terminal.run(until: start + 5) { lights(of: terminal) != before }
        guard isShown else { throw ProgramTerminal.Failed(reason: "a key had no effect") }
        latencies.append((ProgramTerminal.now - start) * 1000)
        try terminal.run(
          until: ProgramTerminal.now + Double.random(in: 0.01...0.05, using: &generator))
      }
      guard latencies.count > first else {
        throw ProgramTerminal.Failed(reason: "the networks were through before the first key")
      }
      try end(terminal)
    }
    let label = "key to its effect while the networks run"
    recorder.figure("\(label), median", latencies.quantile(0.5), unit: "ms")
    recorder.figure("\(label), 95 %", latencies.quantile(0.95), unit: "ms", goal: .atMost(16))
    recorder.figure("\(label), at most", latencies.quantile(1), unit: "ms")
  }

  // MARK: - The program

  private func start(_ options: [String]) throws -> ProgramTerminal {
    try ProgramTerminal(
      program: program, arguments: ["studio", photograph] + options, folder: folder.path,
      emulator: TerminalKind.sixel.emulator)
  }

  private func end(_ terminal: ProgramTerminal) throws {
    terminal.signal(SIGTERM)
    _ = try terminal.end()
  }

  /// When the picture arrived that belongs to the first heading for which `isIts` holds.
  ///
  /// - Parameter seen: Pictures that came before the heading can have; then those up to the one found.
  private func picture(
    of terminal: ProgramTerminal, after seen: inout Int, isIts: (_ heading: String) -> Bool
  ) throws -> Double {
    // The heading comes before its picture, at most in the same piece.
    var (known, before) = (seen, Int?.none)
    let hasCome = try terminal.run(until: ProgramTerminal.now + 60) {
      if before == nil, isIts(heading(of: terminal)) { before = known }
      known = terminal.arrivals.count
      return before.map { known > $0 } ?? false
    }
    guard hasCome, let before else {
      throw ProgramTerminal.Failed(reason: "no picture of the portrait came")
    }
    seen = before + 1
    return terminal.arrivals[before].time
  }

  /// The borders of the picture: above what it shows, below how large and how well.
  private func heading(of terminal: ProgramTerminal) -> String {
    let columns = terminal.emulator.columns - Self.sidebar
    return [1, terminal.emulator.rows - 3].map { row in
      text(of: terminal, Rect(column: 0, row: row, columns: columns, rows: 1))
    }.joined()
  }

  /// What stands to the right of the picture.
  private func lights(of terminal: ProgramTerminal) -> String {
    let (columns, rows) = (terminal.emulator.columns, terminal.emulator.rows)
    return text(
      of: terminal,
      Rect(column: columns - Self.sidebar, row: 1, columns: Self.sidebar, rows: rows - 3))
  }

  private func text(of terminal: ProgramTerminal, _ area: Rect) -> String {
    String(String.UnicodeScalarView(terminal.emulator.glyphs(in: area).map(\.scalar)))
  }
}
