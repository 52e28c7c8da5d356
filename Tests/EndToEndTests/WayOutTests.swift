import Foundation
import Imaging
import TestSupport
import Testing

/// Whatever ends the studio, the terminal is as it was.
@Suite(.serialized) struct WayOutTests {
  enum Way: CaseIterable {
    case quit, terminate, hangUp, interrupt, crash, abort

    /// The signal, nil for the key, and the status that the shell sees.
    var signal: Int32? {
      switch self {
      case .quit: nil
      case .terminate: SIGTERM
      case .hangUp: SIGHUP
      case .interrupt: SIGINT
      case .crash: SIGSEGV
      case .abort: SIGABRT
      }
    }

    var status: Int32 {
      switch self {
      case .quit: 0
      case .terminate, .hangUp, .interrupt: 128 + (signal ?? 0)
      // The process dies of these, once the terminal is restored.
      case .crash, .abort: signal ?? 0
      }
    }
  }

  @Test("modes, screen, cursor and pictures", arguments: TerminalKind.allCases, Way.allCases)
  func everyWay(screen: TerminalKind, way: Way) throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("ball"))
    let terminal = try ProgramTerminal(
      program: try Program.path, arguments: [scratch.file("ball")], folder: scratch.path,
      emulator: screen.emulator(pictureColumns: 48, pictureRows: 24))
    let (modes, condition) = (terminal.modes, terminal.emulator.condition)
    _ = try terminal.nextPicture(within: 60)
    #expect(terminal.modes != modes)
    #expect(terminal.emulator.condition.modes.isSuperset(of: [1049, 1002, 1006, 2004]))
    #expect(!terminal.emulator.condition.modes.contains(25))
    #expect(terminal.emulator.condition.images.isEmpty != screen.holdsImages)
    // In the middle of the work that a key makes.
    terminal.press("\u{1B}[C")
    if let signal = way.signal {
      terminal.signal(signal)
    } else {
      terminal.press("qq")
    }
    #expect(try terminal.end() == way.status)
    #expect(terminal.modes == modes)
    #expect(terminal.emulator.condition == condition)
    let leftovers = try FileManager.default.contentsOfDirectory(atPath: "/dev/shm")
      .filter { $0.hasPrefix("chiaro-\(terminal.processIdentifier)-") }
    #expect(leftovers.isEmpty || way == .crash || way == .abort)
  }
}
