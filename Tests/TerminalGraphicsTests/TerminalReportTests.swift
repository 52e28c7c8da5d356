import TerminalCells
import TerminalGraphics
import Testing

@Suite struct TerminalReportTests {
  private func report(
    _ answers: String, _ variables: [String: String] = ["TERM": "xterm-256color"],
    roundTrip: Int? = 3, screen: TerminalSize = TerminalSize(columns: 120, rows: 40)
  ) -> [String: TerminalReport.Finding] {
    let environment = TerminalEnvironment(variables: variables)
    let capabilities = TerminalCapabilities(
      environment: environment, replies: TerminalReplies(parsing: Array(answers.utf8)),
      roundTrip: roundTrip)
    let findings = TerminalReport(capabilities, environment: environment, screen: screen).findings
    return Dictionary(uniqueKeysWithValues: findings.map { ($0.subject, $0) })
  }

  @Test("an xterm without graphics is told how to have them")
  func xterm() throws {
    let found = report("\u{1B}P>|XTerm(379)\u{1B}\\\u{1B}[?64;1;2;6;9;15;22c")
    let pictures = try #require(found["pictures"])
    #expect(!pictures.isGood)
    #expect(pictures.text.contains("xterm -ti vt340") && pictures.text.contains("decTerminalID"))
    #expect(found["pixels"] == nil)
    #expect(found["colours"]?.text.contains("COLORTERM=truecolor") == true)
  }

  @Test("sixels with few registers or little room say what to set")
  func smallSixels() throws {
    let found = report(
      "\u{1B}P>|XTerm(379)\u{1B}\\\u{1B}[?1;0;16S\u{1B}[?2;0;300;200S\u{1B}[6;20;10t\u{1B}[?63;4c")
    let pixels = try #require(found["pixels"])
    #expect(!pixels.isGood)
    #expect(pixels.text.contains("numColorRegisters") && pixels.text.contains("maxGraphicSize"))
    #expect(found["pictures"]?.isGood == true)
    #expect(found["colours"]?.isGood == true)
  }

  @Test("a kitty on this machine needs nothing")
  func kitty() {
    let found = report(
      "\u{1B}_Gi=31;OK\u{1B}\\\u{1B}_Gi=32;OK\u{1B}\\\u{1B}P>|kitty(0.26.5)\u{1B}\\"
        + "\u{1B}[?2026;2$y\u{1B}[?62c")
    #expect(found.values.filter { !$0.isGood }.isEmpty)
    #expect(found["pictures"]?.text.contains("shared memory") == true)
    #expect(found["frames"]?.text.contains("appears at once") == true)
  }

  @Test("tmux, silence, distance and a small window are named")
  func others() {
    let tmux = report("", ["TERM": "tmux-256color", "TMUX": "/tmp/tmux"], roundTrip: nil)
    #expect(tmux["pictures"]?.text.contains("outside of tmux") == true)
    let silent = report("", roundTrip: nil)
    #expect(silent["pictures"]?.text.contains("did not answer") == true)
    #expect(silent["frames"]?.isGood == false)
    let far = report("\u{1B}[?62;4c", roundTrip: 90)
    #expect(far["frames"]?.text.contains("long way") == true)
    let small = report("\u{1B}[?62;4c", screen: TerminalSize(columns: 40, rows: 12))
    #expect(small["terminal"]?.isGood == false)
    let plain = report("", ["TERM": "xterm", "NO_COLOR": "1"], roundTrip: nil)
    #expect(plain["colours"]?.text.contains("NO_COLOR") == true)
  }
}
