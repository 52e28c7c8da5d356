import Foundation
import TerminalCells

/// A program on a pseudo-terminal, and an emulated terminal at the other end of a link.
public final class ProgramTerminal {
  /// The line between program and terminal: infinitely fast, or like a connection over ssh, where
  /// everything written is taken at once and waits on its way.
  public struct Link: Sendable {
    public var bytesPerSecond: Double
    /// Seconds in each direction.
    public var delay: Double

    public init(bytesPerSecond: Double = .infinity, delay: Double = 0) {
      self.bytesPerSecond = bytesPerSecond
      self.delay = delay
    }
  }

  public struct Failed: Error {
    public var reason: String

    public init(reason: String) { self.reason = reason }
  }

  /// What arrived on the screen, and when.
  public struct Arrival: Sendable {
    public var time: Double
    /// Bytes of everything since the picture before.
    public var bytes: Int
  }

  public private(set) var emulator: TerminalEmulator
  /// Seconds that the terminal thinks before it answers; keys overtake its answers meanwhile.
  public var answerDelay = 0.0
  /// Every frame that brought a picture.
  public private(set) var arrivals: [Arrival] = []
  private let process: pid_t
  /// The exit status, or the number of the signal that ended the program; nil while it runs.
  private var status: Int32?
  private let master: Int32
  private let slave: Int32
  private let link: Link
  private var toTerminal: [(time: Double, bytes: [UInt8])] = []
  private var toProgram: [(time: Double, bytes: [UInt8])] = []
  private var lineIsBusyUntil = 0.0
  private var bytesSincePicture = 0
  private var chunk = [UInt8](repeating: 0, count: 65_536)

