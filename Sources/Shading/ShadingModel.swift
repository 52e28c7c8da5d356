import Foundation

/// What the passes say about one pixel.
public struct SurfaceProperties: Equatable, Sendable {
  /// Light-free diffuse reflectance, linear.
  public var albedo = SIMD3<Float>(repeating: 0.5)
  /// Unit normal, +z to the camera.
  public var normal = SIMD3<Float>(0, 0, 1)
  /// Specular pass; F0 is 0.08 times it.
  public var specular: Float = 0.35
  /// Translucency pass: 0 thick, 1 thin.
  public var translucency: Float = 0
  /// Ambient occlusion: 1 open.
  public var ao: Float = 1
  /// Skin matte.
  public var skin: Float = 1
  /// Place between ordinary skin (0) and the shiniest (1).
  public var shine: Float = 0
  /// What takes the normal to the middle of the light that the relief lets in from all around.
  public var bend = SIMD3<Float>.zero

  /// A patch of ordinary skin that faces the camera.
  public init() {}
}

/// One pixel ready for light: everything that depends on passes and material but not on lamps.
public struct SurfacePoint: Equatable, Sendable {
  /// Unit normal after the material's normal strength.
  public var normal: SIMD3<Float>
  /// Clamped cosine to the camera.
  public var nDotV: Float
  /// `alpha²` of the tight specular lobe.
  public var tightAlphaSquared: Float
  /// `alpha²` of the wide specular lobe.
  public var wideAlphaSquared: Float
  /// Reflectance at normal incidence.
  public var f0: Float
  /// Energy compensation for bounces between microfacets.
  public var specularGain: Float
  /// Reciprocal cosine of the open cone around the normal: attached shadows begin outside it.
  public var aperture: Float
  /// Share of diffuse light that is transmitted.
  public var transmitted: Float
  /// Softness of the terminator by scattering below the surface.
  public var scatter: Float
  /// Share of light that the specular lobes leave to the diffuse ones.
  public var diffuseWeight: Float
  /// Reflectance for prefiltered surroundings, specular occlusion included.
  public var ambientSpecular: Float
  /// Ambient occlusion of each colour after bounces.
  public var ambientVisibility: SIMD3<Float>
  /// Unit vector to the middle of the light that comes in from all around.
  public var bentNormal: SIMD3<Float>
  /// Place between the roughness of cloth (0) and of skin (1).
  public var skin: Float
  /// Share under a clear film.
  public var coat: Float
  /// Share covered by fuzz.
  public var fuzz: Float
}

/// How the lobes combine: the one place where energy is split between them.
public struct ShadingModel: Sendable {
  /// What the surface does with light.
  public let material: Material
  let splitSum: SplitSum
  let layers: SkinLayers

  /// A model of one material.
  public init(material: Material, splitSum: SplitSum) {
    self.material = material
    self.splitSum = splitSum
    layers = SkinLayers(coatRoughness: material.coatRoughness)
  }

  /// Hair and clothes are never glossier than this, whatever the skin is.
  static let leastClothRoughness: Float = 0.55
  /// How much of the occlusion stands for cavities too small for the relief.
  static let shareOfFineCavities: Float = 0.15
  /// The widest terminator of thick skin and of the thinnest tissue, as cosines.
  static let scatterOfThickSkin: Float = 0.05
  static let scatterOfThinSkin: Float = 0.25

  /// Roughness outside and inside the skin matte.
  var roughness: (cloth: Float, skin: Float) {
    (max(material.roughness, Self.leastClothRoughness), material.roughness)
  }

  /// By how much the shiniest skin is smoother than the rest, as a share.
  var shine: Float { material.shine * SkinRegions.greatestSmoothing }

