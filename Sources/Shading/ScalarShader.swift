/// One pixel in plain code: the reference that the fast kernels are tested against.
public enum ScalarShader {
  /// What a white light of exposure 0 does to a pixel.
  ///
  /// - Parameters:
  ///   - light: Where the light comes from.
  ///   - point: The pixel.
  ///   - visibility: How much of the light the relief lets through.
  ///   - position: Where the pixel lies relative to the middle of the face, heads.
  ///   - layers: Film and fuzz where the material has any.
  /// - Returns: Diffuse and specular light, before albedo and colour.
  public static func response(
    of light: LightSource, at point: SurfacePoint, visibility: Float = 1,
    position: SIMD3<Float> = .zero, layers: SkinLayers? = nil
  ) -> LightResponse {
    guard let lamp = light.lamp else {
      let cosine = dot(point.normal, light.direction)
      return response(
        cosine: cosine, softness: light.softness,
        lobes: lobes(light: light, point: point),
        layerLobes: layerLobes(
          layers, point: point, nDotL: cosine, nDotH: dot(point.normal, light.half),
          fresnelWeight: light.fresnelWeight, widening: light.widening),
        fresnelWeight: light.fresnelWeight, light: light, point: point, visibility: visibility)
    }
    let (direction, growth) = lamp.view(from: position)
    let half = normalized(direction + SIMD3(0, 0, 1))
    let softness = min(
      max(lamp.radius(along: point.normal) * growth, LightSource.leastSoftness), 1)
    let fresnelWeight = Microfacet.fresnelWeight(vDotH: positivePart(half.z))
    let cosine = dot(point.normal, direction)
    let squares = lamp.radiusAcross * lamp.radiusAcross + lamp.radiusUp * lamp.radiusUp
    var result = response(
      cosine: cosine, softness: softness,
      lobes: lobes(lamp: lamp, direction: direction, half: half, growth: growth, point: point),
      // Layers are broad: the mean of the lamp's two extents serves them.
      layerLobes: layerLobes(
        layers, point: point, nDotL: cosine, nDotH: dot(point.normal, half),
        fresnelWeight: fresnelWeight, widening: squares * growth * growth / 16),
      fresnelWeight: fresnelWeight, light: light, point: point, visibility: visibility)
    result.diffuse *= growth * growth
    result.specular *= growth * growth
    return result
  }

  private static func response(
    cosine: Float, softness: Float, lobes: Float, layerLobes: Float, fresnelWeight: Float,
    light: LightSource, point: SurfacePoint, visibility: Float
  ) -> LightResponse {
    let softness = SIMD3(repeating: softness) + point.scatter * TransmissionLobe.tint
    let reflected = SIMD3(
      DiffuseLobe.reflection(nDotL: cosine, softness: softness.x),
      DiffuseLobe.reflection(nDotL: cosine, softness: softness.y),
      DiffuseLobe.reflection(nDotL: cosine, softness: softness.z))
    // What hides the lamp from the front hides it from the back as well: the head is in the way.
    let transmitted = positivePart(-cosine) * visibility * TransmissionLobe.tint
    let visibility =
      visibility * attachedShadow(reflected: reflected.x, point: point, light: light)
    let fresnel = point.f0 + (1 - point.f0) * fresnelWeight
    return LightResponse(
      diffuse: reflected * (visibility * (1 - point.transmitted))
        + transmitted * point.transmitted,
      // A light of exposure 0 brings irradiance π.
      specular: visibility * .pi * positivePart(cosine)
        * (lobes * fresnel * point.specularGain + layerLobes))
  }

  /// D · V · F of film and fuzz.
  private static func layerLobes(
    _ layers: SkinLayers?, point: SurfacePoint, nDotL: Float, nDotH: Float, fresnelWeight: Float,
    widening: Float
  ) -> Float {
    guard let layers else { return 0 }
    let (nDotL, nDotH) = (positivePart(nDotL), positivePart(nDotH))
    return point.coat
      * layers.coat(
        nDotL: nDotL, nDotH: nDotH, nDotV: point.nDotV, fresnelWeight: fresnelWeight,
        widening: widening)
      + point.fuzz * SkinLayers.fuzz(nDotL: nDotL, nDotH: nDotH, nDotV: point.nDotV)
  }

  /// What an environment of exposure 0 does to a pixel that sees all of its lamps.
  public static func response(
    of environment: EnvironmentLight, at point: SurfacePoint
  ) -> EnvironmentResponse {
    let front = environment.diffuse(point.bentNormal)
    let back = environment.diffuse(-point.bentNormal) * TransmissionLobe.tint
    let diffuse = front + (back - front) * point.transmitted
    var result = EnvironmentResponse(
      diffuse: diffuse * point.ambientVisibility,
      specular: environment.reflection(point.normal, skin: point.skin) * point.ambientSpecular)
    for lamp in environment.lamps {
      let share = response(of: lamp.source, at: point)
      result.diffuse += share.diffuse * lamp.color
      result.specular += share.specular * lamp.color
    }
    return result
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

  /// D · V of both lobes, mixed.
  private static func lobes(light: LightSource, point: SurfacePoint) -> Float {
    let nDotL = positivePart(dot(point.normal, light.direction))
    let nDotH = positivePart(dot(point.normal, light.half))
    return mixed(point) { alphaSquared in
      // The lamp's disc widens the distribution only; masking hardly notices it.
      Microfacet.distributionGGX(
        nDotH: nDotH, alphaSquared: alphaSquared + light.widening)
        * Microfacet.visibilitySmith(
          nDotL: nDotL, nDotV: point.nDotV, alphaSquared: alphaSquared)
    }
  }

  /// The same for a lamp that widens the distribution differently along its two axes.
  private static func lobes(
    lamp: LightSource.Lamp, direction: SIMD3<Float>, half: SIMD3<Float>, growth: Float,
    point: SurfacePoint
  ) -> Float {
    let n = point.normal
    let tangent = lamp.across - n * dot(n, lamp.across)
    let size = 1 / max(dot(tangent, tangent), 1e-6).squareRoot()
    let hDotT = dot(half, tangent) * size
    let hDotB = dot(half, cross(n, tangent)) * size
    let (radiusAcross, radiusUp) = (lamp.radiusAcross * growth, lamp.radiusUp * growth)
    return mixed(point) { alphaSquared in
      Microfacet.distributionGGX(
        nDotH: positivePart(dot(n, half)), tDotH: hDotT, bDotH: hDotB,
        alphaSquaredT: alphaSquared + radiusAcross * radiusAcross / 8,
        alphaSquaredB: alphaSquared + radiusUp * radiusUp / 8)
        * Microfacet.visibilitySmith(
          nDotL: positivePart(dot(n, direction)), nDotV: point.nDotV, alphaSquared: alphaSquared)
    }
  }

  private static func mixed(_ point: SurfacePoint, _ lobe: (Float) -> Float) -> Float {
    lobe(point.tightAlphaSquared) * SpecularLobes.tightWeight
      + lobe(point.wideAlphaSquared) * SpecularLobes.wideWeight
  }
}
