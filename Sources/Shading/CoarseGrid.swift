/// Where the pixels of a picture lie on a coarser grid that spans the same square.
struct CoarseGrid: Sendable {
  /// Points of the grid, at least 2 each way.
  let width: Int
  let height: Int
  private let scale: SIMD2<Float>
  private let limit: SIMD2<Float>
  private let kernels: Kernels

  /// Points of the grid.
  var count: Int { width * height }

  init(width: Int, height: Int, picture: (width: Int, height: Int), kernels: Kernels = .best) {
    precondition(width > 1 && height > 1, "two points are the least to read between")
    self.width = width
    self.height = height
    let extent = SIMD2(Float(width), Float(height))
    scale = extent / SIMD2(Float(picture.width), Float(picture.height))
    // The last point is only ever read as the second of two.
    limit = extent - 1.001
    self.kernels = kernels
  }

  /// The place of a pixel's middle among the points of the grid.
  func place(x: Int, y: Int) -> SIMD2<Float> { (SIMD2(Float(x), Float(y)) + 0.5) * scale }

  /// Values between the points at `count` pixels of a row, from a pixel on; the border repeats.
  func read(
    _ plane: UnsafePointer<Float>, x: Int, y: Int, count: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    let corner = place(x: x, y: y) - 0.5
    let v = min(max(corner.y, 0), limit.y)
    let row = Int(v)
    kernels.loops.sample_row(
      plane + row * width, plane + (row + 1) * width, v - Float(row), corner.x, scale.x, limit.x,
      count, target)
  }
}