  /// Prepares one pixel.
  public func point(_ surface: SurfaceProperties) -> SurfacePoint {
    let strength = material.normalStrength
    let normal = normalized(
      SIMD3(surface.normal.x * strength, surface.normal.y * strength, surface.normal.z))
    // Normals of noisy passes may turn away at the rim; the visibility term needs a positive cosine.
    let nDotV = min(max(normal.z, 0.02), 1)
    let (clothRoughness, skinRoughness) = roughness
    let ownRoughness = skinRoughness * (1 - shine * surface.shine)
    let roughness = clothRoughness + (ownRoughness - clothRoughness) * surface.skin
    let f0 = min(0.08 * surface.specular * material.specular, 1)
    let alphaSquared = SpecularLobes.alphaSquared(roughness: roughness)
    let factors = splitSum.factors(nDotV: nDotV, roughness: roughness)
    let gain = Microfacet.energyCompensation(
      f0: f0, singleScattering: factors.scale + factors.bias)
    let reflectance = min((f0 * factors.scale + factors.bias) * gain, 1)
    let (coat, fuzz) = (material.coat * surface.skin, material.fuzz * surface.skin)
    let layered = layers.albedo(nDotV: nDotV, coat: coat, fuzz: fuzz)
    let ao = 1 - material.aoStrength * (1 - min(max(surface.ao, 0), 1))
    let bent = normal + material.aoStrength * surface.bend
    let bentLength = dot(bent, bent).squareRoot()
    let bentNormal = bentLength > 1e-3 ? bent / bentLength : bent
    let translucency = surface.translucency * material.translucency
    let thinness = min(max(translucency, 0), 1)
    return SurfacePoint(
      normal: normal, nDotV: nDotV,
      tightAlphaSquared: alphaSquared.tight, wideAlphaSquared: alphaSquared.wide, f0: f0,
      specularGain: gain * (1 - layered),
      aperture: Self.aperture(ao: ao),
      transmitted: TransmissionLobe.share(translucency: translucency),
      scatter: min(material.subsurface, 1) * surface.skin
        * (Self.scatterOfThickSkin + Self.scatterOfThinSkin * thinness),
      diffuseWeight: (1 - reflectance) * (1 - layered),
      ambientSpecular: (reflectance * (1 - layered) + layered)
        * Self.openReflection(
          ao: ao, nDotV: nDotV,
          bentDotMirrored: 2 * normal.z * dot(bentNormal, normal) - bentNormal.z,
          roughness: roughness),
      ambientVisibility: Self.multiBounce(ao: ao, albedo: surface.albedo),
      bentNormal: bentNormal,
      skin: surface.skin, coat: coat, fuzz: fuzz)
  }

  /// Cosine-weighted openness as the reciprocal cosine of a cone's edge.
  ///
  /// A cone of half angle θ around the normal has visibility sin²θ, so that cos θ = √(1 − ao):
  /// micro-shadowing of Chan 2018, "Material Advances in Call of Duty: WWII". The relief throws the
  /// larger shadows itself; what is left to the cone is the share below its resolution.
  static func aperture(ao: Float) -> Float {
    1 / max(shareOfFineCavities * (1 - ao), 1e-4).squareRoot()
  }

  /// How much of a lobe around the mirrored view lies in the open cone, relative to an open surface.
  ///
  /// Cones of Jimenez et al. 2016, "Practical Realtime Strategies for Accurate Indirect Occlusion": the
  /// open one has the bent normal as its axis, cos² = 1 − ao at its edge, the lobe's edge lies where
  /// 10^(−α²) is its cosine. Their shared cap is that of Oat & Sander 2007, "Ambient Aperture Lighting".
  static func openReflection(
    ao: Float, nDotV: Float, bentDotMirrored: Float, roughness: Float
  ) -> Float {
    let openCosine = (1 - ao).squareRoot()
    let lobeCosine = exp2(-3.321928 * roughness * roughness * roughness * roughness)
    let (open, lobe) = (acos(openCosine), acos(lobeCosine))
    let distance = acos(min(max(bentDotMirrored, -0.9999), 1))
    let cap = sharedCap(open, lobe, distance: distance) * (1 - max(openCosine, lobeCosine))
    let whole = sharedCap(.pi / 2, lobe, distance: acos(nDotV)) * (1 - lobeCosine)
    return min(cap / max(whole, 1e-6), 1)
  }

  /// Share of the smaller of two caps, given by their angles, inside the other.
  private static func sharedCap(_ a: Float, _ b: Float, distance: Float) -> Float {
    let difference = abs(a - b)
    let share = 1 - min(max((distance - difference) / max(a + b - difference, 1e-4), 0), 1)
    return share * share * (3 - 2 * share)
  }

  /// Occlusion lightened by light that bounces inside the cavity.
  ///
  /// The cubic fit of Jimenez et al. 2016, "Practical Realtime Strategies for Accurate Indirect
  /// Occlusion".
  static func multiBounce(ao: Float, albedo: SIMD3<Float>) -> SIMD3<Float> {
    let a = 2.0404 * albedo - 0.3324
    let b = -4.7951 * albedo + 0.6417
    let c = 2.7552 * albedo + 0.6903
    let lightened = ((ao * a + b) * ao + c) * ao
    return pointwiseMax(lightened, SIMD3(repeating: ao)).clamped(
      lowerBound: .zero, upperBound: SIMD3(repeating: 1))
  }
}
