import Glibc
import TerminalCells

/// Asks a terminal what it can do, before curses takes it over.
public enum TerminalProbe {
  /// The id of the query by shared memory.
  static let sharedMemoryQuery = 32

  /// All queries as one batch.
  ///
  /// Device attributes come last: every terminal answers them, so their answer means that
  /// nothing else is to be waited for.
  /// - Parameter sharedName: an object of three bytes in shared memory: whether the terminal can
  ///   read it shows whether it is on this machine.
  /// - Returns: control sequences.
  private static func queries(sharedName: String?) -> String {
    let shared = sharedName.map { name in
      let text = String(decoding: Base64Encoder.encode(Array(name.utf8)[...]), as: UTF8.self)
      return "\u{1B}_Gi=\(sharedMemoryQuery),s=1,v=1,a=q,t=s,f=24,S=3;\(text)\u{1B}\\"
    }
    return "\u{1B}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1B}\\"  // kitty graphics
      + (shared ?? "")
      + "\u{1B}[>0q"  // XTVERSION
      + "\u{1B}[?2026$p"  // synchronised output
      + "\u{1B}[?1;1;0S\u{1B}[?2;1;0S"  // sixel registers and geometry
      + "\u{1B}[14t\u{1B}[16t"  // text area and cell in pixels
      + "\u{1B}]11;?\u{1B}\\"  // background
      + "\u{1B}[c"
  }

  /// What a multiplexer may be asked: a graphics query of kitty's would become the pane's title.
  private static let multiplexerQueries = "\u{1B}[14t\u{1B}[16t\u{1B}[c"

  /// Finds out what the terminal can do.
  ///
  /// Takes up to the time-out when the terminal never answers, a round trip otherwise. Without
  /// a terminal, or with one that must not be asked, only the environment counts.
  /// - Parameters:
  ///   - environment: what the variables say.
  ///   - requested: the user's choice by flag.
  ///   - symbols: the user's choice of characters by flag.
  ///   - terminal: the descriptors to read from and to write to.
  ///   - timeoutMilliseconds: the longest wait.
  /// - Returns: the capabilities.
  public static func capabilities(
    environment: TerminalEnvironment, requested: GraphicsProtocol? = nil,
    symbols: CellSymbols? = nil,
    terminal: (input: Int32, output: Int32) = (STDIN_FILENO, STDOUT_FILENO),
    timeoutMilliseconds: Int = 1000
  ) -> TerminalCapabilities {
    var bytes: [UInt8] = []
    var roundTrip: Int?
    if isatty(terminal.input) == 1, isatty(terminal.output) == 1, !environment.isPlain {
      // Lives until the answers are there.
      let memory = SharedFrames()
      let batch =
        environment.multiplexer == nil
        ? queries(sharedName: memory.put([0, 0, 0])) : multiplexerQueries
      let start = ContinuousClock.now
      bytes = ask(Array(batch.utf8), terminal: terminal, timeoutMilliseconds: timeoutMilliseconds)
      roundTrip = Int((ContinuousClock.now - start) / .milliseconds(1))
      withExtendedLifetime(memory) {}
    }
    return TerminalCapabilities(
      environment: environment, replies: TerminalReplies(parsing: bytes), requested: requested,
      symbols: symbols, roundTrip: roundTrip)
  }

  /// Sends queries with echo and line buffering off and collects what comes back.
  private static func ask(
    _ queries: [UInt8], terminal: (input: Int32, output: Int32), timeoutMilliseconds: Int
  ) -> [UInt8] {
    var saved = termios()
    guard tcgetattr(terminal.input, &saved) == 0 else { return [] }
    var raw = saved
    raw.c_lflag &= ~tcflag_t(ECHO | ICANON)
    guard tcsetattr(terminal.input, TCSANOW, &raw) == 0 else { return [] }
    defer { tcsetattr(terminal.input, TCSANOW, &saved) }
    guard writeAll(queries, to: terminal.output) else { return [] }
    return collect(from: terminal.input, timeoutMilliseconds: timeoutMilliseconds)
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno != EINTR { return false }
      sent += max(0, count)
    }
    return true
  }

  private static func collect(from descriptor: Int32, timeoutMilliseconds: Int) -> [UInt8] {
    let deadline = ContinuousClock.now + .milliseconds(timeoutMilliseconds)
    var answers: [UInt8] = []
    while !TerminalReplies(parsing: answers).isComplete {
      let left = deadline - ContinuousClock.now
      guard left > .zero else { break }
      let milliseconds = Int32(left / .milliseconds(1)) + 1
      var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
      let ready = poll(&descriptors, 1, milliseconds)
      if ready < 0 && errno == EINTR { continue }
      guard ready > 0 else { break }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor, &chunk, chunk.count)
      guard count > 0 else { break }
      answers.append(contentsOf: chunk[..<count])
    }
    return answers
  }
}
