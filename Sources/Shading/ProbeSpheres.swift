import Foundation
import Imaging

/// What a photographer holds into the light to see it: a mirror ball and a grey ball, the surroundings as
/// a panorama above them.
///
/// The camera is far away, so a mirror shows in each of its points what lies in one direction (Debevec 1998).
public struct ProbeSpheres: Sendable {
  /// A ball's diameter as a share of the quarter of the picture that it stands in.
  public static let share: Float = 0.92
  /// Reflectance of the grey ball: a photographer's grey card.
  static let gray: Float = 0.18
  /// Lamps smaller than this, radians, would be lost between the pixels.
  private static let leastRadius: Float = 0.02
  private static let ground: Float = 0.01

  private let settings: EnvironmentSettings
  private let map: EnvironmentMap?
  private let diffuse: SphericalHarmonics?
  private let lamps: [Lamp]

  /// A light as seen in a mirror and by a white surface.
  private struct Lamp: Sendable {
    let source: LightSource
    /// What a white surface that faces it shows.
    let color: SIMD3<Float>
    let isInPanorama: Bool
  }

  /// The light of a rig.
  ///
  /// - Parameters:
  ///   - rig: Lights and environment.
  ///   - environment: The panorama that the rig's environment names; nothing leaves it dark.
  ///   - pose: Where the axes point that the lights' angles are measured from.
  public init(rig: LightRig, environment: EnvironmentMap?, pose: HeadPose = .frontal) {
    settings = rig.environment
    map = rig.environment.isOn ? environment : nil
    diffuse = map.map { map in
      (rig.environment.isFlipped ? map.diffuse.mirrored : map.diffuse)
        .rotated(azimuthDegrees: rig.environment.rotationDegrees)
        .blurred(rig.environment.blurDegrees * .pi / 180)
    }
    let own = rig.activeLights.map {
      Lamp(
        source: LightSource($0, pose: pose), color: LightSource.color(of: $0), isInPanorama: false)
    }
    let found = (map?.lamps ?? []).map {
      Lamp(source: LightSource($0.light(rig.environment)), color: $0.color, isInPanorama: true)
    }
    lamps = own + found
  }

  /// Renders the probes.
  ///
  /// - Parameters:
  ///   - side: Pixels across and down.
  ///   - exposure: Stops.
  ///   - toneMap: The curve to the display.
  /// - Returns: Three channels, sRGB-encoded.
  public func picture(side: Int, exposure: Float, toneMap: ToneMap) -> Image {
    let count = side * side
    let (factor, tone) = (exp2(exposure), ToneMapping(toneMap))
    let pixels = Parallel.map(count: count) { index in
      tone.display(self.light(column: index % side, row: index / side, side: side) * factor)
    }
    let samples = (0..<3).flatMap { channel in pixels.map { $0[channel] } }
    return Image(
      width: side, height: side, channels: 3, encoding: .linear, samples: samples
    ).converted(to: .sRGB)
  }

  /// Scene light of one pixel.
  private func light(column: Int, row: Int, side: Int) -> SIMD3<Float> {
    let half = max(Float(side) / 2, 0.5)
    let (x, y) = (Float(column) + 0.5, Float(row) + 0.5)
    guard y >= half else {
      return radiance(Direction.vector(u: x / Float(side), v: y / half))
    }
    let isMirror = x < half
    let radius = half / 2 * Self.share
    let across = (x - half / 2 - (isMirror ? 0 : half)) / radius
    let up = (half * 1.5 - y) / radius
    let square = across * across + up * up
    guard square < 1 else { return SIMD3(repeating: Self.ground) }
    let normal = SIMD3(across, up, (1 - square).squareRoot())
    guard isMirror else { return reflected(by: normal) * Self.gray }
    return radiance(
      SIMD3(
        2 * normal.z * normal.x, 2 * normal.z * normal.y, 2 * normal.z * normal.z - 1))
  }

  /// What comes from a direction.
  func radiance(_ direction: SIMD3<Float>) -> SIMD3<Float> {
    var light = SIMD3<Float>.zero
    let isBlurred = settings.blurDegrees > 0
    if let map {
      var source = Direction.rotated(direction, azimuthDegrees: -settings.rotationDegrees)
      if settings.isFlipped { source.x.negate() }
      let surroundings =
        isBlurred
        // A lobe of GGX spreads its reflections by 2α² along an axis.
        ? map.reflection(
          source,
          roughness: min((settings.blurDegrees * .pi / 180 / Float(2).squareRoot()).squareRoot(), 1)
        )
        : map.panorama.sample(source)
      light += surroundings * LightSource.color(of: settings)
    }
    for lamp in lamps where !lamp.isInPanorama || isBlurred {
      let radius = max(lamp.source.radius, Self.leastRadius)
      guard dot(direction, lamp.source.direction) > cos(radius) else { continue }
      let level = lamp.isInPanorama ? LightSource.color(of: settings) : SIMD3(repeating: 1)
      // A disc that lights a white surface to 1 is this bright.
      light += lamp.color * level / (sin(radius) * sin(radius))
    }
    return light
  }

  /// What a white matt surface shows by its normal.
  func reflected(by normal: SIMD3<Float>) -> SIMD3<Float> {
    var light = SIMD3<Float>.zero
    if let diffuse {
      light += pointwiseMax(diffuse.value(normal), .zero) * LightSource.color(of: settings)
    }
    for lamp in lamps {
      let level = lamp.isInPanorama ? LightSource.color(of: settings) : SIMD3(repeating: 1)
      light +=
        lamp.color * level
        * DiffuseLobe.reflection(
          nDotL: dot(normal, lamp.source.direction), softness: lamp.source.softness)
    }
    return light
  }
}
