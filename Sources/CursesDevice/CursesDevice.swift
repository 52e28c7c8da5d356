import CNcurses
import Glibc
import TerminalCells

/// A terminal held by curses.
///
/// Curses owns the terminal's modes, its description and its size. Cells are drawn in one of two
/// ways: with up to 256 colours through curses, which knows every terminal; in 24-bit colour, which
/// curses cannot name, by control sequences of our own in one write per frame. Input is decoded
/// here from bytes in either case: the answers that pace frames come between the keys, and
/// `wget_wch` would take them apart into key presses.
public final class CursesDevice: TerminalDevice {
  /// What the terminal is known to be able to do.
  public struct Options: Sendable {
    /// How many colours to use at most.
    public var colorDepth: ColorDepth
    /// Whether drawing is bracketed by synchronised output (mode 2026).
    public var synchronizesOutput: Bool
    /// Whether the mouse is reported.
    public var reportsMouse: Bool
    /// What is sent before the terminal is given back, such as the deletion of pictures.
    public var farewell: [UInt8]

    /// Makes options.
    public init(
      colorDepth: ColorDepth = .indexed256, synchronizesOutput: Bool = false,
      reportsMouse: Bool = true, farewell: [UInt8] = []
    ) {
      self.colorDepth = colorDepth
      self.synchronizesOutput = synchronizesOutput
      self.reportsMouse = reportsMouse
      self.farewell = farewell
    }
  }

  /// How cells reach the screen.
  private enum Painter {
    case curses(ColorDepth)
    case sequences(CellEncoder)
  }

  /// What `open` acquires and `close` gives back.
  private struct Session {
    let screen: OpaquePointer
    let streams: [UnsafeMutablePointer<FILE>]
    let previousActions: [Int32: sigaction]
    let modesOn: [UInt8]
    let modesOff: [UInt8]
  }

  /// How long the rest of an escape sequence may take before it is a key of its own.
  private static let escapeWait: Duration = .milliseconds(50)

  /// The size at the last `open`, `.resize` or `.resumed`.
  public private(set) var size = TerminalSize(columns: 0, rows: 0)

  private let options: Options
  private let input: Int32
  private let output: Int32
  private let pipe: SelfPipe
  private var session: Session?
  private var painter = Painter.curses(.monochrome)
  private var decoder = InputDecoder()
  private var escapeDeadline: ContinuousClock.Instant?
  private var pending: [InputEvent] = []
  private var showsCursor = false

  /// Prepares a device; nothing is sent before `open`.
  ///
  /// - Parameters:
  ///   - options: what the terminal can do.
  ///   - input: the descriptor to read from.
  ///   - output: the descriptor to write to.
  /// - Throws: `TerminalDeviceError.systemCall` when the process has no descriptors left.
  public init(
    options: Options, input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO
  ) throws(TerminalDeviceError) {
    self.options = options
    self.input = input
    self.output = output
    do {
      pipe = try SelfPipe()
    } catch {
      throw .systemCall(name: "pipe", errorNumber: error.number)
    }
  }

  deinit { close() }

  /// Wakes `nextEvent` from any thread.
  public var wakeUp: @Sendable () -> Void {
    let pipe = pipe
    return { pipe.post(SelfPipe.wakeUp) }
  }

  // MARK: - Open and close

  /// Takes the terminal over and clears it.
  ///
  /// - Throws: `notATerminal`, `unknownTerminalType`, `insufficientTerminalType` or `systemCall`;
  ///   the terminal is untouched then.
  public func open() throws(TerminalDeviceError) {
    guard session == nil else { return }
    guard isatty(input) == 1 else { throw .notATerminal(stream: "standard input") }
    guard isatty(output) == 1 else { throw .notATerminal(stream: "standard output") }
    try checkTerminalType()
    Self.selectUnicodeLocale()
    var modes = termios()
    guard tcgetattr(output, &modes) == 0 else {
      throw .systemCall(name: "tcgetattr", errorNumber: errno)
    }
    let (modesOn, modesOff) = modeSequences()
    let leave = ["sgr0", "rmkx", "cnorm", "rmcup"].flatMap { CursesMapping.capability($0) ?? [] }
    // Before curses, which then leaves these signals alone.
    let previousActions = ProcessSignals.shared.take(
      pipe: pipe,
      restoration: TerminalRestoration(output: output, modes: modes, bytes: modesOff + leave))
    guard let outputStream = fdopen(dup(output), "w"), let inputStream = fdopen(dup(input), "r"),
      let screen = newterm(nil, outputStream, inputStream)
    else {
      ProcessSignals.shared.release(previousActions)
      throw .unknownTerminalType(Self.terminalType)
    }
    session = Session(
      screen: screen, streams: [outputStream, inputStream], previousActions: previousActions,
      modesOn: modesOn, modesOff: modesOff)
    configureCurses()
    enterScreen()
  }

