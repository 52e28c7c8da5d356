/// The terms of the microfacet reflectance: GGX distribution, Smith visibility, Schlick Fresnel.
public enum Microfacet {
  /// The least `alpha`: below it single precision loses the peak of the distribution.
  static let minimumAlpha: Float = 0.01

  /// GGX density of microfacet normals.
  ///
  /// Walter et al. 2007, equation 33.
  ///
  /// - Parameters:
  ///   - nDotH: Clamped cosine between normal and half vector.
  ///   - alphaSquared: Square of `alpha = roughness²`.
  /// - Returns: Density per projected area, whose integral times cosine is 1.
  @inline(__always)
  public static func distributionGGX(nDotH: Float, alphaSquared: Float) -> Float {
    let bend = nDotH * nDotH * (alphaSquared - 1) + 1
    return alphaSquared / (.pi * bend * bend)
  }

  /// GGX stretched along two tangents, Burley 2012, "Physically Based Shading at Disney", appendix B.
  ///
  /// - Parameters:
  ///   - nDotH: Clamped cosine between normal and half vector.
  ///   - tDotH: The half vector along the first tangent.
  ///   - bDotH: The half vector along the second tangent.
  ///   - alphaSquaredT: Square of `alpha` along the first tangent.
  ///   - alphaSquaredB: Square of `alpha` along the second tangent.
  /// - Returns: Density per projected area, whose integral times cosine is 1.
  public static func distributionGGX(
    nDotH: Float, tDotH: Float, bDotH: Float, alphaSquaredT: Float, alphaSquaredB: Float
  ) -> Float {
    let bend =
      tDotH * tDotH / alphaSquaredT + bDotH * bDotH / alphaSquaredB + nDotH * nDotH
    return 1 / (.pi * (alphaSquaredT * alphaSquaredB).squareRoot() * bend * bend)
  }

  /// Height-correlated Smith masking and shadowing over 4 · nDotL · nDotV, Heitz 2014.
  @inline(__always)
  public static func visibilitySmith(nDotL: Float, nDotV: Float, alphaSquared: Float) -> Float {
    let masking = nDotL * maskingRoot(cosine: nDotV, alphaSquared: alphaSquared)
    let shadowing = nDotV * maskingRoot(cosine: nDotL, alphaSquared: alphaSquared)
    return 0.5 / (masking + shadowing)
  }

  /// The root in Smith's function, √(α² + (1 − α²) cos²).
  @inline(__always)
  static func maskingRoot(cosine: Float, alphaSquared: Float) -> Float {
    (alphaSquared + (1 - alphaSquared) * cosine * cosine).squareRoot()
  }

  /// Reflectance of a dielectric at an angle, Schlick 1994, with full reflection at grazing angles.
  @inline(__always)
  public static func fresnelSchlick(f0: Float, vDotH: Float) -> Float {
    f0 + (1 - f0) * fresnelWeight(vDotH: vDotH)
  }

  /// The angular part of Schlick's formula, (1 − v·h)⁵.
  @inline(__always)
  static func fresnelWeight(vDotH: Float) -> Float {
    let base = 1 - vDotH
    let squared = base * base
    return squared * squared * base
  }

  /// What light that bounces between microfacets adds to one bounce (Lagarde & Golubev 2018).
  ///
  /// - Parameters:
  ///   - f0: Reflectance at normal incidence.
  ///   - singleScattering: Directional albedo of the lobe with F = 1.
  /// - Returns: The factor of the specular lobe, at least 1.
  @inline(__always)
  public static func energyCompensation(f0: Float, singleScattering: Float) -> Float {
    1 + f0 * (1 / singleScattering - 1)
  }
}
