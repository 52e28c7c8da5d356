import Foundation
import Imaging
import RenderPasses
import Shading
import Studio

/// A spot meter: what each light of a look does at one place of a portrait.
struct LightMeter: Sendable {
  private let stack: PassStack
  private var relighter: Relighter

  /// The picture is metered at this extent: a spot is a 128th of its side.
  private static let extent = 128
  /// What meters call middle grey.
  private static let middleGrey: Float = 0.18

  /// Takes the passes of a portrait and the crop they were made from.
  init(stack: PassStack, portrait: Image) {
    let scale = min(Float(Self.extent) / Float(max(stack.width, stack.height)), 1)
    let (width, height) = (
      max(1, Int(Float(stack.width) * scale)), max(1, Int(Float(stack.height) * scale))
    )
    self.stack = stack.resized(width: width, height: height)
    relighter = Relighter(
      stack: self.stack, portrait: portrait.resized(width: width, height: height))
  }

  /// Measures at a point; nil where there is no person.
  mutating func reading(
    at point: MeterPoint, look: Look, environment: EnvironmentMap?
  ) -> MeterReading? {
    let x = min(Int(point.x * Float(stack.width)), stack.width - 1)
    let y = min(Int(point.y * Float(stack.height)), stack.height - 1)
    guard Self.value(of: stack.subject, x, y)[0] > 0.5 else { return nil }
    var contributions = look.rig.activeLights.map { light in
      var alone = look
      alone.rig.lights = [light]
      alone.rig.environment.isOn = false
      return (light.name, luminance(of: alone, environment: nil, x, y))
    }
    if look.rig.environment.isOn, let environment {
      var alone = look
      alone.rig.lights = []
      contributions.append(
        ("environment", luminance(of: alone, environment: environment, x, y)))
    }
    let albedo = Self.value(of: stack.albedo.converted(to: .sRGB), x, y)
    let normal = SIMD3(Self.value(of: stack.normal, x, y))
    return MeterReading(
      contributions: contributions.map { .init(name: $0.0, stops: Self.stops($0.1)) },
      stops: Self.stops(contributions.reduce(0) { $0 + $1.1 }),
      albedo: SIMD3(albedo), normal: Self.angles(normal),
      highlight: highlight(normal, frame: look.rig.frame))
  }

  private mutating func luminance(
    of look: Look, environment: EnvironmentMap?, _ x: Int, _ y: Int
  ) -> Float {
    let picture = relighter.render(look: look, environment: environment, size: stack.albedo.extent)
    guard let picture else { preconditionFailure("nobody cancels a reading") }
    let color = Self.value(of: picture, x, y)
    return (0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]) * exp2(look.exposure)
  }

  /// Where a light stands that the surface mirrors towards the camera: L = 2 (n·v) n − v.
  private func highlight(
    _ n: SIMD3<Float>, frame: LightRig.Frame
  ) -> (azimuth: Float, elevation: Float) {
    let mirrored = SIMD3(2 * n.z * n.x, 2 * n.z * n.y, 2 * n.z * n.z - 1)
    guard frame == .head else { return Self.angles(mirrored) }
    // The head's axes seen by the camera; their transpose leads back into the head's frame.
    func axis(_ azimuth: Float, _ elevation: Float) -> SIMD3<Float> {
      var light = Light()
      (light.azimuthDegrees, light.elevationDegrees) = (azimuth, elevation)
      return LightSource(light, pose: relighter.pose).direction
    }
    let axes = [axis(90, 0), axis(0, 90), axis(0, 0)]
    return Self.angles(SIMD3(axes.map { ($0 * mirrored).sum() }))
  }

  private static func angles(_ v: SIMD3<Float>) -> (azimuth: Float, elevation: Float) {
    let elevation = asin(min(max(v.y, -1), 1))
    return (atan2(v.x, v.z) * 180 / .pi, elevation * 180 / .pi)
  }

  private static func stops(_ luminance: Float) -> Float { log2(max(luminance, 0) / middleGrey) }

  private static func value(of image: Image, _ x: Int, _ y: Int) -> [Float] {
    (0..<image.channels).map { image.samples[($0 * image.height + y) * image.width + x] }
  }
}
