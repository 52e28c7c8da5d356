import Dispatch
import Foundation
import Synchronization

/// Work begun on another thread, whose result is waited for unless it is no longer wanted.
///
/// What a library does in one call, such as loading a model, cannot be interrupted; cancelled, it is left
/// to end unseen.
package final class Pending<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let work = DispatchGroup()

  /// Begins the work at once.
  ///
  /// - Parameters:
  ///   - isBackground: Whether the work, and all threads it starts, leave the processor to everything else.
  ///   - body: The work.
  package init(isBackground: Bool = false, _ body: @escaping @Sendable () throws -> Value) {
    let perform = { @Sendable in
      let outcome = Result { try body() }
      self.result.withLock { $0 = outcome }
    }
    guard isBackground else {
      DispatchQueue.global(qos: .userInitiated).async(group: work, execute: perform)
      return
    }
    work.enter()
    // A thread of its own, because what has become nice cannot go back.
    Thread.detachNewThread {
      // On Linux this concerns the calling thread, and those it starts from now on.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
      perform()
      self.work.leave()
    }
  }

  /// A tenth of the weight that other threads have.
  private static var niceness: Int32 { 10 }

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
