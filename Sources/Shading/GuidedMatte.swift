import Foundation
import Imaging

/// The subject's matte drawn along the edges of the photograph.
///
/// A network's matte is soft and leaks; the guided filter (He, Sun & Tang 2010) makes it follow the
/// photograph, and what is hardly covered counts as background, what is nearly covered as subject.
struct GuidedMatte: Sendable {
  /// Share of the picture's longer side that one window of the filter reaches from its centre.
  private static let reach: Float = 0.012
  /// Contrast of the photograph, squared, from which on an edge is followed.
  private static let epsilon: Float = 4e-4
  /// Filtered coverage that counts as nothing and as everything: high, because what leaks is half covered
  /// and looks worse relit than a wisp of hair that keeps its light.
  private static let crispness: ClosedRange<Float> = 0.55...0.9

  /// One channel, never more than the matte that it was made from.
  let image: Image

  /// Refines a matte along a photograph of the same extent.
  init(_ matte: Image, along photograph: Image) {
    let (width, height) = (matte.width, matte.height)
    let radius = max(Int((Self.reach * Float(max(width, height))).rounded()), 1)
    // Edges are seen as they are encoded: dark hair before a dark wall counts as well.
    var guide = photograph.luminance
    for index in guide.samples.indices {
      guide.samples[index] = max(guide.samples[index], 0).squareRoot()
    }
    // The filter's coefficients are smooth: a coarser grid holds them (He & Sun 2015).
    let step = max(radius / 3, 1)
    let (across, down) = (max(width / step, 1), max(height / step, 1))
    let coefficients = Self.coefficients(
      matte: matte.resized(width: across, height: down).samples,
      guide: guide.resized(width: across, height: down).samples, width: across, height: down,
      radius: max(radius / step, 1))
    let lines = Image(
      width: across, height: down, channels: 2, encoding: .data,
      samples: coefficients.slopes + coefficients.offsets
    ).resized(width: width, height: height, filter: .bilinear)
    let (low, high) = (Self.crispness.lowerBound, Self.crispness.upperBound)
    let count = width * height
    var refined = matte
    for index in 0..<count {
      let coverage = lines.samples[index] * guide.samples[index] + lines.samples[count + index]
      let t = min(max((coverage - low) / (high - low), 0), 1)
      // At least as wide as the original allows: what was no subject does not become one.
      refined.samples[index] = min(t * t * (3 - 2 * t), matte.samples[index] * 2, 1)
    }
    image = refined
  }

  /// The line that takes the guide to the matte around each pixel, averaged over its neighbours.
  private static func coefficients(
    matte: [Float], guide: [Float], width: Int, height: Int, radius: Int
  ) -> (slopes: [Float], offsets: [Float]) {
    func mean(_ plane: [Float]) -> [Float] {
      boxMean(plane, width: width, height: height, radius: radius)
    }
    func product(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map(*) }
    let (guideMean, matteMean) = (mean(guide), mean(matte))
    let square = mean(product(guide, guide))
    let mixed = mean(product(guide, matte))
    let slope = guide.indices.map { index in
      (mixed[index] - guideMean[index] * matteMean[index])
        / (square[index] - guideMean[index] * guideMean[index] + epsilon)
    }
    let offset = guide.indices.map { matteMean[$0] - slope[$0] * guideMean[$0] }
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
