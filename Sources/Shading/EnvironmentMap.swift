import Foundation
import Imaging

/// A panorama prepared for lighting: diffuse harmonics, and specular levels of growing roughness.
public struct EnvironmentMap: Sendable {
  /// Lamps that were taken out, the strongest first.
  public let lamps: [EnvironmentLamp]
  /// What a white Lambert surface reflects of the rest, by its normal.
  public let diffuse: SphericalHarmonics
  /// The factor that was applied to the image's radiance.
  public let gain: Float
  /// The surroundings as a camera would see them, lamps included.
  let panorama: Panorama
  let levels: [Panorama]

  /// Roughness of the specular levels.
  static let levelRoughness: [Float] = [0.05, 0.15, 0.3, 0.45, 0.6, 0.8, 1]
  private static let sampleCount = 128

  /// Prepares a lat-long image of linear radiance; takes about a tenth of a second.
  ///
  /// - Parameters:
  ///   - image: One or three channels; row 0 is up, the centre column lights the face frontally.
  ///   - isNormalized: Whether to scale the radiance so that a white surface that faces the
  ///     brightest side shows 1, which is also what a light of exposure 0 gives.
  ///   - extractsLamps: Whether to take out what throws shadows of its own.
  public init(image: Image, isNormalized: Bool = true, extractsLamps: Bool = true) {
    var source = Panorama(image)
    // Half a degree of detail is more than any skin reflects.
    while source.width > 512 { source = source.halved }
    let measured = SphericalHarmonics(projecting: source).diffuseReflection
    let scale = isNormalized ? 1 / max(Self.brightestSide(measured), 1e-6) : 1
    source.texels = source.texels.map { $0 * scale }
    gain = scale
    panorama = source
    lamps = extractsLamps ? EnvironmentLamp.extracted(from: &source) : []
    diffuse = SphericalHarmonics(projecting: source).diffuseReflection
    let pyramid = Self.pyramid(of: source)
    levels = Self.levelRoughness.map { Self.prefiltered(pyramid, roughness: $0) }
  }

  /// Prefiltered radiance around a direction of reflection for one lobe.
  package func reflection(_ direction: SIMD3<Float>, roughness: Float) -> SIMD3<Float> {
    let table = Self.levelRoughness
    let upper = table.firstIndex { $0 >= roughness } ?? table.count - 1
    let lower = max(upper - 1, 0)
    guard upper > lower else { return levels[upper].sample(direction) }
    let share = min(max((roughness - table[lower]) / (table[upper] - table[lower]), 0), 1)
    return levels[lower].sample(direction) * (1 - share) + levels[upper].sample(direction) * share
  }

  private static func brightestSide(_ diffuse: SphericalHarmonics) -> Float {
    var brightest: Float = 0
    for elevation in stride(from: Float(-80), through: 80, by: 20) {
      for azimuth in stride(from: Float(-180), to: 180, by: 20) {
        let direction = Direction.vector(azimuthDegrees: azimuth, elevationDegrees: elevation)
        brightest = max(brightest, ColorTransfer.luminance(diffuse.value(direction)))
      }
    }
    return brightest
  }

  private static func pyramid(of source: Panorama) -> [Panorama] {
    var levels = [source]
    while let last = levels.last, last.height > 2 { levels.append(last.halved) }
    return levels
  }

  /// The panorama seen through one GGX lobe, with view and normal along the reflection.
  ///
  /// Filtered importance sampling (Křivánek & Colbert 2008): a sample that stands for a large solid
  /// angle reads a small level of the pyramid, so that few samples give a smooth result.
  private static func prefiltered(_ pyramid: [Panorama], roughness: Float) -> Panorama {
    let alphaSquared = roughness * roughness * roughness * roughness
    let samples = lobeSamples(pyramid: pyramid, alphaSquared: alphaSquared)
    // Rough levels are smooth: fewer texels hold them.
    let width = roughness < 0.4 ? 64 : 32
    let height = width / 2
    let frame = Panorama(
      width: width, height: height,
      texels: [SIMD3<Float>](repeating: .zero, count: width * height))
    let texels = Parallel.map(count: width * height) { index in
      let normal = frame.direction(column: index % width, row: index / width)
      let (tangent, bitangent) = tangents(of: normal)
      var sum = SIMD3<Float>.zero
      var total: Float = 0
      for sample in samples {
        let local = sample.direction
        let direction = tangent * local.x + bitangent * local.y + normal * local.z
        sum += pyramid[sample.level].sample(direction) * local.z
        total += local.z
      }
      return sum / total
    }
    return Panorama(width: width, height: height, texels: texels)
  }

  private struct LobeSample: Sendable {
    /// Direction of light about +z; its z weighs the sample (Karis 2013).
    let direction: SIMD3<Float>
    let level: Int
  }

  private static func lobeSamples(pyramid: [Panorama], alphaSquared: Float) -> [LobeSample] {
    let texel = 4 * Float.pi / Float(pyramid[0].width * pyramid[0].height)
    return (0..<sampleCount).compactMap { index in
      let h = HalfVectors.sample(index, of: sampleCount, alphaSquared: alphaSquared)
      let direction = SIMD3(2 * h.z * h.x, 2 * h.z * h.y, 2 * h.z * h.z - 1)
      guard direction.z > 0 else { return nil }
      let density = Microfacet.distributionGGX(nDotH: h.z, alphaSquared: alphaSquared) / 4
      let solidAngle = 1 / (Float(sampleCount) * density)
      let level = (0.5 * log2(solidAngle / texel)).rounded()
      return LobeSample(
        direction: direction, level: min(max(Int(level), 0), pyramid.count - 1))
    }
  }

  private static func tangents(of n: SIMD3<Float>) -> (SIMD3<Float>, SIMD3<Float>) {
    let helper: SIMD3<Float> = abs(n.y) < 0.9 ? SIMD3(0, 1, 0) : SIMD3(1, 0, 0)
    let tangent = normalized(cross(helper, n))
    return (tangent, cross(n, tangent))
  }
}
