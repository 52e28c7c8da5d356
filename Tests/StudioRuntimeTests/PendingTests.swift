import Dispatch
import Glibc
import StudioRuntime
import Testing

@Suite struct PendingTests {
  private struct Failure: Error, Equatable {}

  @Test("the result is the work's, however often it is asked for")
  func result() throws {
    let pending = Pending { 7 }
    #expect(try pending.value { false } == 7)
    #expect(try pending.value { false } == 7)
    #expect(throws: Failure()) { try Pending<Int> { throw Failure() }.value { false } }
  }

  @Test("work in the background is nice, who waits for it is not")
  func niceness() throws {
    @Sendable func niceness() -> Int32 { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }
    let own = niceness()
    #expect(try Pending(isBackground: true) { niceness() }.value { false } >= own + 10)
    #expect(niceness() == own)
    #expect(throws: Failure()) {
      try Pending<Int>(isBackground: true) { throw Failure() }.value { false }
    }
  }

  @Test("cancelled work is not waited for")
  func cancellation() throws {
    let hold = DispatchSemaphore(value: 0)
    let pending = Pending { hold.wait() }
    var asked = 0
    #expect(throws: StudioRuntimeError.cancelled) {
      try pending.value {
        asked += 1
        return asked == 3
      }
    }
    hold.signal()
    try pending.value { false }
  }
}
