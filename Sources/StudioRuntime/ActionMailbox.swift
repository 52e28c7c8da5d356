import Studio
import Synchronization

/// Carries actions from the threads that work to the loop that owns the state.
public final class ActionMailbox: Sendable {
  private let waiting = Mutex<[StudioAction]>([])
  private let wakeUp: @Sendable () -> Void

  /// - Parameter wakeUp: ends the loop's wait; called from any thread.
  public init(wakeUp: @escaping @Sendable () -> Void) {
    self.wakeUp = wakeUp
  }

  /// Hands an action over and wakes the loop.
  public func post(_ action: StudioAction) {
    waiting.withLock { $0.append(action) }
    wakeUp()
  }

  /// Everything posted since the last call, in order.
  public func drain() -> [StudioAction] {
    waiting.withLock { actions in
      defer { actions = [] }
      return actions
    }
  }
}
