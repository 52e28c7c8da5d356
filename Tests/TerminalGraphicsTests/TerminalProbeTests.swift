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
