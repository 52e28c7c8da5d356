import Foundation

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

  /// Blurs a plane of `width · height` samples.
  func apply(to plane: inout [Float], width: Int, height: Int) {
    guard width > 0, height > 0 else { return }
    let stride = PixelWindow.stride(of: width)
    var blurred = [Float](repeating: 0, count: stride * height)
    plane.withUnsafeMutableBufferPointer { plane in
      blurred.withUnsafeMutableBufferPointer { blurred in
        guard let plane = plane.baseAddress, let blurred = blurred.baseAddress else { return }
        apply(from: plane, stride: width, to: blurred, width: width, height: height)
        for y in 0..<height { (plane + y * width).update(from: blurred + y * stride, count: width) }
      }
    }
  }

  /// Blurs a plane into another, whose rows are `PixelWindow.stride(of: width)` values apart.
  ///
  /// What the target holds between its rows is undefined afterwards.
  func apply(
    from source: UnsafePointer<Float>, stride: Int, to target: UnsafeMutablePointer<Float>,
    width: Int, height: Int
  ) {
    let (block, targetStride) = (PixelWindow.block, PixelWindow.stride(of: width))
    // Each row, then each block of columns, is written by one thread alone.
    nonisolated(unsafe) let (source, target) = (source, target)
    let batch = 16
    Parallel.forEach(count: (height + batch - 1) / batch) { part in
      for y in part * batch..<min((part + 1) * batch, height) {
        blurRow(
          source + y * stride, to: target + y * targetStride, width: width, stride: targetStride)
      }
    }
    // Columns in blocks, so that the rows of a block are read and written while they are cached.
    Parallel.forEach(count: targetStride / block) { part in
      blurBlock(target + part * block, stride: targetStride, height: height)
    }
  }

  private func blurRow(
    _ row: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, width: Int, stride: Int
  ) {
    let radius = weights.count / 2
    let capacity = stride + 2 * radius
    withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { source in
      guard let source = source.baseAddress else { return }
      source.update(repeating: row[0], count: radius)
      (source + radius).update(from: row, count: width)
      (source + radius + width).update(
        repeating: row[width - 1], count: capacity - radius - width)
      kernels.loops.blur_row(weights, weights.count, source, stride, target)
    }
  }

  private func blurBlock(_ origin: UnsafeMutablePointer<Float>, stride: Int, height: Int) {
    let (block, radius) = (PixelWindow.block, weights.count / 2)
    let rows = height + 2 * radius
    withUnsafeTemporaryAllocation(of: Float.self, capacity: rows * block) { source in
      guard let source = source.baseAddress else { return }
      for y in 0..<rows {
        let row = min(max(y - radius, 0), height - 1)
        (source + y * block).update(from: origin + row * stride, count: block)
      }
      kernels.loops.blur_columns(weights, weights.count, source, height, origin, stride)
    }
  }
}
