import TerminalGraphics
import Testing

@Suite struct FramePacerTests {
  private func exchange(_ pacer: inout FramePacer, at time: inout Int, roundTrip: Int) {
    pacer.frameSent(at: time)
    time += roundTrip
    pacer.frameAnswered(at: time)
  }

  @Test("one frame is under way at a time")
  func oneFrame() {
    var pacer = FramePacer()
    #expect(pacer.maySend(at: 0))
    pacer.frameSent(at: 0)
    #expect(!pacer.maySend(at: 30))
    #expect(pacer.waitingTime(at: 30) == 970)
    pacer.frameAnswered(at: 40)
    #expect(pacer.maySend(at: 40))
    #expect(pacer.lastRoundTrip == 40)
  }

  @Test("long round trips make frames cheaper at once, short ones better with patience")
  func steps() {
    var pacer = FramePacer()
    var time = 0
    exchange(&pacer, at: &time, roundTrip: 80)
    #expect(pacer.step == .plain)
    exchange(&pacer, at: &time, roundTrip: 80)
    exchange(&pacer, at: &time, roundTrip: 80)
    #expect(pacer.step == .coarse)
    for _ in 0..<5 { exchange(&pacer, at: &time, roundTrip: 5) }
    #expect(pacer.step == .coarse)
    exchange(&pacer, at: &time, roundTrip: 5)
    #expect(pacer.step == .plain)
    for _ in 0..<6 { exchange(&pacer, at: &time, roundTrip: 5) }
    #expect(pacer.step == .fine)
  }

  @Test("round trips in between change nothing and break a row of short ones")
  func steady() {
    var pacer = FramePacer()
    var time = 0
    exchange(&pacer, at: &time, roundTrip: 80)
    for _ in 0..<5 { exchange(&pacer, at: &time, roundTrip: 5) }
    exchange(&pacer, at: &time, roundTrip: 35)
    for _ in 0..<5 { exchange(&pacer, at: &time, roundTrip: 5) }
    #expect(pacer.step == .plain)
  }

  @Test("a lost answer does not stop the picture")
  func lostAnswer() {
    var pacer = FramePacer()
    pacer.frameSent(at: 0)
    #expect(!pacer.maySend(at: 999))
    #expect(pacer.maySend(at: 1000))
    pacer.frameSent(at: 1000)
    #expect(pacer.step == .coarse)
    pacer.frameAnswered(at: 1010)
    #expect(pacer.maySend(at: 1010))
  }

  @Test("an answer that nobody waits for is ignored")
  func strayAnswer() {
    var pacer = FramePacer()
    let before = pacer
    pacer.frameAnswered(at: 10)
    #expect(pacer == before)
  }

  @Test("a silent terminal gets frames at a fixed rate")
  func silentTerminal() {
    var pacer = FramePacer(answersQueries: false)
    #expect(!pacer.wantsAnswers)
    pacer.frameSent(at: 0)
    #expect(!pacer.maySend(at: 99))
    #expect(pacer.maySend(at: 100))
  }

  @Test("after a stop nothing is under way")
  func reset() {
    var pacer = FramePacer()
    pacer.frameSent(at: 0)
    pacer.reset()
    #expect(pacer.maySend(at: 1))
  }
}