  /// Starts the program; it finds its terminal ready.
  ///
  /// - Parameters:
  ///   - program: The path of the executable.
  ///   - arguments: What it is told.
  ///   - folder: Its home folder.
  ///   - emulator: The terminal before anything has happened.
  ///   - link: What lies between.
  public init(
    program: String, arguments: [String], folder: String, emulator: TerminalEmulator,
    link: Link = Link()
  ) throws {
    self.emulator = emulator
    self.link = link
    var ends: (master: Int32, slave: Int32) = (-1, -1)
    var size = winsize(
      ws_row: UInt16(emulator.rows), ws_col: UInt16(emulator.columns),
      ws_xpixel: UInt16(emulator.columns * emulator.traits.cell.width),
      ws_ypixel: UInt16(emulator.rows * emulator.traits.cell.height))
    guard openpty(&ends.master, &ends.slave, nil, nil, &size) == 0 else {
      throw Failed(reason: "no pseudo-terminal")
    }
    (master, slave) = ends
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    for end in [master, slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    process = try Self.start(
      [program] + arguments,
      environment: [
        "TERM=xterm-256color", "COLORTERM=truecolor", "PATH=/usr/bin:/bin", "HOME=\(folder)",
        "LC_ALL=C.UTF-8",
      ], stream: slave)
  }

  /// Starts a program in a group of its own, with no signal blocked: test runners block theirs,
  /// and programs inherit that.
  private static func start(
    _ arguments: [String], environment: [String], stream: Int32
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for standard in 0...2 { posix_spawn_file_actions_adddup2(&actions, stream, Int32(standard)) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var (words, variables) = (arguments.map { strdup($0) }, environment.map { strdup($0) })
    defer { for word in words + variables { free(word) } }
    (words, variables) = (words + [nil], variables + [nil])
    var process: pid_t = 0
    guard posix_spawn(&process, arguments[0], &actions, &attributes, words, variables) == 0 else {
      throw Failed(reason: "\(arguments[0]) does not start")
    }
    return process
  }

  deinit {
    if status == nil {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
    close(master)
    close(slave)
  }

  /// Whether the program has ended; keeps how.
  private func hasEnded() -> Bool {
    if status != nil { return true }
    var raw: Int32 = 0
    guard waitpid(process, &raw, WNOHANG) == process else { return false }
    // Of an exit the second byte is the status, of a signal the first seven bits (wait(2)).
    status = raw & 0x7F == 0 ? raw >> 8 & 0xFF : raw & 0x7F
    return true
  }

  /// The pseudo-terminal's modes as numbers that can be compared.
  public var modes: [UInt32] {
    var modes = termios()
    tcgetattr(slave, &modes)
    return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag]
  }

  /// Bytes typed that the program has not read.
  public var unreadBytes: Int {
    var modes = termios()
    tcgetattr(slave, &modes)
    let readsLines = modes.c_lflag & tcflag_t(ICANON) != 0
    if readsLines {
      // Only finished lines would be counted.
      var byBytes = modes
      byBytes.c_lflag &= ~tcflag_t(ICANON)
      tcsetattr(slave, TCSANOW, &byBytes)
    }
    defer { if readsLines { tcsetattr(slave, TCSANOW, &modes) } }
    var count: Int32 = 0
    return ioctl(slave, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
  }

  public var processIdentifier: Int32 { process }

  /// Sends the program a signal.
  public func signal(_ number: Int32) { kill(process, number) }

  /// Whether a signal has stopped the program; one that is about to stop would miss a SIGCONT.
  public var isStopped: Bool {
    let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    return status?.split(separator: ")").last?.hasPrefix(" T") ?? false
  }

  /// Shows what another program writes to the same terminal.
  public func show(_ text: String) { emulator.receive(text.utf8) }

  /// Gives the cells another size in pixels, as another font does.
  public func setCell(width: Int, height: Int) {
    var size = winsize(
      ws_row: UInt16(emulator.rows), ws_col: UInt16(emulator.columns),
      ws_xpixel: UInt16(emulator.columns * width), ws_ypixel: UInt16(emulator.rows * height))
    _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
    // The kernel tells only programs whose controlling terminal it is.
    signal(SIGWINCH)
  }

  /// Waits for the program's end; the exit status, or the number of the signal that ended it.
  public func end(within seconds: Double = 30) throws -> Int32 {
    guard try run(until: Self.now + seconds, isDone: hasEnded), let status else {
      throw Failed(reason: "the program did not end")
    }
    // What it wrote last is still on the line.
    try run(until: Self.now + 0.1)
    return status
  }

  /// Seconds of a steady clock.
  public static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Seconds that the program's threads and its main thread alone have spent on the processor.
  public var processorTime: (all: Double, main: Double) {
    let tasks = "/proc/\(process)/task"
    var (all, main) = (0.0, 0.0)
    for task in (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? [] {
      let text = try? String(contentsOfFile: "\(tasks)/\(task)/schedstat", encoding: .utf8)
      // Nanoseconds on the processor come first (Documentation/scheduler/sched-stats).
      let seconds = (text?.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1e9
      all += seconds
      if task == "\(process)" { main = seconds }
    }
    return (all, main)
  }

  /// Types keys; they leave the keyboard now.
  public func press(_ keys: String) {
    sendToProgram(Array(keys.utf8), at: Self.now + link.delay)
    sendDue()
  }

  /// Lets program and terminal go on until a time, or until `isDone`.
  @discardableResult
  public func run(until deadline: Double, isDone: () -> Bool = { false }) throws -> Bool {
    while true {
      deliverDue()
      sendDue()
      if isDone() { return true }
      let now = Self.now
      if now >= deadline { return false }
      let next = [deadline, toTerminal.first?.time, toProgram.first?.time].compactMap { $0 }.min()
      // A program that has ended does not wake anybody.
      try receive(within: min(0.1, max(0, (next ?? now) - now)))
    }
  }

  /// Waits for the next picture.
  public func nextPicture(within seconds: Double = 10) throws -> Arrival {
    let count = arrivals.count
    let hasCome = try run(until: Self.now + seconds) { arrivals.count > count }
    guard hasCome, let last = arrivals.last else { throw Failed(reason: "no picture came") }
    return last
  }

  /// Waits until no picture has come for a while.
  public func settle(_ pause: Double = 0.6) throws {
    var count = -1
    while count != arrivals.count {
      count = arrivals.count
      try run(until: Self.now + pause)
    }
  }

  // MARK: - Link

  private func deliverDue() {
    let now = Self.now
    while let first = toTerminal.first, first.time <= now {
      toTerminal.removeFirst()
      show(first.bytes, at: first.time)
    }
  }

  private func show(_ bytes: [UInt8], at time: Double) {
    let count = emulator.pictureCount
    emulator.receive(bytes)
    bytesSincePicture += bytes.count
    if emulator.pictureCount > count {
      arrivals.append(Arrival(time: time, bytes: bytesSincePicture))
      bytesSincePicture = 0
    }
    if !emulator.replies.isEmpty {
      sendToProgram(emulator.replies, at: time + answerDelay + link.delay)
      emulator.replies.removeAll()
    }
  }

  private func sendToProgram(_ bytes: [UInt8], at time: Double) {
    let place = toProgram.firstIndex { $0.time > time } ?? toProgram.endIndex
    toProgram.insert((time, bytes), at: place)
  }

  private func sendDue() {
    while let first = toProgram.first, first.time <= Self.now {
      toProgram.removeFirst()
      _ = write(master, first.bytes, first.bytes.count)
    }
  }

  /// Takes what the program has written, all of it up to the query that asks for an answer: the
  /// emulator's work must not hold up what is measured.
  private func receive(within seconds: Double) throws {
    var wait = Int32((seconds * 1000).rounded(.up))
    var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    var (hasAsked, end) = (false, 0.0)
    while !hasAsked {
      guard poll(&descriptor, 1, wait) > 0 else {
        if Self.now < end { continue }
        return
      }
      let count = read(master, &chunk, chunk.count)
      guard count > 0 else {
        if errno == EAGAIN || errno == EINTR { return }
        throw Failed(reason: "the pseudo-terminal is gone")
      }
      let bytes = Array(chunk[..<count])
      let now = Self.now
      if link.bytesPerSecond.isFinite {
        lineIsBusyUntil = max(now, lineIsBusyUntil) + Double(count) / link.bytesPerSecond
        toTerminal.append((lineIsBusyUntil + link.delay, bytes))
        return
      }
      toTerminal.append((now + link.delay, bytes))
      hasAsked = bytes.suffix(Self.query.count).elementsEqual(Self.query)
      // Awake from the first byte to the last: a sleeping reader is woken for every four kilobytes.
      (wait, end) = (0, now + Self.breath)
    }
  }

  /// The query that ends a frame.
  private static let query = Array("\u{1B}[c".utf8)
  /// Seconds within which a program that writes a frame goes on.
  private static let breath = 0.001
}
