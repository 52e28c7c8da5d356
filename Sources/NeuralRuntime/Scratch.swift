/// Memory that one step after another may use while it runs.
final class Scratch {
  private var needed = 0
  private var buffer: AlignedBuffer?

  /// Announces the need of a step that is being prepared.
  func reserve(bytes: Int) { needed = max(needed, bytes) }

  /// Allocates what has been announced, before anything runs.
  func allocate() throws(NeuralError) {
    let floats = (needed + MemoryLayout<Float>.stride - 1) / MemoryLayout<Float>.stride
    guard floats > buffer?.count ?? 0 else { return }
    buffer = try AlignedBuffer(count: floats)
  }

  /// The first byte.
  ///
  /// - Precondition: `allocate` has been called since the last `reserve`.
  var start: UnsafeMutableRawPointer {
    guard let buffer else { preconditionFailure("the scratch memory is not allocated") }
    return UnsafeMutableRawPointer(buffer.samples)
  }
}
