import Imaging

/// Edge-aware smoothing along a guide picture: the guided filter of He, Sun & Tang 2010.
///
/// Around each pixel the wanted picture is taken for a line in the guide's values. Where the guide varies
/// little the line is flat, where it has an edge the result has it as well.
struct GuidedFilter: Sendable {
  /// Slope and offset of every pixel's line.
  private let lines: Image

  /// Fits the lines.
  ///
  /// - Parameters:
  ///   - plane: What is smoothed, 1 channel.
  ///   - guide: Whose edges are kept, 1 channel of the same extent.
  ///   - radius: Pixels that a window reaches from its centre, at least 1.
  ///   - epsilon: Variance of the guide from which on an edge is kept.
  init(_ plane: Image, along guide: Image, radius: Int, epsilon: Float) {
    let (width, height) = (plane.width, plane.height)
    // The lines are smooth: a coarser grid holds them (He & Sun 2015).
    let step = max(radius / 3, 1)
    let (across, down) = (max(width / step, 1), max(height / step, 1))
    let coefficients = Self.coefficients(
      plane: plane.resized(width: across, height: down).samples,
      guide: guide.resized(width: across, height: down).samples, width: across, height: down,
      radius: max(radius / step, 1), epsilon: epsilon)
    lines = Image(
      width: across, height: down, channels: 2, encoding: .data,
      samples: coefficients.slopes + coefficients.offsets
    ).resized(width: width, height: height, filter: .bilinear)
  }

  /// The smoothed value of a pixel with some value of the guide.
  func value(_ index: Int, guide: Float) -> Float {
    lines.samples[index] * guide + lines.samples[lines.pixelCount + index]
  }

  /// The line that takes the guide to the plane around each pixel, averaged over its neighbours.
  private static func coefficients(
    plane: [Float], guide: [Float], width: Int, height: Int, radius: Int, epsilon: Float
  ) -> (slopes: [Float], offsets: [Float]) {
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
    return (mean(slope), mean(offset))
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
