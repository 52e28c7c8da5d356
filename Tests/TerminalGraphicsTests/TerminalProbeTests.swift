import Foundation
import TerminalGraphics
import TestSupport
import Testing

@Suite struct TerminalProbeTests {
  private let environment = TerminalEnvironment(variables: ["TERM": "xterm-256color"])

  @Test("queries are sent, answers are read, modes are put back")
  func asks() throws {
    let terminal = try PseudoTerminal()
    let before = terminal.modes
    let answering = Thread {
      terminal.waitForOutput(endingWith: "\u{1B}[c")
      terminal.type("\u{1B}_Gi=31;OK\u{1B}\\\u{1B}[6;20;10t\u{1B}[?62;c")
    }
    answering.start()
    let found = TerminalProbe.capabilities(
      environment: environment, terminal: (terminal.slave, terminal.slave),
      timeoutMilliseconds: 20_000)
    #expect(found.graphics == .kitty)
    #expect(found.reportedCell?.height == 20)
    #expect(terminal.modes == before)
  }

  /// Lets an emulated terminal answer until the program has its answers.
  private func capabilities(
    of traits: TerminalEmulator.Traits, variables: [String: String] = ["TERM": "xterm-256color"]
  ) throws -> TerminalCapabilities {
    let terminal = try PseudoTerminal()
    let answering = Thread {
      terminal.waitForOutput(endingWith: "\u{1B}[c")
      var emulator = TerminalEmulator(columns: 80, rows: 24, traits: traits)
      emulator.receive(terminal.output().utf8)
      terminal.type(String(decoding: emulator.replies, as: UTF8.self))
    }
    answering.start()
    return TerminalProbe.capabilities(
      environment: TerminalEnvironment(variables: variables),
      terminal: (terminal.slave, terminal.slave), timeoutMilliseconds: 20_000)
  }

  @Test("shared memory is used only where the terminal could read it", arguments: [false, true])
  func sharedMemory(isLocal: Bool) throws {
    var traits = TerminalEmulator.Traits()
    traits.showsKittyImages = true
    traits.readsSharedMemory = isLocal
    let found = try capabilities(of: traits)
    #expect(found.graphics == .kitty && found.sharesMemory == isLocal)
    #expect(found.roundTrip != nil)
  }

  @Test("iTerm2 is known by its name")
  func inlineImages() throws {
    var traits = TerminalEmulator.Traits()
    traits.name = "iTerm2 3.5.0"
    #expect(try capabilities(of: traits).graphics == .iterm2)
  }

  @Test("a multiplexer is asked what paces frames, and never for graphics")
  func multiplexer() throws {
    var traits = TerminalEmulator.Traits()
    traits.showsSixels = true
    traits.showsKittyImages = true
    let found = try capabilities(of: traits, variables: ["TERM": "tmux-256color", "TMUX": "x"])
    #expect(found.graphics == .cells && found.reason == .multiplexer(.tmux))
    #expect(found.answersQueries && found.name == nil)
    #expect(found.colorDepth == .indexed256)
  }

  @Test("a terminal that says nothing is given up after the time-out")
  func silence() throws {
    let terminal = try PseudoTerminal()
    let found = TerminalProbe.capabilities(
      environment: environment, terminal: (terminal.slave, terminal.slave),
      timeoutMilliseconds: 30)
    #expect(found.graphics == .cells && found.reason == .silent)
  }

  @Test("a file is not asked")
  func file() throws {
    let null = open("/dev/null", O_RDWR)
    defer { close(null) }
    let found = TerminalProbe.capabilities(environment: environment, terminal: (null, null))
    #expect(found.reason == .silent)
  }
}
