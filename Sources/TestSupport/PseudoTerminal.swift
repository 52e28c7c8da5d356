import Glibc
import Synchronization

/// Both ends of a pseudo-terminal: the program gets the slave, the test plays the terminal.
public final class PseudoTerminal: Sendable {
  public struct Unavailable: Error {}

  /// What the program reads from and writes to.
  public let slave: Int32
  private let master: Int32
  private let received = Mutex<[UInt8]>([])

  public init(columns: Int = 80, rows: Int = 24) throws {
    var ends: (master: Int32, slave: Int32) = (-1, -1)
    guard openpty(&ends.master, &ends.slave, nil, nil, nil) == 0 else { throw Unavailable() }
    (master, slave) = ends
    resize(columns: columns, rows: rows)
  }

  deinit {
    close(slave)
    close(master)
  }

  public func resize(columns: Int, rows: Int) {
    var window = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: UInt16(10 * columns),
      ws_ypixel: UInt16(20 * rows))
    _ = ioctl(slave, UInt(TIOCSWINSZ), &window)
  }

  /// The terminal's modes as numbers that can be compared.
  public var modes: [UInt32] {
    var modes = termios()
    tcgetattr(slave, &modes)
    return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag]
  }

  /// Sends what the user types or the terminal answers.
  public func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// Everything the program has written so far.
  public func output() -> String {
    receive(timeoutMilliseconds: 0)
    return String(decoding: received.withLock { $0 }, as: UTF8.self)
  }

  /// Waits until the output ends with a text, at most ten seconds.
  @discardableResult
  public func waitForOutput(endingWith end: String) -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
      if output().hasSuffix(end) { return true }
      receive(timeoutMilliseconds: 100)
    }
    return false
  }

  private func receive(timeoutMilliseconds: Int32) {
    var descriptors = [pollfd(fd: master, events: Int16(POLLIN), revents: 0)]
    var timeout = timeoutMilliseconds
    while poll(&descriptors, 1, timeout) > 0, descriptors[0].revents & Int16(POLLIN) != 0 {
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = read(master, &chunk, chunk.count)
      guard count > 0 else { return }
      received.withLock { $0 += chunk[..<count] }
      timeout = 0
    }
  }
}
