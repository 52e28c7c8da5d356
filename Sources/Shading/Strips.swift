/// Pixels in strips of 256, each property of a strip contiguous: what the fast kernels loop over.
///
/// Lane `l` of strip `s` starts at `(s · lanes + l) · 256`. Constant distances between the lanes let
/// the compiler prove that they do not overlap, which is what makes its loops vectorise; separate
/// arrays would need more run-time checks than it is willing to make.
package struct Strips: Sendable {
  /// Pixels of one strip.
  package static let width = 256

  /// Properties per pixel.
  let lanes: Int
  /// Strips; the last is padded.
  let count: Int
  fileprivate(set) var storage: [Float]

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

  /// The start of every strip, for writing.
  mutating func withMutablePointer<Result>(
    _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) rethrows -> Result? {
    try storage.withUnsafeMutableBufferPointer { try $0.baseAddress.map(body) }
  }
}
