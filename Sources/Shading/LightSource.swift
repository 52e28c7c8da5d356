import Foundation

/// A light reduced to what shading needs: everything that depends on its direction and size alone.
public struct LightSource: Equatable, Sendable {
  /// Unit vector towards the light.
  public let direction: SIMD3<Float>
  /// Unit vector halfway to the camera; constant because the camera is far away.
  let half: SIMD3<Float>
  /// Schlick's angular factor; constant for the same reason.
  let fresnelWeight: Float
  /// Half the lamp's angular diameter, radians.
  let radius: Float
  /// Cosine over which the lamp's disc crosses the horizon.
  let softness: Float
  /// What the disc adds to `alpha²` of the highlight.
  let widening: Float
  /// Whether cavities and the relief throw shadows.
  let castsShadow: Bool
  /// Where it stands and how it is turned, for lamps that are near or oblong.
  let lamp: Lamp?
  /// The same as a factor, 0 or 1.
  var shadowStrength: Float { castsShadow ? 1 : 0 }

  /// A point of light still has this softness, so that the terminator's parabola stays defined.
  static let leastSoftness: Float = 0.01

  /// Takes direction, size and shadow switch of a light; the rest is left to the sum.
  ///
  /// - Parameters:
  ///   - light: The light.
  ///   - pose: Where the axes point that the light's angles are measured from.
  public init(_ light: Light, pose: HeadPose = .frontal) {
    let direction = pose.cameraDirection(
      Direction.vector(
        azimuthDegrees: light.azimuthDegrees, elevationDegrees: light.elevationDegrees))
    let radius = Float(Double(light.sizeDegrees) * .pi / 360)
    self.direction = direction
    self.radius = radius
    half = normalized(direction + SIMD3(0, 0, 1))
    fresnelWeight = Microfacet.fresnelWeight(vDotH: max(half.z, 0))
    softness = max(sin(radius), Self.leastSoftness)
    // A disc of radius σ has slope variance σ²/4 per axis, half the angle at the half vector, and
    // GGX of alpha² matches twice its variance near the peak.
    widening = sin(radius) * sin(radius) / 8
    castsShadow = light.castsShadow
    lamp =
      light.distance < Light.farthest || light.aspect != 1
      ? Lamp(light, direction: direction, radius: radius, pose: pose) : nil
  }

  /// A lamp that is near enough for its direction to vary over the face, or longer than wide.
  struct Lamp: Equatable, Sendable {
    /// Distance from the middle of the face, heads.
    let distance: Float
    /// Place relative to the middle of the face, heads.
    let position: SIMD3<Float>
    /// Unit vectors along its width and its height.
    let across: SIMD3<Float>
    let up: SIMD3<Float>
    /// Sines of half its width and height seen from the middle of the face.
    let radiusAcross: Float
    let radiusUp: Float

    fileprivate init(
      _ light: Light, direction: SIMD3<Float>, radius: Float, pose: HeadPose
    ) {
      distance = light.distance
      position = direction * light.distance
      let level = pose.cameraDirection(
        Direction.vector(azimuthDegrees: light.azimuthDegrees + 90, elevationDegrees: 0))
      let upright = cross(direction, level)
      let roll = Direction.vector(azimuthDegrees: light.rollDegrees, elevationDegrees: 0)
      across = level * roll.z + upright * roll.x
      up = upright * roll.z - level * roll.x
      // A square whose moments are those of the disc, stretched.
      radiusAcross = sin(radius) * light.aspect.squareRoot()
      radiusUp = sin(radius) / light.aspect.squareRoot()
    }

    /// How the lamp is seen from a place, relative to the middle of the face.
    func view(from position: SIMD3<Float>) -> (direction: SIMD3<Float>, growth: Float) {
      let way = self.position - position
      let nearness = 1 / max(dot(way, way), Self.leastDistance * Self.leastDistance).squareRoot()
      return (way * nearness, distance * nearness)
    }

    /// Half the lamp's extent across a direction, radians from the middle of the face.
    func radius(along direction: SIMD3<Float>) -> Float {
      let shareAcross = dot(direction, across)
      let shareUp = dot(direction, up)
      // A trace of both axes decides where the direction points at the lamp.
      let (a, b) = (shareAcross * shareAcross + 1e-4, shareUp * shareUp + 1e-4)
      let square = radiusAcross * radiusAcross * a + radiusUp * radiusUp * b
      return (square / (a + b)).squareRoot()
    }

    /// No place is nearer to a lamp than this, heads.
    private static let leastDistance: Float = 0.1
  }

  /// Linear Rec.709 radiance factor of a light: exposure, temperature and tint.
  public static func color(of light: Light) -> SIMD3<Float> {
    ColorTemperature.color(kelvin: light.kelvin, tint: light.tint) * exp2(light.exposure)
  }

  /// Radiance factor of an environment: its exposure.
  static func color(of environment: EnvironmentSettings) -> SIMD3<Float> {
    SIMD3(repeating: exp2(environment.exposure))
  }
}

/// What one white light of exposure 0 does to one pixel.
public struct LightResponse: Equatable, Sendable {
  /// Diffuse light before the albedo multiplies it.
  public var diffuse: SIMD3<Float>
  /// Specular light, colourless.
  public var specular: Float
}

/// What the environment at exposure 0 does to one pixel.
public struct EnvironmentResponse: Equatable, Sendable {
  /// Diffuse light before the albedo multiplies it.
  public var diffuse: SIMD3<Float>
  /// Specular light.
  public var specular: SIMD3<Float>
}
