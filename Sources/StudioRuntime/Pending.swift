import Dispatch
import Synchronization

/// Work begun on another thread, whose result is waited for unless it is no longer wanted.
///
/// What a library does in one call, such as loading a model, cannot be interrupted; cancelled, it is left
/// to end unseen.
package final class Pending<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let work = DispatchGroup()

  /// Begins the work at once.
  package init(_ body: @escaping @Sendable () throws -> Value) {
    DispatchQueue.global(qos: .userInitiated).async(group: work) {
      let outcome = Result { try body() }
      self.result.withLock { $0 = outcome }
    }
  }

  /// What the work gives.
  ///
  /// - Parameter isCancelled: Asked every 20 milliseconds while the work lasts.
  /// - Returns: The same at every call.
  /// - Throws: The work's error, or `StudioRuntimeError.cancelled`.
  package func value(unless isCancelled: () -> Bool) throws -> Value {
    while true {
      if isCancelled() { throw StudioRuntimeError.cancelled }
      guard work.wait(timeout: .now() + .milliseconds(20)) == .success else { continue }
      guard let outcome = result.withLock({ $0 }) else {
        preconditionFailure("the work ended without an outcome")
      }
      return try outcome.get()
    }
  }
}
