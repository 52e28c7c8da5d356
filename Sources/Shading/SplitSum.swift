import Foundation
import Imaging

/// Directional albedo of the specular lobes, tabulated over view angle and roughness.
///
/// The split of Karis 2013, "Real Shading in Unreal Engine 4": reflectance under uniform light is
/// `scale · f0 + bias`. The table holds both lobes of `SpecularLobes` mixed.
public struct SplitSum: Sendable {
  static let extent = 32
  private static let sampleCount = 512

  /// `extent` rows of roughness by `extent` columns of nDotV, cell centres at the ends.
  private let scale: [Float]
  private let bias: [Float]

  /// The table, integrated once.
  static let shared = SplitSum()

  /// Integrates the table; takes a few hundredths of a second.
  public init() {
    let mixed = Parallel.map(count: Self.extent * Self.extent) { cell in
      let limit = Float(Self.extent - 1)
      let roughness = max(Float(cell / Self.extent) / limit, 0.05)
      let nDotV = max(Float(cell % Self.extent) / limit, 0.01)
      return SpecularLobes.mixed(roughness: roughness) {
        Self.integrate(nDotV: nDotV, alphaSquared: $0)
      }
    }
    scale = mixed.map(\.x)
    bias = mixed.map(\.y)
  }

  /// Factors of `f0` and of 1 that make the directional albedo.
  public func factors(nDotV: Float, roughness: Float) -> (scale: Float, bias: Float) {
    let limit = Float(Self.extent - 1)
    let x = min(max(nDotV, 0), 1) * limit
    let y = min(max(roughness, 0), 1) * limit
    let column = min(Int(x), Self.extent - 2)
    let row = min(Int(y), Self.extent - 2)
    let (fx, fy) = (x - Float(column), y - Float(row))
    let corner = row * Self.extent + column
    func blend(_ table: [Float]) -> Float {
      let top = table[corner] * (1 - fx) + table[corner + 1] * fx
      let bottom =
        table[corner + Self.extent] * (1 - fx) + table[corner + Self.extent + 1] * fx
      return top * (1 - fy) + bottom * fy
    }
    return (blend(scale), blend(bias))
  }

  /// Both tables, `extent` rows of `extent`, for the kernels.
  func withTables(_ body: (_ scale: UnsafePointer<Float>, _ bias: UnsafePointer<Float>) -> Void) {
    scale.withUnsafeBufferPointer { scale in
      bias.withUnsafeBufferPointer { bias in
        guard let scale = scale.baseAddress, let bias = bias.baseAddress else { return }
        body(scale, bias)
      }
    }
  }

  /// Importance-sampled integral over the half vectors of one lobe: (scale, bias).
  static func integrate(nDotV: Float, alphaSquared: Float) -> SIMD2<Float> {
    let v = SIMD3<Float>((1 - nDotV * nDotV).squareRoot(), 0, nDotV)
    var sum = SIMD2<Float>.zero
    for index in 0..<sampleCount {
      let h = HalfVectors.sample(index, of: sampleCount, alphaSquared: alphaSquared)
      let vDotH = dot(v, h)
      let nDotL = 2 * vDotH * h.z - v.z
      guard nDotL > 0, vDotH > 0 else { continue }
      let visibility = Microfacet.visibilitySmith(
        nDotL: nDotL, nDotV: nDotV, alphaSquared: alphaSquared)
      // D cancels against the density of the samples, D · nDotH / (4 vDotH).
      let weight = visibility * nDotL * 4 * vDotH / h.z
      let fresnel = Microfacet.fresnelWeight(vDotH: vDotH)
      sum += SIMD2((1 - fresnel) * weight, fresnel * weight)
    }
    return sum / Float(sampleCount)
  }
}

/// Half vectors about +z, distributed as GGX, in an even and repeatable order.
enum HalfVectors {
  /// One of `count` vectors of a Hammersley set.
  static func sample(_ index: Int, of count: Int, alphaSquared: Float) -> SIMD3<Float> {
    let first = (Float(index) + 0.5) / Float(count)
    let second = radicalInverse(UInt32(truncatingIfNeeded: index))
    // Walter et al. 2007, equation 35.
    let cosine = ((1 - first) / (1 + (alphaSquared - 1) * first)).squareRoot()
    let sine = max(1 - cosine * cosine, 0).squareRoot()
    let angle = 2 * Float.pi * second
    return SIMD3(sine * cos(angle), sine * sin(angle), cosine)
  }

  /// The bits of an index mirrored behind the binary point (van der Corput).
  private static func radicalInverse(_ index: UInt32) -> Float {
    var bits = index
    var reversed: UInt32 = 0
    for _ in 0..<32 {
      reversed = reversed << 1 | bits & 1
      bits >>= 1
    }
    return Float(reversed) * 0x1p-32
  }
}
