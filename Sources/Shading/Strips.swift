/// Pixels in strips of 256, each property of a strip contiguous: what the fast kernels loop over.
///
/// Lane `l` of strip `s` starts at `(s · lanes + l) · 256`.
package struct Strips: Sendable {
  /// Pixels of one strip.
  package static let width = 256

  /// Properties per pixel.
  let lanes: Int
  /// Strips; the last is padded.
  let count: Int
  private var storage: [Float]

  /// Room for some pixels, all zero.
  init(lanes: Int, pixels: Int) {
    self.lanes = lanes
    count = (pixels + Self.width - 1) / Self.width
    storage = [Float](repeating: 0, count: count * lanes * Self.width)
  }

  /// One value; for tests and small work.
  package subscript(lane: Int, pixel: Int) -> Float {
    storage[(pixel / Self.width * lanes + lane) * Self.width + pixel % Self.width]
  }

  /// The start of every strip, for reading.
  func withPointer<Result>(
    _ body: (UnsafePointer<Float>) throws -> Result
  ) rethrows -> Result? {
    try storage.withUnsafeBufferPointer { try $0.baseAddress.map(body) }
  }

  /// Hands every strip to `body`, several at a time; each strip is handed out once.
  mutating func forEachStrip(
    _ body: @Sendable (_ strip: Int, _ values: UnsafeMutablePointer<Float>) -> Void
  ) {
    let (count, step) = (count, lanes * Self.width)
    storage.withUnsafeMutableBufferPointer { storage in
      guard let first = storage.baseAddress else { return }
      // Each strip is written by one thread alone.
      nonisolated(unsafe) let base = first
      Self.forEach(count: count) { strip, _ in body(strip, base + strip * step) }
    }
  }

  /// Hands every strip of several stores at once to `body`, several at a time.
  ///
  /// - Parameters:
  ///   - stores: Stores of the same lanes and strips.
  ///   - scratchLanes: Lanes to work in that each call gets.
  ///   - body: Gets the strip's start in every store, in their order.
  static func forEachStrip(
    of stores: inout [Strips], scratchLanes: Int,
    _ body:
      @Sendable (
        _ strip: Int, _ scratch: UnsafeMutablePointer<Float>, _ values: StripStarts
      ) -> Void
  ) {
    guard let (count, lanes) = stores.first.map({ ($0.count, $0.lanes) }) else { return }
    withPointers(&stores) { starts in
      starts.withUnsafeBufferPointer { starts in
        // Each strip is written by one thread alone.
        nonisolated(unsafe) let starts = starts
        forEach(count: count, scratchLanes: scratchLanes) { strip, scratch in
          body(strip, scratch, StripStarts(starts: starts, offset: strip * lanes * width))
        }
      }
    }
  }

  private static func withPointers(
    _ stores: inout [Strips], _ body: ([UnsafeMutablePointer<Float>]) -> Void
  ) {
    // Taken out while it is open, so that the rest can be opened as well.
    guard var last = stores.popLast() else { return body([]) }
    last.storage.withUnsafeMutableBufferPointer { storage in
      guard let base = storage.baseAddress else { return }
      withPointers(&stores) { body($0 + [base]) }
    }
    stores.append(last)
  }

  /// Calls `body` for every strip, several at a time, with some lanes to work in.
  static func forEach(
    count: Int, scratchLanes: Int = 1,
    _ body: @Sendable (_ strip: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void
  ) {
    // Enough strips per call that handing them out costs nothing beside the work.
    let batch = 16
    Parallel.forEach(count: (count + batch - 1) / batch) { part in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: scratchLanes * width) { scratch in
        guard let scratch = scratch.baseAddress else { return }
        for strip in part * batch..<min((part + 1) * batch, count) { body(strip, scratch) }
      }
    }
  }
}

/// Where one strip begins in each of several stores.
struct StripStarts {
  fileprivate let starts: UnsafeBufferPointer<UnsafeMutablePointer<Float>>
  fileprivate let offset: Int

  /// The strip's start in one of the stores.
  subscript(store: Int) -> UnsafeMutablePointer<Float> { starts[store] + offset }
}
