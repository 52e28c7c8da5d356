import Foundation

/// What lies on the skin: a clear film, and fine hair.
///
/// Both take from the light what they reflect.
public struct SkinLayers: Sendable {
  /// Entries of a table by cosine to the camera, 0...1.
  static let extent = 33
  /// Reflectance at normal incidence of a film of index 1.6, as OpenPBR's coat has it.
  static let coatF0: Float = 0.053
  /// Roughness of fuzz; its lobe's exponent is the reciprocal of `alpha`.
  private static let fuzzAlpha: Float = 0.4
  static let fuzzExponent: Float = 1 / fuzzAlpha

  /// `alpha²` of the film.
  let coatAlphaSquared: Float
  /// Share of light from all around that the film, and fuzz, reflect.
  let coatAlbedo: [Float]
  let fuzzAlbedo: [Float]

  /// Integrates the film's table; takes about a millisecond.
  public init(coatRoughness: Float) {
    let alpha = max(coatRoughness * coatRoughness, Microfacet.minimumAlpha)
    let alphaSquared = alpha * alpha
    coatAlphaSquared = alphaSquared
    coatAlbedo = Self.cosines.map { nDotV in
      let factors = SplitSum.integrate(nDotV: nDotV, alphaSquared: alphaSquared)
      return factors.x * Self.coatF0 + factors.y
    }
    fuzzAlbedo = Self.fuzzTable
  }

  private static let cosines = (0..<extent).map { max(Float($0) / Float(extent - 1), 0.01) }

  /// Fuzz by quadrature over the light's angles.
  private static let fuzzTable: [Float] = cosines.map { nDotV in
    let v = SIMD3<Float>((1 - nDotV * nDotV).squareRoot(), 0, nDotV)
    let (polar, around) = (96, 64)
    var sum: Float = 0
    for row in 0..<polar {
      // Even steps of the squared sine: each sample has the same projected solid angle.
      let square = (Float(row) + 0.5) / Float(polar)
      let l = (sine: square.squareRoot(), cosine: (1 - square).squareRoot())
      for column in 0..<around {
        let angle = (Float(column) + 0.5) / Float(around) * 2 * .pi
        let half = normalized(
          v + SIMD3(l.sine * cos(angle), l.sine * sin(angle), l.cosine))
        sum += fuzz(nDotL: l.cosine, nDotH: half.z, nDotV: nDotV)
      }
    }
    return sum * .pi / Float(polar * around)
  }

  /// Reflectance of fuzz: fibres that stand up from the skin.
  ///
  /// Distribution of Estevez & Kulla 2017, "Production Friendly Microfacet Sheen BRDF", visibility of
  /// Neubelt & Pettineo 2013, "Crafting a Next-Gen Material Pipeline for The Order: 1886".
  static func fuzz(nDotL: Float, nDotH: Float, nDotV: Float) -> Float {
    let sine = positivePart(1 - nDotH * nDotH).squareRoot()
    let distribution = (2 + fuzzExponent) * pow(sine, fuzzExponent) / (2 * .pi)
    return distribution / (4 * max(nDotL + nDotV - nDotL * nDotV, 1e-4))
  }

  /// Reflectance of the film, D · V · F.
  func coat(
    nDotL: Float, nDotH: Float, nDotV: Float, fresnelWeight: Float, widening: Float
  ) -> Float {
    Microfacet.distributionGGX(nDotH: nDotH, alphaSquared: coatAlphaSquared + widening)
      * Microfacet.visibilitySmith(nDotL: nDotL, nDotV: nDotV, alphaSquared: coatAlphaSquared)
      * (Self.coatF0 + (1 - Self.coatF0) * fresnelWeight)
  }

  /// Share of light that the layers of some weights reflect towards the camera.
  func albedo(nDotV: Float, coat: Float, fuzz: Float) -> Float {
    let place = nDotV * Float(Self.extent - 1)
    let cell = min(Int(place), Self.extent - 2)
    let beyond = place - Float(cell)
    func blend(_ table: [Float]) -> Float {
      table[cell] + (table[cell + 1] - table[cell]) * beyond
    }
    return coat * blend(coatAlbedo) + fuzz * blend(fuzzAlbedo)
  }

  /// Opens both tables, for the kernels.
  func withTables(_ body: (_ coat: UnsafePointer<Float>, _ fuzz: UnsafePointer<Float>) -> Void) {
    coatAlbedo.withUnsafeBufferPointer { coat in
      fuzzAlbedo.withUnsafeBufferPointer { fuzz in
        guard let coat = coat.baseAddress, let fuzz = fuzz.baseAddress else { return }
        body(coat, fuzz)
      }
    }
  }
}
