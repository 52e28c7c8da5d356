import Synchronization

/// Asks work on another thread to stop.
public final class CancellationFlag: Sendable {
  private let isSet = Atomic(false)

  /// A flag that is down.
  public init() {}

  /// Raises the flag; it cannot be lowered.
  public func cancel() { isSet.store(true, ordering: .relaxed) }

  /// Whether the work should stop.
  public var isCancelled: Bool { isSet.load(ordering: .relaxed) }
}
