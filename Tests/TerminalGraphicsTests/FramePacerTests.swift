import TerminalGraphics
import Testing

@Suite struct FramePacerTests {
  /// A line that delays and takes its time for bytes.
  private struct Line {
    var delay = 0
    var bytesPerMillisecond = 1_000_000

    func roundTrip(_ bytes: Int) -> Int { delay + bytes / bytesPerMillisecond }
  }

  /// Sends a frame of some bytes and waits for its answer.
  private func exchange(
    _ pacer: inout FramePacer, at time: inout Int, bytes: Int, over line: Line
  ) {
    pacer.frameSent(at: time, bytes: bytes, isMoving: true)
    time += line.roundTrip(bytes)
    pacer.frameAnswered(at: time)
  }

  @Test("one frame is under way at a time")
  func oneFrame() {
    var pacer = FramePacer()
    #expect(pacer.maySend(at: 0))
    pacer.frameSent(at: 0, bytes: 50_000, isMoving: true)
    #expect(!pacer.maySend(at: 30))
    #expect(pacer.waitingTime(at: 30) == 1470)
    pacer.frameAnswered(at: 40)
    #expect(pacer.maySend(at: 40))
    #expect(pacer.lastRoundTrip == 40)
  }

  @Test("a fast line has no budget and the best detail")
  func fastLine() {
    var pacer = FramePacer(roundTrip: 0)
    var time = 0
    for _ in 0..<20 { exchange(&pacer, at: &time, bytes: 900_000, over: Line()) }
    #expect(pacer.budget(isMoving: true) > 10_000_000)
    #expect(pacer.detail(isMoving: true) == FrameDetail.moving[0])
    #expect(pacer.detail(isMoving: false) == FrameDetail.settled[0])
  }

  @Test("the line's delay is no work: only what bytes add to it counts", arguments: [0, 80, 300])
  func rate(delay: Int) throws {
    let line = Line(delay: delay, bytesPerMillisecond: 250)
    var pacer = FramePacer(roundTrip: delay)
    var time = 0
    for bytes in [200_000, 20_000, 30_000, 15_000] {
      exchange(&pacer, at: &time, bytes: bytes, over: line)
    }
    let rate = try #require(pacer.rate)
    #expect(abs(rate - 250) < 10)
    // A moving frame keeps the line busy for 70 ms, a settled one for half a second.
    #expect(abs(pacer.budget(isMoving: true) - 17_500) < 700)
    #expect(abs(pacer.budget(isMoving: false) - 140_000) < 5600)
  }

  @Test("a frame beyond the budget goes down one step at a time, to the last")
  func cheaper() {
    var pacer = FramePacer()
    for detail in FrameDetail.moving.dropFirst() {
      let isCheaper = pacer.makeCheaper(isMoving: true)
      #expect(isCheaper)
      #expect(pacer.detail(isMoving: true) == detail)
    }
    let isCheaper = pacer.makeCheaper(isMoving: true)
    #expect(!isCheaper)
    #expect(pacer.detail(isMoving: false) == FrameDetail.settled[0])
  }

  @Test("detail comes back with patience when there is room")
  func better() {
    let slow = Line(delay: 10, bytesPerMillisecond: 250)
    var pacer = FramePacer(roundTrip: 10)
    var time = 0
    exchange(&pacer, at: &time, bytes: 100_000, over: slow)
    for _ in 0..<2 { _ = pacer.makeCheaper(isMoving: true) }
    for _ in 0..<20 { exchange(&pacer, at: &time, bytes: 14_000, over: slow) }
    #expect(pacer.detail(isMoving: true) == FrameDetail.moving[2])
    var frames = 0
    while pacer.detail(isMoving: true) != FrameDetail.moving[0] && frames < 40 {
      exchange(&pacer, at: &time, bytes: 14_000, over: Line(delay: 10))
      frames += 1
    }
    #expect((8...20).contains(frames))
  }

  @Test("a machine with other work to do is not a slow line")
  func load() {
    var pacer = FramePacer(roundTrip: 0)
    var time = 0
    for delay in [5, 120, 90, 6, 150, 130, 80, 7] {
      exchange(&pacer, at: &time, bytes: 130_000, over: Line(delay: delay))
      #expect(pacer.budget(isMoving: true) > 130_000)
    }
    // A line that has become slow is one after a few frames.
    for _ in 0..<4 {
      exchange(&pacer, at: &time, bytes: 50_000, over: Line(bytesPerMillisecond: 250))
    }
    #expect(pacer.budget(isMoving: true) < 20_000)
  }

  @Test("a slow start is assumed of a remote terminal, until a frame tells better")
  func remote() {
    var pacer = FramePacer(roundTrip: 50)
    #expect(pacer.rate == 1000)
    var time = 0
    exchange(&pacer, at: &time, bytes: 60_000, over: Line(delay: 50))
    #expect((pacer.rate ?? 0) > 10_000)
  }

  @Test("a lost answer does not stop the picture")
  func lostAnswer() {
    var pacer = FramePacer()
    pacer.frameSent(at: 0, bytes: 10_000, isMoving: true)
    #expect(!pacer.maySend(at: 1099))
    #expect(pacer.maySend(at: 1100))
    pacer.frameSent(at: 1100, bytes: 10_000, isMoving: true)
    #expect(pacer.budget(isMoving: true) < 20_000)
    pacer.frameAnswered(at: 1110)
    #expect(pacer.maySend(at: 1110))
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
    pacer.frameSent(at: 0, bytes: 1, isMoving: true)
    #expect(!pacer.maySend(at: 49))
    #expect(pacer.maySend(at: 50))
  }

  @Test("after a stop nothing is under way")
  func reset() {
    var pacer = FramePacer()
    pacer.frameSent(at: 0, bytes: 1, isMoving: true)
    pacer.reset()
    #expect(pacer.maySend(at: 1))
  }
}
