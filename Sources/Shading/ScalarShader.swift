/// One pixel in plain code: the reference that the fast kernels are tested against.
public enum ScalarShader {
  /// What a white light of exposure 0 does to a pixel.
  ///
  /// - Parameters:
  ///   - light: Where the light comes from.
  ///   - point: The pixel.
  ///   - visibility: How much of the light the relief lets through.
  /// - Returns: Diffuse and specular light, before albedo and colour.
  public static func response(
    of light: LightSource, at point: SurfacePoint, visibility: Float = 1
  ) -> LightResponse {
    let cosine = dot(point.normal, light.direction)
    let softness = SIMD3(repeating: light.softness) + point.scatter * TransmissionLobe.tint
    let reflected = SIMD3(
      DiffuseLobe.reflection(nDotL: cosine, softness: softness.x),
      DiffuseLobe.reflection(nDotL: cosine, softness: softness.y),
      DiffuseLobe.reflection(nDotL: cosine, softness: softness.z))
    let visibility =
      visibility * attachedShadow(reflected: reflected.x, point: point, light: light)
    let transmitted = positivePart(-cosine) * TransmissionLobe.tint
    return LightResponse(
      diffuse: reflected * (visibility * (1 - point.transmitted))
        + transmitted * point.transmitted,
      specular: visibility * specular(light: light, point: point))
  }

  /// What an environment of exposure 0 does to a pixel.
  public static func response(
    of environment: EnvironmentLight, at point: SurfacePoint
  ) -> EnvironmentResponse {
    let front = environment.diffuse(point.normal)
    let back = environment.diffuse(-point.normal) * TransmissionLobe.tint
    let diffuse = front + (back - front) * point.transmitted
    return EnvironmentResponse(
      diffuse: diffuse * point.ambientVisibility,
      specular: environment.reflection(point.normal, skin: point.skin) * point.ambientSpecular)
  }

  /// Light that grazes a cavity does not get in: 1 inside the open cone, squared falloff outside.
  private static func attachedShadow(
    reflected: Float, point: SurfacePoint, light: LightSource
  ) -> Float {
    // What is missing to full reach, 0 inside the cone.
    let missing = positivePart(1 - reflected * point.aperture)
    let reach = 1 - missing
    return 1 + light.shadowStrength * (reach * reach - 1)
  }

  private static func specular(light: LightSource, point: SurfacePoint) -> Float {
    let nDotL = positivePart(dot(point.normal, light.direction))
    let nDotH = positivePart(dot(point.normal, light.half))
    func lobe(_ alphaSquared: Float) -> Float {
      // The lamp's disc widens the distribution only; masking hardly notices it.
      Microfacet.distributionGGX(
        nDotH: nDotH, alphaSquared: alphaSquared + light.widening)
        * Microfacet.visibilitySmith(
          nDotL: nDotL, nDotV: point.nDotV, alphaSquared: alphaSquared)
    }
    let lobes =
      lobe(point.tightAlphaSquared) * SpecularLobes.tightWeight
      + lobe(point.wideAlphaSquared) * SpecularLobes.wideWeight
    let fresnel = point.f0 + (1 - point.f0) * light.fresnelWeight
    // A light of exposure 0 brings irradiance π.
    return .pi * nDotL * lobes * fresnel * point.specularGain
  }
}
