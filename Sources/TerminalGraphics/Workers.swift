import Dispatch
import Synchronization

extension Array where Element: Sendable {
  /// Lets the elements, each on a core, work on as many pieces as there are; who is done takes the next.
  ///
  /// - Parameters:
  ///   - count: how many pieces there are.
  ///   - body: works on a piece, each of which is handed out once.
  mutating func forEachPiece(of count: Int, _ body: @Sendable (inout Element, Int) -> Void) {
    let next = Atomic(0)
    withUnsafeMutableBufferPointer { workers in
      // Each element belongs to one iteration.
      nonisolated(unsafe) let workers = workers
      DispatchQueue.concurrentPerform(iterations: workers.count) { worker in
        while true {
          let piece = next.add(1, ordering: .relaxed).oldValue
          guard piece < count else { return }
          body(&workers[worker], piece)
        }
      }
    }
  }
}
