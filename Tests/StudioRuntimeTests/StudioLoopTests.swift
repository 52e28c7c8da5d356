import Foundation
import Imaging
import Shading
import Studio
import StudioFiles
import StudioRuntime
import TerminalCells
import TerminalGraphics
import TestSupport
import Testing

/// A scripted terminal that presses keys once the screen shows what they are for.
private final class ReactiveDevice: TerminalDevice {
  let paper: ScriptedDevice
  /// What was drawn, in order.
  private(set) var log: [Drawing] = []
  private var steps: [(isReached: (ScriptedDevice) -> Bool, event: InputEvent)]
  private let deadline = Date().addingTimeInterval(120)

  enum Drawing { case cells, picture }

  init(
    _ paper: ScriptedDevice, _ steps: [(isReached: (ScriptedDevice) -> Bool, event: InputEvent)]
  ) {
    self.paper = paper
    self.steps = steps
  }

  var size: TerminalSize { paper.size }
  var wakeUp: @Sendable () -> Void { paper.wakeUp }
  func open() { paper.open() }
  func close() { paper.close() }
  func present(_ runs: [CellRun], cursor: CellPosition?) {
    log.append(.cells)
    paper.present(runs, cursor: cursor)
  }
  func write(_ bytes: [UInt8]) {
    if bytes.holdsSixels { log.append(.picture) }
    paper.write(bytes)
  }
  func suspend() { paper.suspend() }

  func nextEvent(timeoutMilliseconds: Int) -> InputEvent? {
    if let event = paper.nextEvent(timeoutMilliseconds: 0) { return event }
    if let step = steps.first, step.isReached(paper) {
      steps.removeFirst()
      paper.enqueue(step.event)
      return paper.nextEvent(timeoutMilliseconds: 0)
    }
    if Date() > deadline { return .terminate(signal: 99) }
    Thread.sleep(forTimeInterval: 0.001)
    return nil
  }
}

extension [UInt8] {
  /// Whether a device control string starts within the first few sequences.
  fileprivate var holdsSixels: Bool {
    String(decoding: prefix(64), as: UTF8.self).contains("\u{1B}P")
  }
}

@Suite struct StudioLoopTests {
  private func shows(_ text: String) -> (ScriptedDevice) -> Bool {
    { $0.screen.dump().contains(text) }
  }

  /// Whether a picture of cells was painted.
  private func showsCells(_ paper: ScriptedDevice) -> Bool {
    paper.writes.contains { String(decoding: $0, as: UTF8.self).contains("▀") }
  }

  private func loop(
    on device: ReactiveDevice, ball: Ball, replies: String = "",
    clock: @escaping () -> Int = StudioLoop.steadyMilliseconds
  ) throws -> StudioLoop {
    let environment = TerminalEnvironment(variables: ["TERM": "xterm", "COLORTERM": "truecolor"])
    let capabilities = TerminalCapabilities(
      environment: environment, replies: TerminalReplies(parsing: Array(replies.utf8)))
    return StudioLoop(
      device: device, capabilities: capabilities,
      state: StudioState(
        size: device.size,
        library: LookLibrary(
          rigs: try ball.assets.rigs(), environments: ball.assets.names(of: .environment)),
        keymap: try ball.assets.keymap(named: "default"),
        theme: try ball.assets.theme(named: "dark")),
      runner: ball.runner(wakeUp: device.wakeUp), clock: clock)
  }

