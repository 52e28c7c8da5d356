import Imaging

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
  private var memory: PagedFloats

  /// Room for some pixels, all zero.
  init(lanes: Int, pixels: Int) {
    self.lanes = lanes
    count = (pixels + Self.width - 1) / Self.width
    memory = PagedFloats(count: count * lanes * Self.width)
  }

  /// One value; for tests and small work.
  package subscript(lane: Int, pixel: Int) -> Float {
    precondition(lane < lanes && pixel < count * Self.width)
    return memory.base[(pixel / Self.width * lanes + lane) * Self.width + pixel % Self.width]
  }

  /// The start of the first strip, for reading.
  func withPointer<Result>(_ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(memory) { try body(memory.base) }
  }

  /// The start of the first strip, for writing: of memory that nobody else holds.
  private mutating func start() -> UnsafeMutablePointer<Float> {
    if !isKnownUniquelyReferenced(&memory) { memory = PagedFloats(copying: memory) }
    return memory.base
  }

  /// Opens the first strip for writing by several threads.
  mutating func withStart(_ body: (UnsafeMutablePointer<Float>) -> Void) {
    body(start())
    withExtendedLifetime(memory) {}
  }

  /// Hands every strip to `body`, several at a time; each strip is handed out once.
  mutating func forEachStrip(
    scratchLanes: Int = 1,
    _ body:
      @Sendable (
        _ strip: Int, _ scratch: UnsafeMutablePointer<Float>, _ values: UnsafeMutablePointer<Float>
      ) -> Void
  ) {
    let step = lanes * Self.width
    // Each strip is written by one thread alone.
    nonisolated(unsafe) let base = start()
    Self.forEach(count: count, scratchLanes: scratchLanes) { strip, scratch in
      body(strip, scratch, base + strip * step)
    }
  }

  /// Hands every strip to `body`, several at a time; each strip is handed out once.
  mutating func forEachStrip(
    _ body: @Sendable (_ strip: Int, _ values: UnsafeMutablePointer<Float>) -> Void
  ) {
    forEachStrip { strip, _, values in body(strip, values) }
  }

  /// Opens several stores for writing by several threads.
  ///
  /// - Parameters:
  ///   - stores: Stores of the same lanes and strips.
  ///   - body: Gets the start of every store, in their order.
  static func withStarts(
    of stores: inout [Strips], _ body: (UnsafeBufferPointer<UnsafeMutablePointer<Float>>) -> Void
  ) {
    let starts = stores.indices.map { stores[$0].start() }
    starts.withUnsafeBufferPointer(body)
    withExtendedLifetime(stores) {}
  }

  /// Calls `body` for every strip, several at a time, with some lanes to work in.
  static func forEach(
    count: Int, scratchLanes: Int = 1,
    _ body: @Sendable (_ strip: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void
  ) {
    // Enough strips per call that handing them out costs nothing beside the work.
    Parallel.forEachBatch(count: count) { strips in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: scratchLanes * width) { scratch in
        guard let scratch = scratch.baseAddress else { return }
        for strip in strips { body(strip, scratch) }
      }
    }
  }
}