  /// Gives the terminal back as it was.
  public func close() {
    guard let session else { return }
    self.session = nil
    send(session.modesOff)
    endwin()
    delscreen(session.screen)
    for stream in session.streams { fclose(stream) }
    ProcessSignals.shared.release(session.previousActions)
  }

  /// Gives the terminal back, stops, and takes it over again.
  public func suspend() {
    guard let session else { return }
    send(session.modesOff)
    endwin()
    let handlers = [SIGTSTP, SIGCONT].map { signal in
      (signal, ProcessSignals.install(signal, flags: 0, handler: SIG_DFL))
    }
    // The whole job, as the keyboard would: `make studio` must stop with the studio. A process
    // without a shell's job control is not stopped and goes straight on.
    kill(0, SIGTSTP)
    for (signal, action) in handlers {
      var action = action
      sigaction(signal, &action, nil)
    }
    resume()
  }

  private func resume() {
    // Stopped without warning, the screen was not left: only who has left it enters it again.
    if !isendwin() { endwin() }
    enterScreen()
    pending.append(.resumed)
  }

  private static var terminalType: String { getenv("TERM").map { String(cString: $0) } ?? "" }

  /// `newterm` accepts terminals that cannot move their cursor, and fails at them later.
  private func checkTerminalType() throws(TerminalDeviceError) {
    var status: Int32 = 0
    guard setupterm(nil, output, &status) == OK else {
      throw .unknownTerminalType(Self.terminalType)
    }
    guard curses_capability("cup") != nil else {
      throw .insufficientTerminalType(Self.terminalType)
    }
  }

  /// Curses writes wide characters only in a Unicode locale, and "C" is common in containers.
  private static func selectUnicodeLocale() {
    setlocale(LC_CTYPE, "")
    let isUnicode = nl_langinfo(Int32(CODESET)).map { String(cString: $0) == "UTF-8" } ?? false
    if !isUnicode { setlocale(LC_CTYPE, "C.UTF-8") }
  }

  private func configureCurses() {
    raw()
    noecho()
    nonl()
    passOutputUnchanged()
    start_color()
    use_default_colors()
    decoder = InputDecoder(keySequences: CursesMapping.keySequences())
    painter =
      options.colorDepth == .trueColor && isAnsi
      ? .sequences(CellEncoder(depth: .trueColor))
      : .curses(CursesMapping.depth(wanted: options.colorDepth))
  }

  /// Takes the kernel's output processing away and lets curses know: nothing is left for it to do,
  /// and looking at every byte of a picture costs four times what handing it on does.
  private func passOutputUnchanged() {
    var modes = termios()
    guard tcgetattr(output, &modes) == 0 else { return }
    modes.c_oflag &= ~tcflag_t(OPOST)
    tcsetattr(output, TCSANOW, &modes)
    def_prog_mode()
  }

  /// Whether the terminal takes control sequences of ECMA-48.
  private var isAnsi: Bool {
    CursesMapping.capability("cup")?.starts(with: "\u{1B}[".utf8) ?? false
  }

  private func modeSequences() -> (on: [UInt8], off: [UInt8]) {
    guard isAnsi else { return ([], options.farewell) }
    // Buttons and drags in SGR coordinates, then bracketed paste.
    let modes = (options.reportsMouse ? ["1002", "1006"] : []) + ["2004"]
    let on = modes.map { "\u{1B}[?\($0)h" }.joined()
    let off = modes.reversed().map { "\u{1B}[?\($0)l" }.joined()
    // A frame may be cut off by a signal: end its picture and its bracket first, the colours too.
    let end = "\u{1B}\\" + (options.synchronizesOutput ? "\u{1B}[?2026l" : "") + "\u{1B}[0m"
    return (Array(on.utf8), Array(end.utf8) + options.farewell + Array(off.utf8))
  }

  /// Switches to an empty screen, the first time and after a stop.
  private func enterScreen() {
    size = measuredSize()
    clearScreen()
    // Leaving the screen ends it, and drawing does not begin it again.
    keypad(curses_standard_screen(), true)
    curs_set(0)
    showsCursor = false
    send(session?.modesOn ?? [])
  }

  private func clearScreen() {
    resizeterm(Int32(size.rows), Int32(size.columns))
    wclear(curses_standard_screen())
    wrefresh(curses_standard_screen())
    if case .sequences(var encoder) = painter {
      encoder.invalidate()
      painter = .sequences(encoder)
    }
  }

  // MARK: - Output

