import Foundation
import Imaging
import RenderPasses
import Shading
import Testing

@Suite struct HeadPoseTests {
  @Test(
    "the turn of an egg with a nose is found",
    arguments: [(0, 0), (12, 0), (-25, 0), (35, 4), (-8, -6), (20, -4)] as [(Float, Float)])
  func turns(yaw: Float, roll: Float) throws {
    let truth = HeadPose(yawDegrees: yaw, pitchDegrees: 0, rollDegrees: roll)
    let (normal, skin) = Self.head(truth)
    let found = try #require(HeadPose(normal: normal, skin: skin))
    #expect(abs(found.yawDegrees - yaw) <= 2.5, "yaw \(found.yawDegrees)")
    #expect(abs(found.rollDegrees - roll) <= 2.5, "roll \(found.rollDegrees)")
  }

  @Test("a nod is found", arguments: [-15, 0, 10] as [Float])
  func nods(pitch: Float) throws {
    let (normal, skin) = Self.head(
      HeadPose(yawDegrees: 10, pitchDegrees: pitch, rollDegrees: 0))
    let (level, levelSkin) = Self.head(HeadPose(yawDegrees: 10, pitchDegrees: 0, rollDegrees: 0))
    let found = try #require(HeadPose(normal: normal, skin: skin))
    let reference = try #require(HeadPose(normal: level, skin: levelSkin))
    // Foreshortening hides part of a nod.
    let nod = found.pitchDegrees - reference.pitchDegrees
    #expect(nod * pitch >= 0 && abs(nod - pitch) <= 0.5 * abs(pitch) + 0.5, "nod of \(nod)")
  }

  @Test("without skin there is no pose")
  func nothing() {
    let (normal, skin) = Self.head(.frontal)
    let none = Image(width: skin.width, height: skin.height, channels: 1, encoding: .data)
    #expect(HeadPose(normal: normal, skin: none) == nil)
  }

  @Test(
    "a rig in the head's frame shines from where the nose points", arguments: [-30, 25] as [Float])
  func rigs(yaw: Float) throws {
    let (normal, skin) = Self.head(HeadPose(yawDegrees: yaw, pitchDegrees: 0, rollDegrees: 0))
    var relighter = Relighter(stack: try Self.passes(normal, skin), portrait: nil)
    let pose = relighter.pose
    #expect(abs(pose.yawDegrees - yaw) <= 2.5 && pose.rollDegrees == 0)
    func picture(_ frame: LightRig.Frame, azimuth: Float, elevation: Float) throws -> Image {
      var light = Light()
      (light.azimuthDegrees, light.elevationDegrees) = (azimuth, elevation)
      var look = Look(rig: LightRig(frame: frame, lights: [light]))
      look.rig.environment.isOn = false
      let rendered = relighter.render(look: look, environment: nil, size: normal.extent)
      return try #require(rendered)
    }
    let fromHead = try picture(.head, azimuth: 0, elevation: 0)
    let fromNose = try picture(
      .camera, azimuth: pose.yawDegrees, elevation: pose.pitchDegrees)
    let fromCamera = try picture(.camera, azimuth: 0, elevation: 0)
    var (same, different): (Float, Float) = (0, 0)
    for index in fromHead.samples.indices {
      same = max(same, abs(fromHead.samples[index] - fromNose.samples[index]))
      different = max(different, abs(fromHead.samples[index] - fromCamera.samples[index]))
    }
    #expect(same < 1e-3, "differs by \(same)")
    #expect(different > 0.1)
  }

