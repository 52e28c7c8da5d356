import Dispatch

/// Work spread over the machine's cores.
package enum Parallel {
  /// Calls `body` for every index, several at a time.
  package static func forEach(count: Int, _ body: @Sendable (Int) -> Void) {
    DispatchQueue.concurrentPerform(iterations: count, execute: body)
  }

  /// Calls `body` for stretches of neighbours such as rows, several at a time.
  package static func forEachBatch(
    count: Int, of size: Int = 16, _ body: @Sendable (Range<Int>) -> Void
  ) {
    forEach(count: (count + size - 1) / size) { body($0 * size..<min(($0 + 1) * size, count)) }
  }

  /// Two values that do not need each other.
  package static func both<First: Sendable, Second: Sendable>(
    _ first: @Sendable () -> First, _ second: @Sendable () -> Second
  ) -> (First, Second) {
    withUnsafeTemporaryAllocation(of: First.self, capacity: 1) { firsts in
      withUnsafeTemporaryAllocation(of: Second.self, capacity: 1) { seconds in
        // Each place is written exactly once, by one thread.
        nonisolated(unsafe) let (firsts, seconds) = (firsts, seconds)
        forEach(count: 2) { index in
          if index == 0 {
            firsts.initializeElement(at: 0, to: first())
          } else {
            seconds.initializeElement(at: 0, to: second())
          }
        }
        return (firsts.moveElement(from: 0), seconds.moveElement(from: 0))
      }
    }
  }

  /// The values of `transform` for every index, in order; a core takes so many at a time.
  package static func map<Value: Sendable>(
    count: Int, of chunk: Int = 256, _ transform: @Sendable (Int) -> Value
  ) -> [Value] {
    [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      // Each index is written exactly once, by one thread.
      nonisolated(unsafe) let base = buffer.baseAddress
      forEachBatch(count: count, of: chunk) { part in
        for index in part { base.map { ($0 + index).initialize(to: transform(index)) } }
      }
      initialized = count
    }
  }
}
