import Foundation
import Imaging
import StudioFiles
import TerminalCells
import TestSupport

extension Suite {
  /// The studio in each kind of terminal: how soon a key shows, and whether a held key moves the
  /// light smoothly.
  static let terminals = TerminalKind.allCases.map { kind in
    Suite(name: "terminal-\(kind.rawValue)") { recorder, assets in
      let run = try TerminalRun(recorder: recorder, assets: assets, kind: kind)
      try run.latency()
      try run.heldKey()
      try run.flatOut()
    }
  }

  /// A key held for a minute: nothing may pile up.
  static let minutes = TerminalKind.allCases.map { kind in
    Suite(name: "minute-\(kind.rawValue)") { recorder, assets in
      try TerminalRun(recorder: recorder, assets: assets, kind: kind).heldMinute()
    }
  }

  /// A held key over a line of 2 Mbit/s that takes 80 ms there and back.
  static let slowLink = Suite(name: "slow-link") { recorder, assets in
    for kind in TerminalKind.allCases where kind != .shared {
      let link = ProgramTerminal.Link(bytesPerSecond: 250_000, delay: 0.04)
      let run = try TerminalRun(recorder: recorder, assets: assets, kind: kind, link: link)
      try run.heldKeyOnSlowLink()
    }
  }
}

extension TerminalKind {
  /// At the size that gives the picture 480×480 pixels or 100×50 cells.
  var emulator: TerminalEmulator {
    self == .cells
      ? emulator(pictureColumns: 100, pictureRows: 50)
      : emulator(pictureColumns: 48, pictureRows: 24)
  }

  var budget: (median: Double, high: Double) { self == .cells ? (8, 8) : (10, 16) }
}

/// One studio in one terminal.
private final class TerminalRun {
  private let recorder: Recorder
  private let terminal: ProgramTerminal
  private let kind: TerminalKind
  private let folder: URL
  /// Of a held key: how many presses the program had not read when the next one came.
  private var mostUnreadKeys = 0
  /// Bytes of the middle one of the pictures while the key was held.
  private var heldBytes = 0.0
  private static let left = "\u{1B}[D"
  private static let right = "\u{1B}[C"
  private static let keyRepeat = 30.0
  private static let heldSeconds = 10.0
  /// Seconds after a key from which on the studio may be at work on the settled picture.
  private static let idle = 0.1

