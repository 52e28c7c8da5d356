import Imaging

/// Edge-aware smoothing along a guide picture: the guided filter of He, Sun & Tang 2010.
///
/// Around each pixel the wanted picture is taken for a line in the guide's values. Where the guide varies
/// little the line is flat, where it has an edge the result has it as well.
struct GuidedFilter: Sendable {
  private let width: Int
  private let height: Int
  /// Slope, then offset of the lines.
  ///
  /// They are smooth: a coarser grid holds them (He & Sun 2015).
  private let lines: [Float]
  private let grid: CoarseGrid

  /// Fits the lines.
  ///
  /// - Parameters:
  ///   - plane: What is smoothed, 1 channel.
  ///   - guide: Whose edges are kept, 1 channel of the same extent.
  ///   - radius: Pixels that a window reaches from its centre, at least 1.
  ///   - epsilon: Variance of the guide from which on an edge is kept.
  init(_ plane: Image, along guide: Image, radius: Int, epsilon: Float) {
    (width, height) = (plane.width, plane.height)
    let step = max(radius / 3, 1)
    let (across, down) = (max(width / step, 2), max(height / step, 2))
    lines = Self.coefficients(
      plane: plane.resized(width: across, height: down).samples,
      guide: guide.resized(width: across, height: down).samples, width: across, height: down,
      radius: max(radius / step, 1), epsilon: epsilon)
    grid = CoarseGrid(width: across, height: down, picture: (width, height))
  }

  /// The smoothed plane, each value handed through `transform`.
  ///
  /// - Parameters:
  ///   - guide: Whose edges are kept.
  ///   - transform: Gets the index and the smoothed value of a pixel.
  /// - Returns: One channel.
  func map(
    along guide: Image, _ transform: @Sendable (_ index: Int, _ smoothed: Float) -> Float
  ) -> Image {
    let (width, height, grid) = (width, height, grid)
    let samples = [Float](unsafeUninitializedCapacity: width * height) { target, initialized in
      lines.withUnsafeBufferPointer { opened in
        guide.samples.withUnsafeBufferPointer { guide in
          guard let first = opened.baseAddress, let base = target.baseAddress else { return }
          // Each row is written by one thread alone.
          nonisolated(unsafe) let (lines, guide, target) = (first, guide, base)
          Parallel.forEachBatch(count: height) { rows in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * width) { buffer in
              guard let slopes = buffer.baseAddress else { return }
              let offsets = slopes + width
              for y in rows {
                grid.read(lines, x: 0, y: y, count: width, into: slopes)
                grid.read(lines + grid.count, x: 0, y: y, count: width, into: offsets)
                for x in 0..<width {
                  let index = y * width + x
                  let smoothed = slopes[x] * guide[index] + offsets[x]
                  (target + index).initialize(to: transform(index, smoothed))
                }
              }
            }
          }
        }
      }
      initialized = width * height
    }
    return Image(width: width, height: height, channels: 1, encoding: .data, samples: samples)
  }

  /// Slopes, then offsets of the line that takes the guide to the plane around each pixel, averaged over
  /// its neighbours.
  private static func coefficients(
    plane: [Float], guide: [Float], width: Int, height: Int, radius: Int, epsilon: Float
  ) -> [Float] {
    func mean(_ plane: [Float]) -> [Float] {
      boxMean(plane, width: width, height: height, radius: radius)
    }
    func product(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map(*) }
    let (guideMean, planeMean) = (mean(guide), mean(plane))
    let square = mean(product(guide, guide))
    let mixed = mean(product(guide, plane))
    let slope = guide.indices.map { index in
      (mixed[index] - guideMean[index] * planeMean[index])
        / (square[index] - guideMean[index] * guideMean[index] + epsilon)
    }
    let offset = guide.indices.map { planeMean[$0] - slope[$0] * guideMean[$0] }
    return mean(slope) + mean(offset)
  }

  /// The mean over a square window, which shrinks at the border.
  private static func boxMean(
    _ plane: [Float], width: Int, height: Int, radius: Int
  ) -> [Float] {
    var rows = plane
    rows.withUnsafeMutableBufferPointer { rows in
      guard let base = rows.baseAddress else { return }
      // Each row, then each column, is written by one thread alone.
      nonisolated(unsafe) let rows = base
      Parallel.forEach(count: height) { y in
        slidingMean(rows + y * width, step: 1, count: width, radius: radius)
      }
      Parallel.forEach(count: width) { x in
        slidingMean(rows + x, step: width, count: height, radius: radius)
      }
    }
    return rows
  }

  private static func slidingMean(
    _ line: UnsafeMutablePointer<Float>, step: Int, count: Int, radius: Int
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { copy in
      for index in 0..<count { copy[index] = line[index * step] }
      // Doubles, so that what enters leaves again without a trace.
      var sum: Double = 0
      for index in 0..<min(radius, count) { sum += Double(copy[index]) }
      for index in 0..<count {
        if index + radius < count { sum += Double(copy[index + radius]) }
        if index > radius { sum -= Double(copy[index - radius - 1]) }
        let window = min(index + radius, count - 1) - max(index - radius, 0) + 1
        line[index * step] = Float(sum / Double(window))
      }
    }
  }
}
