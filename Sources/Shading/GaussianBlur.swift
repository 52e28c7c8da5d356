import Foundation
import Imaging

/// A separable Gaussian, cut off at three sigma; the border repeats.
struct GaussianBlur: Sendable {
  private let weights: [Float]
  private let kernels: Kernels

  /// Below this sigma, in pixels, the blur changes nothing that can be seen.
  static let leastSigma: Float = 0.3

  /// A blur of some width in pixels.
  init(sigma: Float, kernels: Kernels = .best) {
    let radius = max(Int((3 * sigma).rounded(.up)), 1)
    let raw = (-radius...radius).map { exp(-Float($0 * $0) / (2 * sigma * sigma)) }
    let total = raw.reduce(0, +)
    weights = raw.map { $0 / total }
    self.kernels = kernels
  }

  /// A plane of rows that lie `stride` values apart, for reading by several threads.
  struct Plane: @unchecked Sendable {
    let start: UnsafePointer<Float>
    let stride: Int
    let width: Int
    let height: Int
  }

  /// Blurs a plane of `width · height` samples.
  func apply(to plane: inout [Float], width: Int, height: Int) {
    guard width > 0, height > 0 else { return }
    let stride = PixelWindow.stride(of: width)
    plane = [Float](unsafeUninitializedCapacity: plane.count) { target, initialized in
      plane.withUnsafeBufferPointer { plane in
        guard let start = plane.baseAddress, let base = target.baseAddress else { return }
        // Each row is written by one thread alone.
        nonisolated(unsafe) let target = base
        let source = Plane(start: start, stride: width, width: width, height: height)
        Parallel.forEachBatch(count: height, of: 32) { rows in
          withBlurred(rows, of: source) { blurred in
            for y in rows {
              (target + y * width).initialize(
                from: blurred + (y - rows.lowerBound) * stride, count: width)
            }
          }
        }
      }
      initialized = plane.count
    }
  }

  /// Hands some rows of a blurred plane to `body`, `PixelWindow.stride(of: width)` values apart.
  ///
  /// What lies between the rows is undefined. All that is written stays in the cache for a few rows.
  func withBlurred(
    _ rows: Range<Int>, of plane: Plane, _ body: (UnsafePointer<Float>) -> Void
  ) {
    let (radius, stride) = (weights.count / 2, PixelWindow.stride(of: plane.width))
    // Rows a power of two apart would drive each other out of the cache.
    let step = stride + 16
    let sourceRows = rows.count + 2 * radius
    let padded = stride + 2 * radius
    let capacity = sourceRows * step + rows.count * stride + padded
    withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { scratch in
      guard let across = scratch.baseAddress else { return }
      let blurred = across + sourceRows * step
      let line = blurred + rows.count * stride
      var last = -1
      for index in 0..<sourceRows {
        let y = min(max(rows.lowerBound - radius + index, 0), plane.height - 1)
        let target = across + index * step
        if y == last {
          target.update(from: target - step, count: stride)
        } else {
          blurRow(plane.start + y * plane.stride, width: plane.width, padded: line, to: target)
        }
        last = y
      }
      for x in Swift.stride(from: 0, to: stride, by: PixelWindow.block) {
        kernels.loops.blur_columns(
          weights, weights.count, across + x, step, rows.count, blurred + x, stride)
      }
      body(blurred)
    }
  }

  private func blurRow(
    _ row: UnsafePointer<Float>, width: Int, padded: UnsafeMutablePointer<Float>,
    to target: UnsafeMutablePointer<Float>
  ) {
    let (radius, stride) = (weights.count / 2, PixelWindow.stride(of: width))
    padded.update(repeating: row[0], count: radius)
    (padded + radius).update(from: row, count: width)
    (padded + radius + width).update(
      repeating: row[width - 1], count: stride + radius - width)
    kernels.loops.blur_row(weights, weights.count, padded, stride, target)
  }
}
