import Foundation
import Imaging

/// The light that the networks left in the albedo of the skin, and the gain that takes it out.
///
/// What reached the skin is its raw diffuse colour over its albedo. Ambient occlusion times real harmonics
/// of the normal up to order 2 (Ramamoorthi & Hanrahan 2001) explain it, pixels in cast shadows or of other
/// reflectance losing their say (iteratively reweighted least squares). As skin does not know where the
/// light is, the part of the albedo that follows this irradiance is taken for light (the independence of
/// reflectance and shading, Barron & Malik 2015, "Shape, illumination, and reflectance from shading").
package struct ShadingLeak: Sendable {
  /// The exponent of the irradiance that is in the albedo, 0 to `largestShare`.
  package let share: Float
  /// Irradiance by pixel, relative to its mean in logarithm, on the skin; 1 elsewhere.
  private let irradiance: [Float]
  private let skin: Image

  /// Networks leave a tenth or so of the light; what follows it more closely may be the skin's own.
  private static let largestShare: Double = 0.1
  /// The least share of skin in a picture.
  private static let leastSkin: Double = 0.005
  /// Light below this share of the mean is not divided by.
  private static let floor: Double = 0.03
  /// A miss of this share of the light counts half.
  private static let tolerance: Double = 0.25
  private static let rounds = 5

  /// Fits the light; nil where there is hardly any skin.
  ///
  /// All pictures have one extent.
  ///
  /// - Parameters:
  ///   - albedo: 3 channels, `.linear`.
  ///   - diffuse: raw diffuse colour, 3 channels, `.linear`.
  ///   - normal: 3 channels, unit vectors.
  ///   - ao: ambient occlusion, 1 channel, 0..1.
  ///   - skin: 1 channel, 0..1.
  package init?(albedo: Image, diffuse: Image, normal: Image, ao: Image, skin: Image) {
    var points: [Point] = []
    for pixel in 0..<albedo.pixelCount where skin.samples[pixel] > 0.5 {
      let own = ColorTransfer.luminance(albedo.pixel(pixel))
      let shown = ColorTransfer.luminance(diffuse.pixel(pixel))
      guard own > 0.002, shown > 0 else { continue }
      points.append(
        Point(
          pixel: pixel,
          // What lies in the dark says little about colours.
          weight: Double(skin.samples[pixel] * min(shown / 0.02, 1)),
          albedo: log(Double(own)), light: Double(shown / own),
          basis: Self.basis(normal.pixel(pixel), ao: ao.samples[pixel])))
    }
    let area = points.reduce(0) { $0 + $1.weight }
    guard area > Self.leastSkin * Double(albedo.pixelCount) else { return nil }
    let mean = points.reduce(0) { $0 + $1.weight * $1.light } / area
    let logarithms = Self.irradiance(of: points, mean: mean).map { log($0) }
    func average(_ value: (Int) -> Double) -> Double {
      points.indices.reduce(0) { $0 + points[$1].weight * value($1) } / area
    }
    let level = average { logarithms[$0] }
    let tone = average { points[$0].albedo }
    let shared = average { (points[$0].albedo - tone) * (logarithms[$0] - level) }
    let variance = average { (logarithms[$0] - level) * (logarithms[$0] - level) }
    share = Float(min(max(shared / max(variance, 1e-6), 0), Self.largestShare))
    var irradiance = [Float](repeating: 1, count: albedo.pixelCount)
    for (point, logarithm) in zip(points, logarithms) {
      irradiance[point.pixel] = Float(exp(logarithm - level))
    }
    self.irradiance = irradiance
    self.skin = skin
  }

  /// An albedo (3 channels, `.linear`, 0..1, of any extent) without the light, 0..1.
  package func removed(from albedo: consuming Image) -> Image {
    var small = skin
    for pixel in irradiance.indices {
      let light = irradiance[pixel]
      small.samples[pixel] = light == 1 ? 1 : pow(light, -share * skin.samples[pixel])
    }
    let gain = small.resized(width: albedo.width, height: albedo.height).samples
    let (count, planes) = (albedo.pixelCount, albedo.channels)
    var result = albedo
    result.samples.withUnsafeMutableBufferPointer { samples in
      // Each part is written by one thread alone.
      nonisolated(unsafe) let samples = samples
      Parallel.forEachBatch(count: count, of: 1 << 16) { pixels in
        for plane in 0..<planes {
          for pixel in pixels {
            let index = plane &* count &+ pixel
            samples[index] = min(samples[index] * gain[pixel], 1)
          }
        }
      }
    }
    return result
  }

  private struct Point {
    var pixel: Int
    var weight: Double
    /// Logarithm of the luminance.
    var albedo: Double
    /// Luminance of what reached the skin.
    var light: Double
    var basis: Basis
  }

  private static func basis(_ n: SIMD3<Float>, ao: Float) -> Basis {
    let harmonics: InlineArray<9, Float> = [
      1, n.x, n.y, n.z, n.x * n.y, n.x * n.z, n.y * n.z, n.x * n.x - n.y * n.y, 3 * n.z * n.z - 1,
    ]
    return Basis { Double(harmonics[$0] * ao) }
  }

  /// The fitted light of every point, positive.
  private static func irradiance(of points: [Point], mean: Double) -> [Double] {
    var fitted = points.map(\.light)
    for _ in 0..<rounds {
      var system = NormalEquations()
      for (point, value) in zip(points, fitted) {
        // Misses count relative to the light, so that the dark side counts as much as the lit one.
        let scale = max(value, point.light, floor * mean)
        let miss = (point.light - value) / (tolerance * scale)
        let weight = point.weight / (scale * (1 + miss * miss))
        system.add(point.basis, point.light, weight: weight * weight)
      }
      let coefficients = system.solution()
      fitted = points.map { point in
        let value = coefficients.indices.reduce(0) { $0 + coefficients[$1] * point.basis[$1] }
        return max(value, floor * mean)
      }
    }
    return fitted
  }
}

/// Harmonics up to order 2 in some direction, or what they count.
private typealias Basis = InlineArray<9, Double>

/// Weighted linear least squares of what harmonics count, solved by Cholesky's decomposition.
private struct NormalEquations {
  private var matrix = InlineArray<9, Basis>(repeating: Basis(repeating: 0))
  private var right = Basis(repeating: 0)

  /// Adds weight · (row · x − value)².
  mutating func add(_ row: Basis, _ value: Double, weight: Double) {
    for i in row.indices {
      right[i] += weight * row[i] * value
      for j in 0...i { matrix[i][j] += weight * row[i] * row[j] }
    }
  }

  /// The unknowns; the diagonal grows by a millionth, so that there always is one answer.
  func solution() -> Basis {
    var lower = matrix
    let ridge = 1e-6 * matrix.indices.reduce(0) { $0 + matrix[$1][$1] } + 1e-12
    var x = right
    for i in x.indices {
      for j in 0...i {
        let product = (0..<j).reduce(0) { $0 + lower[i][$1] * lower[j][$1] }
        let rest = matrix[i][j] + (i == j ? ridge : 0) - product
        lower[i][j] = i == j ? rest.squareRoot() : rest / lower[j][j]
      }
      x[i] = (x[i] - (0..<i).reduce(0) { $0 + lower[i][$1] * x[$1] }) / lower[i][i]
    }
    for i in x.indices.reversed() {
      let known = (i + 1..<x.count).reduce(0) { $0 + lower[$1][i] * x[$1] }
      x[i] = (x[i] - known) / lower[i][i]
    }
    return x
  }
}
