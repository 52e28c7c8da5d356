import CursesDevice
import Foundation
import TerminalCells
import TestSupport
import Testing

/// Curses holds one terminal per process, so these run one after the other.
@Suite(.serialized) struct CursesDeviceTests {
  private func withDevice(
    _ options: CursesDevice.Options = .init(colorDepth: .trueColor),
    type: String = "xterm-256color",
    _ body: (PseudoTerminal, CursesDevice) throws -> Void
  ) throws {
    setenv("TERM", type, 1)
    let terminal = try PseudoTerminal()
    let device = try CursesDevice(
      options: options, input: terminal.slave, output: terminal.slave)
    try body(terminal, device)
    device.close()
  }

  @Test("the terminal is taken over and given back as it was")
  func openAndClose() throws {
    let farewell = "\u{1B}_Ga=d\u{1B}\\"
    try withDevice(.init(colorDepth: .trueColor, farewell: Array(farewell.utf8))) {
      terminal, device in
      let before = terminal.modes
      try device.open()
      #expect(terminal.modes != before)
      #expect(device.size == TerminalSize(columns: 80, rows: 24, pixelWidth: 800, pixelHeight: 480))
      let opening = terminal.output()
      #expect(opening.contains("\u{1B}[?1049h") && opening.contains("\u{1B}[?1006h"))
      device.close()
      #expect(terminal.modes == before)
      let closing = terminal.output().dropFirst(opening.count)
      #expect(closing.contains(farewell) && closing.contains("\u{1B}[?1006l"))
      #expect(closing.contains("\u{1B}[?1049l"))
      device.close()
    }
  }

  @Test("a device can be opened again")
  func reopen() throws {
    try withDevice { terminal, device in
      let before = terminal.modes
      for _ in 0..<2 {
        try device.open()
        terminal.type("a")
        #expect(device.nextEvent(timeoutMilliseconds: 5000) == .key(Key("a")))
        device.close()
      }
      #expect(terminal.modes == before)
    }
  }

  @Test("keys, answers and the end of patience are told apart")
  func input() throws {
    try withDevice { terminal, device in
      try device.open()
      terminal.type("\u{1B}[1;5D\u{1B}[?62;4cé")
      #expect(device.nextEvent(timeoutMilliseconds: 5000)?.description == "<C-Left>")
      #expect(
        device.nextEvent(timeoutMilliseconds: 5000) == .reply(Array("\u{1B}[?62;4c".utf8)))
      #expect(device.nextEvent(timeoutMilliseconds: 5000) == .key(Key("é")))
      terminal.type("\u{1B}")
      #expect(device.nextEvent(timeoutMilliseconds: 5000) == .key(Key(.escape)))
      #expect(device.nextEvent(timeoutMilliseconds: 10) == nil)
    }
  }

  @Test("another thread can wake the device")
  func wakeUp() throws {
    try withDevice { _, device in
      try device.open()
      let wakeUp = device.wakeUp
      Thread.detachNewThread { wakeUp() }
      #expect(device.nextEvent(timeoutMilliseconds: 5000) == .wakeUp)
    }
  }

  /// Signals go to the process: the threads of a test runner block their own.
  @Test("signals become events, and a new size is measured")
  func signals() throws {
    try withDevice { terminal, device in
      try device.open()
      terminal.resize(columns: 100, rows: 30)
      kill(getpid(), SIGWINCH)
      let size = TerminalSize(columns: 100, rows: 30, pixelWidth: 1000, pixelHeight: 600)
      #expect(device.nextEvent(timeoutMilliseconds: 5000) == .resize(size))
      #expect(device.size == size)
      kill(getpid(), SIGTERM)
      #expect(device.nextEvent(timeoutMilliseconds: 5000) == .terminate(signal: SIGTERM))
      kill(getpid(), SIGCONT)
      #expect(device.nextEvent(timeoutMilliseconds: 5000) == .resumed)
    }
  }

  @Test("24-bit cells are written as they are")
  func trueColor() throws {
    try withDevice(.init(colorDepth: .trueColor, synchronizesOutput: true)) { terminal, device in
      try device.open()
      let cell = Cell("x", style: CellStyle(foreground: .rgb(1, 2, 3)))
      let start = terminal.output().count
      device.present([CellRun(column: 3, row: 2, cells: [cell])], cursor: nil)
      #expect(
        terminal.output().dropFirst(start)
          == "\u{1B}[?2026h\u{1B}[3;4H\u{1B}[0m\u{1B}[38;2;1;2;3mx\u{1B}[?2026l")
    }
  }

  @Test("fewer colours go through curses")
  func indexedColors() throws {
    try withDevice(.init(colorDepth: .indexed256)) { terminal, device in
      try device.open()
      let style = CellStyle(foreground: .rgb(255, 0, 0), attributes: .bold)
      let start = terminal.output().count
      device.present(
        [CellRun(column: 3, row: 2, cells: [Cell("漢", style: style), Cell("x")])],
        cursor: CellPosition(column: 0, row: 5))
      let drawn = terminal.output().dropFirst(start)
      #expect(drawn.contains("38;5;196m") && drawn.contains("漢") && drawn.contains("x"))
    }
  }

  @Test("terminals without a description or without a cursor are refused")
  func unknownTypes() throws {
    try withDevice(type: "no-such-terminal") { terminal, device in
      let before = terminal.modes
      #expect(throws: TerminalDeviceError.unknownTerminalType("no-such-terminal")) {
        try device.open()
      }
      #expect(terminal.modes == before && terminal.output().isEmpty)
    }
    try withDevice(type: "dumb") { _, device in
      #expect(throws: TerminalDeviceError.insufficientTerminalType("dumb")) { try device.open() }
    }
  }

  @Test("a file is refused")
  func file() throws {
    let null = Glibc.open("/dev/null", O_RDWR)
    defer { close(null) }
    let device = try CursesDevice(options: .init(), input: null, output: null)
    #expect(throws: TerminalDeviceError.notATerminal(stream: "standard input")) {
      try device.open()
    }
  }
}

extension InputEvent {
  fileprivate var description: String {
    if case .key(let key) = self { return key.description }
    return "no key"
  }
}
