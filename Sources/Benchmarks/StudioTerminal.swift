import Foundation
import TerminalCells
import TestSupport

/// The studio as a process on a pseudo-terminal, and the terminal at the other end of a link.
final class StudioTerminal {
  /// The line between program and terminal: infinitely fast, or like a connection over ssh, where
  /// everything written is taken at once and waits on its way.
  struct Link {
    var bytesPerSecond = Double.infinity
    /// Seconds in each direction.
    var delay = 0.0
  }

  struct Failed: Error { var reason: String }

  /// What arrived on the screen, and when.
  struct Arrival {
    var time: Double
    /// Bytes of everything since the picture before.
    var bytes: Int
  }

  private(set) var emulator: TerminalEmulator
  /// Every frame that brought a picture.
  private(set) var arrivals: [Arrival] = []
  private let process = Process()
  private let master: Int32
  private let link: Link
  private var toTerminal: [(time: Double, bytes: [UInt8])] = []
  private var toProgram: [(time: Double, bytes: [UInt8])] = []
  private var lineIsBusyUntil = 0.0
  private var bytesSincePicture = 0

  /// Starts the program; it finds its terminal ready.
  init(
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
    master = ends.master
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    let slave = FileHandle(fileDescriptor: ends.slave, closeOnDealloc: true)
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = [
      "TERM": "xterm-256color", "COLORTERM": "truecolor", "PATH": "/usr/bin:/bin",
      "HOME": folder, "LC_ALL": "C.UTF-8",
    ]
    process.standardInput = slave
    process.standardOutput = slave
    process.standardError = slave
    try process.run()
    try slave.close()
  }

  deinit {
    process.terminate()
    // The program may be writing: nobody reads any more.
    close(master)
    process.waitUntilExit()
  }

  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Seconds that the program's threads and its main thread alone have spent on the processor.
  var processorTime: (all: Double, main: Double) {
    let tasks = "/proc/\(process.processIdentifier)/task"
    var (all, main) = (0.0, 0.0)
    for task in (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? [] {
      let text = try? String(contentsOfFile: "\(tasks)/\(task)/schedstat", encoding: .utf8)
      // Nanoseconds on the processor come first (Documentation/scheduler/sched-stats).
      let seconds = (text?.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1e9
      all += seconds
      if task == "\(process.processIdentifier)" { main = seconds }
    }
    return (all, main)
  }

  /// Types keys; they leave the keyboard now.
  func press(_ keys: String) {
    toProgram.append((Self.now + link.delay, Array(keys.utf8)))
    sendDue()
  }

  /// Lets program and terminal go on until a time, or until `isDone`.
  @discardableResult
  func run(until deadline: Double, isDone: () -> Bool = { false }) throws -> Bool {
    while true {
      deliverDue()
      sendDue()
      if isDone() { return true }
      let now = Self.now
      if now >= deadline { return false }
      let next = [deadline, toTerminal.first?.time, toProgram.first?.time].compactMap { $0 }.min()
      try receive(within: max(0, (next ?? now) - now))
    }
  }

  /// Waits for the next picture.
  func nextPicture(within seconds: Double = 10) throws -> Arrival {
    let count = arrivals.count
    let hasCome = try run(until: Self.now + seconds) { arrivals.count > count }
    guard hasCome, let last = arrivals.last else { throw Failed(reason: "no picture came") }
    return last
  }

  /// Waits until no picture has come for a while.
  func settle(_ pause: Double = 0.6) throws {
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
      toProgram.append((time + link.delay, emulator.replies))
      emulator.replies.removeAll()
    }
  }

  private func sendDue() {
    while let first = toProgram.first, first.time <= Self.now {
      toProgram.removeFirst()
      _ = write(master, first.bytes, first.bytes.count)
    }
  }

  private func receive(within seconds: Double) throws {
    var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, Int32((seconds * 1000).rounded(.up))) > 0 else { return }
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = read(master, &chunk, chunk.count)
    guard count > 0 else {
      if errno == EAGAIN || errno == EINTR { return }
      throw Failed(reason: "the studio ended")
    }
    let now = Self.now
    if link.bytesPerSecond.isInfinite && link.delay == 0 {
      show(Array(chunk[..<count]), at: now)
    } else {
      lineIsBusyUntil = max(now, lineIsBusyUntil) + Double(count) / link.bytesPerSecond
      toTerminal.append((lineIsBusyUntil + link.delay, Array(chunk[..<count])))
    }
  }
}