  init(
    recorder: Recorder, assets: AssetFolder, kind: TerminalKind,
    link: ProgramTerminal.Link = .init()
  ) throws {
    self.recorder = recorder
    self.kind = kind
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("chiaro-benchmark-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = URL(fileURLWithPath: own).deletingLastPathComponent()
      .appendingPathComponent("chiaro").path
    let lights = ["az=45,el=35", "az=-30,el=0,ev=-2", "az=150,el=30", "az=-120,el=20,ev=-1"]
    terminal = try ProgramTerminal(
      program: program,
      arguments: ["studio", assets.path("portraits/sample-passes")]
        + lights.flatMap { ["--light", $0] },
      folder: folder.path, emulator: kind.emulator, link: link)
    _ = try terminal.nextPicture(within: 60)
    try terminal.settle(1)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func figure(_ name: String, _ value: Double, _ unit: String, goal: Goal? = nil) {
    recorder.figure("\(kind.rawValue): \(name)", value, unit: unit, goal: goal)
  }

  /// Single keys at uneven distances.
  ///
  /// The settled picture of one key must not be taken for the picture of the next: either the next
  /// key comes before the studio settles, or after the settled picture.
  func latency() throws {
    let keys = 200
    var generator = SeededGenerator(seed: 11)
    var latencies: [Double] = []
    var bytes: [Double] = []
    var (all, main) = (0.0, 0.0)
    while latencies.count < keys {
      let (allBefore, mainBefore) = terminal.processorTime
      let start = ProgramTerminal.now
      terminal.press(Self.right)
      let arrival = try terminal.nextPicture()
      latencies.append((arrival.time - start) * 1000)
      bytes.append(Double(arrival.bytes) / 1000)
      let (allAfter, mainAfter) = terminal.processorTime
      (all, main) = (all + allAfter - allBefore, main + mainAfter - mainBefore)
      let pause = Double.random(in: 0.01...0.05, using: &generator)
      try terminal.run(until: ProgramTerminal.now + pause)
      if ProgramTerminal.now - start > Self.idle { try terminal.settle() }
    }
    try terminal.settle()
    figure(
      "key to picture, median", latencies.quantile(0.5), "ms", goal: .atMost(kind.budget.median))
    figure("key to picture, 95 %", latencies.quantile(0.95), "ms", goal: .atMost(kind.budget.high))
    figure("key to picture, 10 %", latencies.quantile(0.1), "ms")
    figure("key to picture, least", latencies.min() ?? 0, "ms")
    figure("processor time per key, all threads", all * 1000 / Double(keys), "ms")
    figure("processor time per key, main thread", main * 1000 / Double(keys), "ms")
    figure("bytes per moving picture", bytes.quantile(0.5), "kB")
  }

  /// The keyboard's repetition: pictures must keep up, and the last one be the last key's.
  func heldKey() throws {
    let (updates, lag, settled) = try hold(seconds: Self.heldSeconds)
    figure("30 keys/s held: pictures per second", updates, "1/s", goal: .atLeast(25))
    figure("30 keys/s held: last key to its picture", lag * 1000, "ms", goal: .atMost(33))
    figure("30 keys/s held: last key to the settled picture", settled * 1000, "ms")
    figure(
      "30 keys/s held: settled picture is the last key's", try isOfLastKey() ? 1 : 0, "",
      goal: .atLeast(1))
  }

  /// What is behind at the end of a minute must be what was behind at its beginning.
  func heldMinute() throws {
    let count = terminal.arrivals.count
    let start = ProgramTerminal.now
    let (updates, lag, settled) = try hold(seconds: 60)
    let times = terminal.arrivals[count...].map { $0.time - start }.filter { $0 <= 60 }
    func longestGap(_ range: Range<Double>) -> Double {
      let within = times.filter(range.contains)
      return zip(within.dropFirst(), within).map { $0 - $1 }.max() ?? 60
    }
    let label = "30 keys/s held for a minute"
    figure("\(label): pictures per second", updates, "1/s", goal: .atLeast(25))
    figure("\(label): longest gap, first ten seconds", longestGap(0..<10) * 1000, "ms")
    figure("\(label): longest gap, last ten seconds", longestGap(50..<60) * 1000, "ms")
    figure(
      "\(label): most keys that waited to be read", Double(mostUnreadKeys), "", goal: .atMost(3))
    figure("\(label): last key to its picture", lag * 1000, "ms", goal: .atMost(50))
    figure("\(label): last key to the settled picture", settled * 1000, "ms")
    figure(
      "\(label): settled picture is the last key's", try isOfLastKey() ? 1 : 0, "",
      goal: .atLeast(1))
  }

  /// A new key as soon as the picture of the last one is there.
  func flatOut() throws {
    let start = ProgramTerminal.now
    let count = terminal.arrivals.count
    while ProgramTerminal.now < start + 4 {
      terminal.press(Self.left)
      _ = try terminal.nextPicture()
    }
    figure(
      "as fast as pictures come: pictures per second",
      Double(terminal.arrivals.count - count) / (ProgramTerminal.now - start), "1/s")
    try terminal.settle()
  }

  func heldKeyOnSlowLink() throws {
    try terminal.settle(2)
    let (updates, _, settled) = try hold(seconds: Self.heldSeconds)
    let label = "2 Mbit/s, 80 ms"
    figure("\(label): pictures per second while held", updates, "1/s", goal: .atLeast(5))
    figure("\(label): bytes per picture while held", heldBytes / 1000, "kB")
    figure("\(label): release to the settled picture", settled * 1000, "ms", goal: .atMost(1000))
    figure(
      "\(label): settled picture is the last key's", try isOfLastKey() ? 1 : 0, "",
      goal: .atLeast(1))
  }

  /// Holds a key, lets it go and waits; pictures per second while it was held, seconds from the last
  /// key to the first picture after it and to the last one.
  private func hold(seconds: Double) throws -> (updates: Double, lag: Double, settled: Double) {
    let start = ProgramTerminal.now
    let count = terminal.arrivals.count
    var released = start
    for key in 0..<Int(seconds * Self.keyRepeat) {
      try terminal.run(until: start + Double(key) / Self.keyRepeat)
      released = ProgramTerminal.now
      mostUnreadKeys = max(mostUnreadKeys, terminal.unreadBytes / Self.right.utf8.count)
      terminal.press(Self.right)
    }
    let whileHeld = terminal.arrivals[count...].count { $0.time <= released }
    heldBytes = terminal.arrivals[count...].map { Double($0.bytes) }.quantile(0.5)
    let countAtRelease = terminal.arrivals.count
    try terminal.settle(1.5)
    let after = terminal.arrivals[countAtRelease...]
    return (
      Double(whileHeld) / (released - start), (after.first?.time ?? released) - released,
      (after.last?.time ?? released) - released
    )
  }

  /// Whether going one step on and back, slowly, leads to the picture that is there already, and the
  /// step on to another one. Sixels may get a new palette on the way.
  private func isOfLastKey() throws -> Bool {
    let shown = picture
    terminal.press(Self.right)
    try terminal.settle(1.5)
    let next = picture
    terminal.press(Self.left)
    try terminal.settle(1.5)
    return Self.distance(picture, shown) * 8 < Self.distance(next, shown)
  }

  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    zip(left, right).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
  }

  /// The pixels on the screen.
  private var picture: [UInt8] {
    let emulator = terminal.emulator
    guard kind == .cells else { return emulator.picture?.bytes ?? [] }
    return emulator.pictureArea.map { emulator.glyphs(in: $0) }?.flatMap { glyph in
      // The ink of a space is not seen.
      let ink = glyph.scalar == " " ? glyph.style.background : glyph.style.foreground
      return [ink, glyph.style.background].flatMap(\.components)
    } ?? []
  }
}

extension TerminalColor {
  fileprivate var components: [UInt8] {
    if case .rgb(let red, let green, let blue) = self { [red, green, blue] } else { [] }
  }
}