  /// Normals and matte of an ellipsoid with a smaller one for a nose, seen by a parallel camera.
  private static func head(_ pose: HeadPose) -> (normal: Image, skin: Image) {
    let size = 160
    var normal = Image(width: size, height: size, channels: 3, encoding: .data)
    var skin = Image(width: size, height: size, channels: 1, encoding: .data)
    let axes = [SIMD3<Float>(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)].map(pose.turned)
    for y in 0..<size {
      for x in 0..<size {
        let px = (Float(x) + 0.5) / Float(size) * 2.4 - 1.2
        let py = 1.2 - (Float(y) + 0.5) / Float(size) * 2.4
        normal[2, x, y] = 1
        guard let hit = surface(px, py, axes) else { continue }
        for axis in 0..<3 { normal[axis, x, y] = hit.normal[axis] }
        // The face: the front of the egg, in the head's own frame.
        let place = hit.place
        let isFace = place.z > 0.25 && abs(place.x) < 0.62 && abs(place.y) < 0.8
        skin[0, x, y] = isFace ? 1 : 0
      }
    }
    return (normal, skin)
  }

  private typealias Hit = (depth: Float, normal: SIMD3<Float>, place: SIMD3<Float>)

  /// The nearest point on a ray along the camera's axis.
  private static func surface(_ x: Float, _ y: Float, _ axes: [SIMD3<Float>]) -> Hit? {
    let egg = ellipsoid(x, y, axes, center: .zero, radii: SIMD3(0.75, 1, 0.9))
    let nose = ellipsoid(
      x, y, axes, center: SIMD3(0, -0.1, 0.85), radii: SIMD3(0.14, 0.3, 0.25))
    return [egg, nose].compactMap { $0 }.max { $0.depth < $1.depth }
  }

  private static func ellipsoid(
    _ x: Float, _ y: Float, _ axes: [SIMD3<Float>], center: SIMD3<Float>, radii: SIMD3<Float>
  ) -> Hit? {
    // Origin and direction of the ray in the head's frame, scaled to a unit ball.
    func local(_ v: SIMD3<Float>) -> SIMD3<Float> {
      SIMD3((v * axes[0]).sum(), (v * axes[1]).sum(), (v * axes[2]).sum())
    }
    let origin = (local(SIMD3(x, y, 0)) - center) / radii
    let direction = local(SIMD3(0, 0, 1)) / radii
    let a = (direction * direction).sum()
    let b = (origin * direction).sum()
    let c = (origin * origin).sum() - 1
    let root = b * b - a * c
    guard root > 0 else { return nil }
    let depth = (-b + root.squareRoot()) / a
    let ball = origin + direction * depth
    let gradient = ball / radii
    var normal = axes[0] * gradient.x + axes[1] * gradient.y + axes[2] * gradient.z
    normal /= (normal * normal).sum().squareRoot()
    return (depth, normal, ball * radii + center)
  }

  private static func passes(_ normal: Image, _ skin: Image) throws -> PassStack {
    let base = try SyntheticPortrait.ball(width: normal.width, height: normal.height)
    return try PassStack(
      passes: [
        .albedo: base.albedo, .normal: normal, .specular: base.specular,
        .translucency: base.translucency, .ao: base.ao, .diffuse: base.diffuse,
      ], skin: skin, subject: skin)
  }
}

extension HeadPose {
  /// A direction of the head's frame turned by the three angles, one after the other.
  fileprivate func turned(_ direction: SIMD3<Float>) -> SIMD3<Float> {
    func radians(_ degrees: Float) -> Float { degrees * .pi / 180 }
    let (cp, sp) = (cos(radians(pitchDegrees)), sin(radians(pitchDegrees)))
    let (cr, sr) = (cos(radians(rollDegrees)), sin(radians(rollDegrees)))
    let (cy, sy) = (cos(radians(yawDegrees)), sin(radians(yawDegrees)))
    // Pitch about +x lifts the nose, roll about +z tilts against the clock, yaw about +y turns.
    let pitched = SIMD3(
      direction.x, direction.y * cp + direction.z * sp, direction.z * cp - direction.y * sp)
    let rolled = SIMD3(
      pitched.x * cr - pitched.y * sr, pitched.x * sr + pitched.y * cr, pitched.z)
    return SIMD3(rolled.x * cy + rolled.z * sy, rolled.y, rolled.z * cy - rolled.x * sy)
  }
}
