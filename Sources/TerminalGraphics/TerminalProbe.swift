import Glibc
import TerminalCells

/// Asks a terminal what it can do, before curses takes it over.
public enum TerminalProbe {
  /// All queries as one batch.
  ///
  /// Device attributes come last: every terminal answers them, so their answer means that
  /// nothing else is to be waited for.
  static let queries =
    "\u{1B}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1B}\\"  // kitty graphics
    + "\u{1B}[>0q"  // XTVERSION
    + "\u{1B}[?2026$p"  // synchronised output
    + "\u{1B}[?1;1;0S\u{1B}[?2;1;0S"  // sixel registers and geometry
    + "\u{1B}[14t\u{1B}[16t"  // text area and cell in pixels
    + "\u{1B}]11;?\u{1B}\\"  // background
    + "\u{1B}[c"

  /// What a multiplexer may be asked when the user forces pixels: a graphics query of kitty's
  /// would become the pane's title.
  static let multiplexerQueries = "\u{1B}[14t\u{1B}[16t\u{1B}[c"

  /// Finds out what the terminal can do.
  ///
  /// Takes up to the time-out when the terminal never answers, a round trip otherwise. Without
  /// a terminal, or with one that must not be asked, only the environment counts.
  /// - Parameters:
  ///   - environment: what the variables say.
  ///   - requested: the user's choice by flag.
  ///   - terminal: the descriptors to read from and to write to.
  ///   - timeoutMilliseconds: the longest wait.
  /// - Returns: the capabilities.
  public static func capabilities(
    environment: TerminalEnvironment, requested: GraphicsProtocol? = nil,
    terminal: (input: Int32, output: Int32) = (STDIN_FILENO, STDOUT_FILENO),
    timeoutMilliseconds: Int = 1000
  ) -> TerminalCapabilities {
    let chosen = requested ?? environment.requestedGraphics
    let isForced = environment.multiplexer != nil && chosen != nil && chosen != .cells
    var bytes: [UInt8] = []
    if isatty(terminal.input) == 1, isatty(terminal.output) == 1,
      environment.takesQueries || isForced
    {
      bytes = ask(
        Array((isForced ? multiplexerQueries : queries).utf8), terminal: terminal,
        timeoutMilliseconds: timeoutMilliseconds)
    }
    return TerminalCapabilities(
      environment: environment, replies: TerminalReplies(parsing: bytes), requested: requested)
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
