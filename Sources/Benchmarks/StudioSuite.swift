import Foundation
import Shading
import Studio
import StudioFiles
import StudioRuntime
import TerminalCells
import TestSupport

extension Suite {
  /// The studio around the picture: how soon it starts, what a screen and a key cost, what it needs.
  static let studio = Suite(name: "studio") { recorder, assets in
    try measureScreen(recorder, assets)
    try measureProgram(recorder, assets)
  }

  private static func measureScreen(_ recorder: Recorder, _ assets: AssetFolder) throws {
    let size = TerminalSize(columns: 200, rows: 60, pixelWidth: 2000, pixelHeight: 1200)
    let theme = try assets.theme(named: "dark")
    var state = StudioState(
      size: size, library: try assets.library(), keymap: try assets.keymap(named: "default"),
      theme: theme)
    _ = reduce(&state, .open(path: "portrait.png", framing: "auto"))
    _ = reduce(
      &state,
      .photographOpened(
        OpenedPhotograph(generation: 1, title: "portrait.png", width: 1024, height: 1024)))
    _ = reduce(
      &state,
      .decompositionFinished(generation: 1, look: try assets.look(named: "three-point")))
    recorder.measure("screen of 200×60", budget: 2) { _ in render(state, theme: theme) }
    recorder.measure("a key that turns the light", budget: 2) { _ in
      reduce(&state, .key(Key(.left)))
    }
    for (name, kind) in [("help", OverlayKind.help), ("palette", .palette)] {
      var open = state
      _ = reduce(&open, .present(kind))
      recorder.measure("screen of 200×60 with \(name)", budget: 2) { _ in
        render(open, theme: theme)
      }
    }
  }

  /// Starts the program several times in a terminal that shows characters only.
  private static func measureProgram(_ recorder: Recorder, _ assets: AssetFolder) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("chiaro-benchmark-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = URL(fileURLWithPath: own).deletingLastPathComponent()
      .appendingPathComponent("chiaro").path
    var starts: [Double] = []
    var memory = 0.0
    for _ in 0..<9 {
      let start = ProgramTerminal.now
      let terminal = try ProgramTerminal(
        program: program, arguments: ["studio", assets.path("portraits/sample-passes")],
        folder: folder.path,
        emulator: TerminalKind.cells.emulator(pictureColumns: 100, pictureRows: 50))
      _ = try terminal.run(until: start + 20) {
        terminal.emulator.glyphs.contains { $0.scalar == "╭" }
      }
      starts.append((ProgramTerminal.now - start) * 1000)
      _ = try terminal.nextPicture(within: 60)
      try terminal.settle(1)
      memory = max(memory, ProcessMemory.peakKilobytes(of: "\(terminal.processIdentifier)") / 1000)
      terminal.signal(SIGTERM)
      _ = try terminal.end()
    }
    recorder.figure(
      "start to first screen", starts.sorted()[starts.count / 2], unit: "ms", goal: .atMost(60))
    recorder.figure(
      "memory with one portrait, at most", memory, unit: "MB", goal: .atMost(400))
  }
}
