import Foundation
import Imaging
import RenderPasses
import Shading
import Testing

@Suite struct BentNormalTests {
  @Test(
    "bent normals equal rays cast from half a ball on a wall",
    arguments: [
      (20, 0), (-20, 0), (0, 21), (16, -16), (26, 10), (36, 0), (8, 0), (-5, 9), (0, -11),
    ] as [(Int, Int)])
  func rays(place: (right: Int, down: Int)) throws {
    let field = DepthField(
      stack: try SyntheticPortrait.bump(extent: HalfBall.extent, radius: HalfBall.radius))
    var shadow = CastShadow(field: field)
    let bentNormals = BentNormals(shadow: &shadow)
    let index = (48 + place.down) * HalfBall.extent + 48 + place.right
    let point = HalfBall.point(column: 48 + place.right, row: 48 + place.down)
    let expected = HalfBall.cast(from: point.position, normal: point.normal)
    let bent = HalfBall.unit(point.normal + bentNormals.bend(index))
    let angle = acos(min(HalfBall.dot(bent, expected), 1)) * 180 / .pi
    #expect(angle < 4, "off by \(angle)°")
  }

  @Test("a wall sees what lies straight ahead")
  func wall() throws {
    let field = DepthField(stack: try SyntheticPortrait.bump(extent: HalfBall.extent, radius: 0.1))
    var shadow = CastShadow(field: field)
    let bentNormals = BentNormals(shadow: &shadow)
    let middle = 30 * HalfBall.extent + 30
    let bend = bentNormals.bend(middle)
    #expect(HalfBall.dot(bend, bend).squareRoot() < 0.01)
  }

  @Test("surroundings reach what sees them, with an AO pass that hides nothing")
  func surroundings() throws {
    var image = Image(width: 64, height: 32, channels: 3, encoding: .linear, repeating: 0.02)
    for channel in 0..<3 {
      for y in 0..<32 {
        for x in 33..<64 { image[channel, x, y] = 1 }
      }
    }
    var look = Look(rig: LightRig(lights: []))
    look.rig.environment.exposure = 0
    look.detail = 0
    look.material.subsurface = 0
    let stack = try SyntheticPortrait.bump(extent: HalfBall.extent, radius: HalfBall.radius)
    var relighter = Relighter(stack: stack, portrait: nil)
    let rendered = relighter.render(
      look: look, environment: EnvironmentMap(image: image), size: stack.albedo.extent)
    let picture = try #require(rendered)
    let (behind, before, far) = (picture[0, 28, 48], picture[0, 68, 48], picture[0, 10, 10])
    #expect(behind < 0.85 * far, "\(behind) beside \(far)")
    #expect(before > 1.1 * behind, "\(before) beside \(behind)")
  }
}