  @Test("opens passes, draws the relit picture as cells, quits by key")
  func cells() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let paper = ScriptedDevice(columns: 120, rows: 40)
    let device = ReactiveDevice(
      paper, [(isReached: showsCells, event: .key(Key("q")))])
    let signal = try loop(on: device, ball: ball)
      .run(startingWith: [.open(path: ball.passes, framing: "auto")])
    #expect(signal == nil)
    #expect(paper.screen.dump().contains("Relit"))
  }

  @Test("sixels are painted, painted again when the light moves, and not for nothing")
  func sixels() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let paper = ScriptedDevice(columns: 120, rows: 40, pixelWidth: 1200, pixelHeight: 800)
    var paintedBefore = 0
    func sixelWrites(_ paper: ScriptedDevice) -> Int { paper.writes.count(where: \.holdsSixels) }
    let device = ReactiveDevice(
      paper,
      [
        (
          isReached: { paper in
            paintedBefore = sixelWrites(paper)
            return paper.screen.dump().contains("▸1 Relit") && paintedBefore > 0
          }, event: .key(Key(.left))
        ),
        (isReached: { sixelWrites($0) > paintedBefore }, event: .terminate(signal: 2)),
      ])
    // VT340 class with sixel; DECRQM says that synchronised output is unknown.
    let signal = try loop(on: device, ball: ball, replies: "\u{1B}[?63;4c")
      .run(startingWith: [.open(path: ball.passes, framing: "auto")])
    #expect(signal == 2)
    #expect(sixelWrites(paper) > paintedBefore)
    // One frame in flight: every picture asks for the answer that lets the next one go.
    let pictures = paper.writes.filter(\.holdsSixels)
    #expect(pictures.allSatisfy { String(decoding: $0, as: UTF8.self).hasSuffix("\u{1B}[c") })
  }

  @Test("the cells of a key come once, behind its picture")
  func pictureFirst() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let paper = ScriptedDevice(columns: 120, rows: 40, pixelWidth: 1200, pixelHeight: 800)
    var (writes, quietSince, before) = (0, Date(), "")
    let device = ReactiveDevice(
      paper,
      [
        (
          isReached: { paper in
            // The portrait has settled, on a busy machine as well.
            if paper.writes.count != writes { quietSince = Date() }
            writes = paper.writes.count
            before = paper.screen.dump()
            return before.contains("▸1 Relit") && paper.writes.contains(where: \.holdsSixels)
              && quietSince.timeIntervalSinceNow < -1.5
          }, event: .key(Key(.left))
        ),
        (isReached: { $0.screen.dump() != before }, event: .terminate(signal: 2)),
      ])
    // Time stands still, so that cells wait for as long as the picture takes.
    let loop = try loop(on: device, ball: ball, replies: "\u{1B}[?63;4c") { 0 }
    #expect(loop.run(startingWith: [.open(path: ball.passes, framing: "auto")]) == 2)
    #expect(device.log.suffix(2) == [.picture, .cells])
  }

  @Test("another font gets the picture in its own size")
  func anotherFont() throws {
    let ball = try Ball()
    defer { ball.remove() }
    /// The width in the raster attributes of the last picture.
    func width(_ paper: ScriptedDevice) -> Int? {
      paper.writes.last(where: \.holdsSixels).flatMap { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let attributes = text.split(separator: "\"").dropFirst().first?.prefix { $0 != "#" }
        return attributes?.split(separator: ";").dropFirst(2).first.flatMap { Int($0) }
      }
    }
    let paper = ScriptedDevice(columns: 120, rows: 40, pixelWidth: 1200, pixelHeight: 800)
    // The same cells, twice as large.
    let size = TerminalSize(columns: 120, rows: 40, pixelWidth: 2400, pixelHeight: 1600)
    var before = 0
    let device = ReactiveDevice(
      paper,
      [
        (
          isReached: { paper in
            before = width(paper) ?? 0
            return before > 0 && paper.screen.dump().contains("▸1 Relit")
          }, event: .resize(size)
        ),
        (
          isReached: { $0.size == size && (width($0) ?? 0) > before }, event: .terminate(signal: 1)
        ),
      ])
    let signal = try loop(on: device, ball: ball, replies: "\u{1B}[?63;4c")
      .run(startingWith: [.open(path: ball.passes, framing: "auto")])
    #expect(signal == 1)
    // Less what bands of six rows cut off.
    #expect((width(paper) ?? 0) * 10 > 19 * before)
  }

  @Test("a signal ends the loop and is reported")
  func signal() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let paper = ScriptedDevice(columns: 80, rows: 24)
    let device = ReactiveDevice(
      paper, [(isReached: { _ in true }, event: .terminate(signal: 15))])
    #expect(try loop(on: device, ball: ball).run(startingWith: []) == 15)
  }

  @Test("no size of the window breaks anything", arguments: [(0, 0), (1, 1), (12, 3), (300, 100)])
  func anySize(columns: Int, rows: Int) throws {
    let ball = try Ball()
    defer { ball.remove() }
    let paper = ScriptedDevice(columns: 100, rows: 30)
    let size = TerminalSize(columns: columns, rows: rows)
    let device = ReactiveDevice(
      paper,
      [
        (isReached: showsCells, event: .resize(size)),
        (isReached: { $0.size == size }, event: .terminate(signal: 1)),
      ])
    let signal = try loop(on: device, ball: ball)
      .run(startingWith: [.open(path: ball.passes, framing: "auto")])
    #expect(signal == 1)
    #expect(paper.screen.columns == columns && paper.screen.rows == rows)
  }
}
