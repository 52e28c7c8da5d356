import Synchronization
import TerminalCells

/// A terminal of paper: plays events and keeps what is drawn.
public final class ScriptedDevice: TerminalDevice {
  /// What the terminal shows now.
  public private(set) var screen: CellGrid
  public private(set) var cursor: CellPosition?
  /// Everything that was written past the cells, in order.
  public private(set) var writes: [[UInt8]] = []
  public private(set) var presentCount = 0
  public private(set) var isOpen = false
  public private(set) var suspendCount = 0
  public private(set) var size: TerminalSize
  /// Whether back-pressure queries (`CSI c`) at the end of a write are answered, as terminals do.
  public var answersQueries = true
  private var script: [InputEvent]
  private let wakeUps = WakeUpCounter()

  public init(columns: Int, rows: Int, pixelWidth: Int = 0, pixelHeight: Int = 0) {
    size = TerminalSize(
      columns: columns, rows: rows, pixelWidth: pixelWidth, pixelHeight: pixelHeight)
    screen = CellGrid(columns: columns, rows: rows)
    script = []
  }

  /// Adds events behind those not yet delivered.
  public func enqueue(_ events: InputEvent...) { script.append(contentsOf: events) }

  /// Adds key presses written as keymaps do, `<Tab>jj<Right>`.
  public func press(_ notation: String) {
    guard let keys = Key.sequence(parsing: notation) else {
      preconditionFailure("no keys in \"\(notation)\"")
    }
    script.append(contentsOf: keys.map { .key($0) })
  }

  public func open() { isOpen = true }

  public func close() { isOpen = false }

  /// Never sleeps: nil means that nothing is scripted.
  public func nextEvent(timeoutMilliseconds: Int) -> InputEvent? {
    if wakeUps.take() { return .wakeUp }
    guard !script.isEmpty else { return nil }
    let event = script.removeFirst()
    switch event {
    case .resize(let size):
      self.size = size
      screen = CellGrid(columns: size.columns, rows: size.rows)
    case .resumed: screen = CellGrid(columns: size.columns, rows: size.rows)
    default: break
    }
    return event
  }

  public func present(_ runs: [CellRun], cursor: CellPosition?) {
    screen.apply(runs)
    self.cursor = cursor
    presentCount += 1
  }

  public func write(_ bytes: [UInt8]) {
    writes.append(bytes)
    if answersQueries && bytes.ends(with: "\u{1B}[c".utf8) {
      script.append(.reply(Array("\u{1B}[?62;4c".utf8)))
    }
  }

  public var wakeUp: @Sendable () -> Void {
    let wakeUps = wakeUps
    return { wakeUps.add() }
  }

  public func suspend() {
    suspendCount += 1
    script.insert(.resumed, at: 0)
  }
}

private final class WakeUpCounter: Sendable {
  private let count = Mutex(0)

  func add() { count.withLock { $0 += 1 } }

  func take() -> Bool {
    count.withLock { count in
      guard count > 0 else { return false }
      count = 0
      return true
    }
  }
}

extension Array where Element == UInt8 {
  fileprivate func ends(with suffix: some BidirectionalCollection<UInt8>) -> Bool {
    reversed().starts(with: suffix.reversed())
  }
}
