/// The two specular lobes of skin: oil film and rougher tissue share one reflectance.
///
/// Widths and mix follow the defaults of Unreal Engine's subsurface profile: a tight lobe of 0.75 and
/// a wide one of 1.30 times the roughness, weights 0.85 and 0.15. Both are divided by their mean, so
/// that the roughness on the slider is the one that is seen.
public enum SpecularLobes {
  private static let meanRoughness: Float = 0.75 * tightWeight + 1.30 * wideWeight
  static let tightRoughness: Float = 0.75 / meanRoughness
  static let wideRoughness: Float = 1.30 / meanRoughness
  static let tightWeight: Float = 0.85
  static let wideWeight: Float = 1 - tightWeight

  /// `alpha²` of both lobes at a material's roughness.
  public static func alphaSquared(roughness: Float) -> (tight: Float, wide: Float) {
    func squared(_ lobeRoughness: Float) -> Float {
      let alpha = min(max(lobeRoughness * lobeRoughness, Microfacet.minimumAlpha), 1)
      return alpha * alpha
    }
    return (squared(roughness * tightRoughness), squared(roughness * wideRoughness))
  }

  /// Evaluates something for each lobe, given its `alpha²`, and mixes by the weights.
  static func mixed(
    roughness: Float, _ evaluate: (Float) -> SIMD2<Float>
  ) -> SIMD2<Float> {
    let (tight, wide) = alphaSquared(roughness: roughness)
    return evaluate(tight) * tightWeight + evaluate(wide) * wideWeight
  }

  /// Reflectance of one lobe, D · V · F.
  public static func reflectance(
    nDotL: Float, nDotV: Float, nDotH: Float, vDotH: Float, alphaSquared: Float, f0: Float
  ) -> Float {
    Microfacet.distributionGGX(nDotH: nDotH, alphaSquared: alphaSquared)
      * Microfacet.visibilitySmith(nDotL: nDotL, nDotV: nDotV, alphaSquared: alphaSquared)
      * Microfacet.fresnelSchlick(f0: f0, vDotH: vDotH)
  }
}

/// The value where it is positive, otherwise 0.
///
/// By arithmetic: comparisons of one value in several places make the compiler split a kernel's loop
/// into paths, which it then does not vectorise.
@inline(__always)
func positivePart(_ value: Float) -> Float { 0.5 * (value + value.magnitude) }

/// Lambert's cosine, softened where light grazes.
public enum DiffuseLobe {
  /// Reflected light of a white surface under a lamp whose edge blurs over `softness`.
  ///
  /// Between −softness and +softness the clamped cosine becomes a parabola: exactly so for a lamp
  /// that crosses the horizon as a slab, and close to what scattering below skin makes of the
  /// terminator (after the pre-integrated curves of Penner 2011). The blur would add s²/3 of the
  /// light; dividing by 1 + s²/3 keeps a white furnace white. The division is a series, so that the
  /// value errs below, by no more than s⁸/81.
  @inline(__always)
  public static func reflection(nDotL: Float, softness: Float) -> Float {
    let beyond = positivePart(nDotL - softness)
    let edge = positivePart(nDotL + softness) - beyond
    let soft = edge * edge / (4 * softness) + beyond
    let excess = softness * softness * (1 / 3)
    return soft * (1 - excess * (1 - excess * (1 - excess)))
  }
}

/// Light that crosses thin tissue: ears, nose wings.
public enum TransmissionLobe {
  /// How much of each colour survives the way through, relative to the albedo.
  ///
  /// The falloff of separable subsurface scattering (Jimenez et al. 2015): blood takes green and blue.
  static let tint = SIMD3<Float>(1, 0.37, 0.30)

  /// The share of light that leaves on the far side of the thinnest tissue.
  static let greatestShare: Float = 0.5

  /// The share of diffuse light that is transmitted rather than reflected.
  ///
  /// - Parameter translucency: The pass times the material's scale.
  /// - Returns: 0 for thick tissue to `greatestShare`.
  @inline(__always)
  public static func share(translucency: Float) -> Float {
    // Squared: only tissue that is really thin glows, small errors of the pass do not.
    let clamped = min(max(translucency, 0), 1)
    return greatestShare * clamped * clamped
  }
}
