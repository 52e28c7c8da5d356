import Imaging
import TestSupport
import Testing

/// Mixtures of two layers whose parts are known.
@Suite struct ColorMixtureTests {
  private static let skin = SIMD3<Float>(0.6, 0.4, 0.3)
  private static let wall = SIMD3<Float>(0.05, 0.06, 0.08)

  /// Moments of a layer whose luminance scatters by a share of itself.
  private static func moments(_ color: SIMD3<Float>, scatter: Float) -> SIMD4<Float> {
    let level = ColorTransfer.luminance(color)
    return SIMD4(color, level * level * (1 + scatter * scatter))
  }

  private func largest(_ error: SIMD3<Float>) -> Float { max(error.max(), -error.min()) }

  private static func color(
    _ range: ClosedRange<Float>, _ generator: inout SeededGenerator
  ) -> SIMD3<Float> {
    SIMD3(
      .random(in: range, using: &generator), .random(in: range, using: &generator),
      .random(in: range, using: &generator))
  }

  @Test("layers together show what is shown, and neither is below black")
  func exact() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<1000 {
      let mixture = ColorMixture(
        front: Self.moments(Self.color(0...1, &generator), scatter: 0.5),
        back: Self.moments(Self.color(0...1, &generator), scatter: 0.2))
      let (shown, alpha) = (
        Self.color(0...1, &generator), Float.random(in: 0.002...0.998, using: &generator)
      )
      let layers = mixture.layers(of: shown, coverage: alpha)
      let error = layers.front * alpha + layers.back * (1 - alpha) - shown
      #expect(largest(error) < 1e-5)
      #expect(min(layers.front.min(), layers.back.min()) > -1e-5)
    }
  }

  @Test(
    "hair in the shade keeps its hue, and the wall behind it stays as it is",
    arguments: [0.3, 0.6, 0.9] as [Float])
  func shade(alpha: Float) {
    let mixture = ColorMixture(
      front: Self.moments(Self.skin, scatter: 0.6), back: Self.moments(Self.wall, scatter: 0.05))
    for light in [Float(0.3), 0.6, 1, 1.4] {
      let shown = Self.skin * (light * alpha) + Self.wall * (1 - alpha)
      let layers = mixture.layers(of: shown, coverage: alpha)
      let (share, own) = (layers.front / layers.front.sum(), Self.skin / Self.skin.sum())
      #expect(largest(share - own) < 0.01, "hue off by \(largest(share - own))")
      let error = largest(layers.back - Self.wall)
      #expect(error < 0.02, "a wall that is off by \(error) under light \(light)")
    }
  }

  @Test("a wall's colour under a matte that claims half of it is taken for a dark subject")
  func wrongMatte() {
    let mixture = ColorMixture(
      front: Self.moments(Self.skin, scatter: 0.3), back: Self.moments(Self.wall, scatter: 0.05))
    let layers = mixture.layers(of: Self.wall, coverage: 0.5)
    // Shared by least squares alone the wall would be black, and a line of it stay along the jaw.
    #expect(largest(layers.back - Self.wall) < 0.03)
  }

  /// The covariance in full, solved by elimination in double precision.
  private static func distance(
    _ rest: SIMD3<Double>, front: SIMD3<Double>, back: SIMD3<Double>, alpha: Double,
    scatter: (front: Double, back: Double)
  ) -> Double {
    var rows = (0..<3).map { row in
      (0..<4).map { column in
        guard column < 3 else { return rest[row] }
        var value = 0.0
        for (mean, share, scatter) in [
          (front, alpha, scatter.front), (back, 1 - alpha, scatter.back),
        ] {
          let length = scatter * scatter + 0.03 * 0.03
          value += share * share * length * mean[row] * mean[column]
          if row == column { value += share * share * 0.06 * 0.06 / 3 * (mean * mean).sum() }
        }
        return value + (row == column ? 0.01 * 0.01 : 0)
      }
    }
    for pivot in 0..<3 {
      for row in 0..<3 where row != pivot {
        let factor = rows[row][pivot] / rows[pivot][pivot]
        for column in 0..<4 { rows[row][column] -= factor * rows[pivot][column] }
      }
    }
    return (0..<3).reduce(0) { $0 + rest[$1] * rows[$1][3] / rows[$1][$1] }
  }

  @Test("a misfit is the Mahalanobis distance of the full covariance")
  func misfit() {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<200 {
      let (front, back, shown) = (
        Self.color(0.05...1, &generator), Self.color(0.05...1, &generator),
        Self.color(0...1, &generator)
      )
      let alpha = Float.random(in: 0...1, using: &generator)
      let mixture = ColorMixture(
        front: Self.moments(front, scatter: 0.5), back: Self.moments(back, scatter: 0.2))
      let found = Double(mixture.misfit(of: shown, coverage: alpha))
      let truth = Self.distance(
        SIMD3<Double>(shown - front * alpha - back * (1 - alpha)), front: SIMD3<Double>(front),
        back: SIMD3<Double>(back), alpha: Double(alpha), scatter: (0.5, 0.2))
      #expect(abs(found - truth) < 1e-3 * (1 + truth), "\(found) for \(truth)")
    }
  }

  @Test("moments are means over the points of the coarser grid")
  func moments() {
    var image = Image(width: 4, height: 2, channels: 3, encoding: .linear)
    for index in image.samples.indices { image.samples[index] = Float(index % 7) / 7 }
    let found = image.colorMoments(width: 2, height: 1)
    #expect(found.channels == 4)
    for x in 0..<2 {
      var sum = SIMD4<Float>.zero
      for (column, row) in [(2 * x, 0), (2 * x + 1, 0), (2 * x, 1), (2 * x + 1, 1)] {
        let color = SIMD3(image[0, column, row], image[1, column, row], image[2, column, row])
        let level = ColorTransfer.luminance(color)
        sum += SIMD4(color, level * level) / 4
      }
      for channel in 0..<4 { #expect(abs(found[channel, x, 0] - sum[channel]) < 1e-6) }
    }
  }
}
