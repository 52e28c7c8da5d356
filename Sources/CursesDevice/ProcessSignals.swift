import Glibc
import Synchronization

/// What the process does about signals while it holds a terminal.
///
/// Signal handlers get no context, so what they need is reachable from one constant; everything
/// in it is lock-free, and handlers call only functions that POSIX lists as async-signal-safe.
final class ProcessSignals: Sendable {
  static let shared = ProcessSignals()

  /// Signals that become events.
  static let delivered = [SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT]
  /// Signals of a crash: the terminal is given back before the process dies of them.
  private static let fatal = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS]

  private let pipeWriter = Atomic<Int32>(-1)
  /// The address of a `TerminalRestoration`, 0 without one.
  private let restoration = Atomic<UInt>(0)
  private let hasExitHook = Atomic<Bool>(false)

  /// Starts to deliver signals to a pipe and to restore the terminal on every way out.
  ///
  /// - Returns: the handlers that were installed before, for `release`.
  func take(pipe: SelfPipe, restoration: TerminalRestoration) -> [Int32: sigaction] {
    let pointer = UnsafeMutablePointer<TerminalRestoration>.allocate(capacity: 1)
    pointer.initialize(to: restoration)
    pipeWriter.store(pipe.writer, ordering: .sequentiallyConsistent)
    self.restoration.store(UInt(bitPattern: pointer), ordering: .sequentiallyConsistent)
    if !hasExitHook.exchange(true, ordering: .sequentiallyConsistent) {
      atexit { ProcessSignals.shared.restoreTerminal() }
    }
    var previous: [Int32: sigaction] = [:]
    for signal in Self.delivered {
      previous[signal] = Self.install(signal, flags: SA_RESTART) { ProcessSignals.shared.post($0) }
    }
    for signal in Self.fatal {
      // The second time the default action ends the process, with a core where that is wanted.
      previous[signal] = Self.install(signal, flags: Int32(bitPattern: UInt32(SA_RESETHAND))) {
        ProcessSignals.shared.restoreTerminal()
        raise($0)
      }
    }
    return previous
  }

  /// Gives the signals back; the terminal is restored already.
  func release(_ previous: [Int32: sigaction]) {
    for (signal, action) in previous {
      var action = action
      sigaction(signal, &action, nil)
    }
    pipeWriter.store(-1, ordering: .sequentiallyConsistent)
    takeRestoration()?.deallocate()
  }

  /// Sets how one delivered signal is handled: by default while the process stops itself.
  static func install(
    _ signal: Int32, flags: Int32, handler: sighandler_t?
  ) -> sigaction {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = handler
    action.sa_flags = flags
    var previous = sigaction()
    sigaction(signal, &action, &previous)
    return previous
  }

  private func post(_ signal: Int32) {
    let savedErrno = errno
    let writer = pipeWriter.load(ordering: .sequentiallyConsistent)
    var byte = UInt8(truncatingIfNeeded: signal)
    if writer >= 0 { _ = write(writer, &byte, 1) }
    errno = savedErrno
  }

  private func restoreTerminal() { takeRestoration()?.pointee.perform() }

  /// Whoever comes first gets it, so the terminal is restored once.
  private func takeRestoration() -> UnsafeMutablePointer<TerminalRestoration>? {
    let address = restoration.exchange(0, ordering: .sequentiallyConsistent)
    return UnsafeMutablePointer(bitPattern: address)
  }
}

/// What puts a terminal back, prepared so that a signal handler can do it.
///
/// The bytes lie in plain memory that is never freed: a handler may be reading it.
struct TerminalRestoration {
  private let output: Int32
  private let modes: termios
  private let bytes: UnsafeMutablePointer<UInt8>
  private let count: Int

  init(output: Int32, modes: termios, bytes: [UInt8]) {
    self.output = output
    self.modes = modes
    count = bytes.count
    self.bytes = .allocate(capacity: max(1, bytes.count))
    self.bytes.initialize(from: bytes, count: bytes.count)
  }

  /// Async-signal-safe: `write` and `tcsetattr` only.
  func perform() {
    _ = write(output, bytes, count)
    var modes = modes
    tcsetattr(output, TCSANOW, &modes)
  }
}