  /// Draws cells and puts the cursor to its place, or hides it.
  public func present(_ runs: [CellRun], cursor: CellPosition?) {
    guard session != nil else { return }
    switch painter {
    case .curses(let depth): presentWithCurses(runs, cursor: cursor, depth: depth)
    case .sequences(var encoder):
      send(sequences(for: runs, cursor: cursor, encoder: &encoder))
      painter = .sequences(encoder)
    }
    showsCursor = cursor != nil
  }

  /// Sends bytes as one write.
  public func write(_ bytes: [UInt8]) {
    if session != nil { send(bytes) }
  }

  private func presentWithCurses(_ runs: [CellRun], cursor: CellPosition?, depth: ColorDepth) {
    let window = curses_standard_screen()
    for run in runs {
      var column = run.column
      for cell in run.cells {
        var curseCell = CursesMapping.curseCell(cell, depth: depth)
        wmove(window, Int32(run.row), Int32(column))
        wadd_wch(window, &curseCell)
        column += cell.columns
      }
    }
    if let cursor { wmove(window, Int32(cursor.row), Int32(cursor.column)) }
    if (cursor != nil) != showsCursor { curs_set(cursor == nil ? 0 : 1) }
    wrefresh(window)
  }

  private func sequences(
    for runs: [CellRun], cursor: CellPosition?, encoder: inout CellEncoder
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    if options.synchronizesOutput { bytes += "\u{1B}[?2026h".utf8 }
    // A visible cursor would be seen running over the screen.
    if showsCursor { bytes += "\u{1B}[?25l".utf8 }
    encoder.encode(runs, into: &bytes)
    if let cursor {
      CellEncoder.move(to: cursor, into: &bytes)
      bytes += "\u{1B}[?25h".utf8
    }
    if options.synchronizesOutput { bytes += "\u{1B}[?2026l".utf8 }
    return bytes
  }

  private func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        var descriptors = [pollfd(fd: output, events: Int16(POLLOUT), revents: 0)]
        poll(&descriptors, 1, -1)
      } else if errno != EINTR {
        // The terminal is gone; `nextEvent` reports it.
        return
      }
    }
  }

  // MARK: - Input

  /// Waits for a key, an answer, a signal or a wake-up.
  public func nextEvent(timeoutMilliseconds: Int) -> InputEvent? {
    let deadline =
      timeoutMilliseconds < 0
      ? nil : ContinuousClock.now + .milliseconds(timeoutMilliseconds)
    while session != nil {
      if !pending.isEmpty { return pending.removeFirst() }
      if let event = decoder.next() { return event }
      if !decoder.isIncomplete { escapeDeadline = nil }
      let wait = [deadline, escapeDeadline].compactMap { $0 }.min()
      var descriptors = [input, pipe.reader].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      let ready = poll(&descriptors, 2, Self.milliseconds(until: wait))
      if ready > 0 {
        if descriptors[1].revents != 0 { takeSignals() }
        if descriptors[0].revents != 0 { takeInput() }
      } else if ready == 0 {
        if let escapeDeadline, escapeDeadline <= .now {
          decoder.flush()
          self.escapeDeadline = nil
        } else if let deadline, deadline <= .now {
          return nil
        }
      }
    }
    return nil
  }

  /// For `poll`: -1 waits without end; rounded up, so that a wait never spins.
  private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let left = (deadline - .now) / .milliseconds(1)
    return Int32(min(max(left.rounded(.up), 0), 1e9))
  }

  private func takeInput() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(input, &bytes, bytes.count)
    if count > 0 {
      decoder.append(bytes[..<count])
      escapeDeadline = .now + Self.escapeWait
    } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
      // The terminal hung up.
      pending.append(.terminate(signal: SIGHUP))
    }
  }

  private func takeSignals() {
    let posted = pipe.drain()
    if posted.contains(SelfPipe.wakeUp) { pending.append(.wakeUp) }
    for signal in posted.map(Int32.init) where signal != Int32(SelfPipe.wakeUp) {
      switch signal {
      case SIGWINCH: resize()
      case SIGTSTP: pending.append(.stop)
      case SIGCONT: resume()
      default: pending.append(.terminate(signal: signal))
      }
    }
  }

  private func resize() {
    size = measuredSize()
    clearScreen()
    pending.append(.resize(size))
  }

  private func measuredSize() -> TerminalSize {
    var window = winsize()
    guard ioctl(output, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0
    else {
      let screen = curses_standard_screen()
      return TerminalSize(columns: Int(getmaxx(screen)), rows: Int(getmaxy(screen)))
    }
    return TerminalSize(
      columns: Int(window.ws_col), rows: Int(window.ws_row), pixelWidth: Int(window.ws_xpixel),
      pixelHeight: Int(window.ws_ypixel))
  }
}
