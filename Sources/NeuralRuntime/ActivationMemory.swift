import Synchronization

/// Memory for the activations of networks that run one after the other.
///
/// Memory that a process has not touched yet is slow: its first use may take as long as the work done in it.
public final class ActivationMemory: Sendable {
  private let largest = Mutex<AlignedBuffer?>(nil)

  /// Nothing is reserved yet.
  public init() {}

  /// Has the system provide all that is reserved, so that no run waits for it.
  ///
  /// - Parameter threads: the threads to use.
  /// - Precondition: no plan with this memory is running.
  public func touch(threads: Threads) {
    let page = 4096 / MemoryLayout<Float>.stride
    largest.withLock { buffer in
      guard let buffer else { return }
      threads.forEachStrip(of: (buffer.count + page - 1) / page) { pages in
        for index in pages { buffer.samples[index * page] = 0 }
      }
    }
  }

  /// Memory for `count` floats, which others who asked may have got too; their values are undefined.
  func reserve(_ count: Int) throws(NeuralError) -> AlignedBuffer {
    try largest.withLock { buffer throws(NeuralError) in
      if let buffer, buffer.count >= count { return buffer }
      let wider = try AlignedBuffer(count: count)
      buffer = wider
      return wider
    }
  }
}
