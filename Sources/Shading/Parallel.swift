import Dispatch

/// Work spread over the machine's cores.
enum Parallel {
  /// Calls `body` for every index, several at a time.
  static func forEach(count: Int, _ body: @Sendable (Int) -> Void) {
    DispatchQueue.concurrentPerform(iterations: count, execute: body)
  }

  /// The values of `transform` for every index, in order.
  static func map<Value: Sendable>(
    count: Int, _ transform: @Sendable (Int) -> Value
  ) -> [Value] {
    let chunk = 256
    return [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      // Each index is written exactly once, by one thread.
      nonisolated(unsafe) let base = buffer.baseAddress
      forEach(count: (count + chunk - 1) / chunk) { part in
        for index in part * chunk..<min((part + 1) * chunk, count) {
          base.map { ($0 + index).initialize(to: transform(index)) }
        }
      }
      initialized = count
    }
  }
}
