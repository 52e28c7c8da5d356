import Foundation

/// The colours of two layers of which a pixel shows a mixture, I = αF + (1 − α)B, all linear.
///
/// Those of a layer are normally distributed around a mean (Chuang et al. 2001, "A Bayesian Approach to Digital
/// Matting"). Shading makes hair or a wall lighter and darker far more than it changes their hue: colours
/// scatter along their mean, as much as luminance does, and a little to all sides.
package struct ColorMixture {
  private let front: Layer
  private let back: Layer

  /// Standard deviation of what a pixel shows, and of a layer's colours relative to its mean: to all sides, and
  /// at least along it.
  private static let noise: Float = 0.01
  private static let breadth: Float = 0.06
  private static let leastLength: Float = 0.03
  /// Coverages that are compared.
  private static let candidates = 21

  private struct Layer {
    let mean: SIMD3<Float>
    /// Variance to all sides.
    let breadth: Float
    /// Variance along the mean, relative to its square.
    let length: Float

    init(_ moments: SIMD4<Float>) {
      let color = SIMD3(moments.x, moments.y, moments.z)
      let level = ColorTransfer.luminance(color)
      let square = max(level * level, 1e-8)
      mean = color
      breadth = (color * color).sum() * ColorMixture.breadth * ColorMixture.breadth / 3
      length =
        max(moments.w - square, 0) / square + ColorMixture.leastLength * ColorMixture.leastLength
    }
  }

  /// Takes what `Image.colorMoments` holds of each layer: mean red, green and blue, mean squared luminance.
  package init(front: SIMD4<Float>, back: SIMD4<Float>) {
    (self.front, self.back) = (Layer(front), Layer(back))
  }

  /// How far a colour is from what the layers show at a coverage: the square of its Mahalanobis distance.
  package func misfit(of shown: SIMD3<Float>, coverage: Float) -> Float {
    let (rest, pull) = residual(of: shown, coverage: coverage)
    return (rest * pull).sum()
  }

  /// The most likely coverage where a colour is shown.
  ///
  /// - Parameters:
  ///   - shown: A colour, 0 and more.
  ///   - expected: Coverage without a look at colours, 0..1.
  ///   - deviation: Its standard deviation.
  /// - Returns: Coverage, 0..1, and its variance.
  package func coverage(
    of shown: SIMD3<Float>, expected: Float, deviation: Float
  ) -> (likeliest: Float, variance: Float) {
    let (last, step) = (Self.candidates - 1, 1 / Float(Self.candidates - 1))
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: last + 1) { misfits in
      var best = 0
      for index in 0...last {
        let surprise = (Float(index) * step - expected) / deviation
        misfits.initializeElement(
          at: index,
          to: misfit(of: shown, coverage: Float(index) * step) + surprise * surprise)
        if misfits[index] < misfits[best] { best = index }
      }
      var sums = SIMD3<Float>.zero
      for index in 0...last {
        let alpha = Float(index - best) * step
        sums += SIMD3(1, alpha, alpha * alpha) * exp((misfits[best] - misfits[index]) / 2)
      }
      let mean = sums.y / sums.x
      // The least value of the parabola through three points.
      let middle = min(max(best, 1), last - 1)
      let (before, after) = (
        misfits[middle - 1] - misfits[middle], misfits[middle + 1] - misfits[middle]
      )
      let bend = before + after
      let way = bend > 0 ? (before - after) / (2 * bend) : 0
      let likeliest =
        bend > 0 ? (Float(middle) + way) * step : Float(best) * step
      return (min(max(likeliest, 0), 1), max(sums.z / sums.x - mean * mean, 0))
    }
  }

  /// The most likely colours of the layers.
  ///
  /// - Parameters:
  ///   - shown: A colour, 0 and more.
  ///   - coverage: Between 0 and 1, both excluded.
  /// - Returns: Colours, 0 and more, that together show exactly what is shown.
  package func layers(
    of shown: SIMD3<Float>, coverage: Float
  ) -> (front: SIMD3<Float>, back: SIMD3<Float>) {
    let (_, pull) = residual(of: shown, coverage: coverage)
    func color(_ layer: Layer, share: Float) -> SIMD3<Float> {
      let along = layer.mean * (layer.length * (layer.mean * pull).sum())
      return layer.mean + (pull * layer.breadth + along) * share
    }
    /// As much of a layer as there can be of it.
    func limited(_ color: SIMD3<Float>, share: Float) -> SIMD3<Float> {
      color.clamped(lowerBound: .zero, upperBound: shown / share)
    }
    // The layer that shows more takes what is left over: it changes least by it.
    let rest = 1 - coverage
    if coverage > rest {
      let behind = limited(color(back, share: rest), share: rest)
      return ((shown - behind * rest) / coverage, behind)
    }
    let own = limited(color(front, share: coverage), share: coverage)
    return (own, (shown - own * coverage) / rest)
  }

  /// What a colour differs by from the mean mixture, and the same through the inverse of its covariance.
  private func residual(
    of shown: SIMD3<Float>, coverage: Float
  ) -> (rest: SIMD3<Float>, pull: SIMD3<Float>) {
    let behind = 1 - coverage
    let rest = shown - front.mean * coverage - back.mean * behind
    let breadth =
      Self.noise * Self.noise + coverage * coverage * front.breadth
      + behind * behind * back.breadth
    // The covariance is that breadth and two outer products: Woodbury's identity leaves a 2×2 matrix.
    let own = front.mean * (coverage * front.length.squareRoot())
    let other = back.mean * (behind * back.length.squareRoot())
    let (a, b, c) = (
      breadth + (own * own).sum(), (own * other).sum(), breadth + (other * other).sum()
    )
    let (x, y) = ((own * rest).sum(), (other * rest).sum())
    let scale = 1 / (a * c - b * b)
    let pull = rest - (own * (c * x - b * y) + other * (a * y - b * x)) * scale
    return (rest, pull / breadth)
  }
}

extension Image {
  /// Mean colours and mean squared luminances of a linear picture on a coarser grid.
  ///
  /// - Returns: 4 channels: red, green, blue and the square.
  package func colorMoments(width: Int, height: Int) -> Image {
    var squares = luminance
    for index in squares.samples.indices { squares.samples[index] *= squares.samples[index] }
    let parts = [self, squares].map { $0.resized(width: width, height: height) }
    return Image(
      width: width, height: height, channels: 4, encoding: .data,
      samples: parts.flatMap(\.samples))
  }
}
