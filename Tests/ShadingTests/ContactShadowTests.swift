import Foundation
import Imaging
import RenderPasses
import Shading
import Testing

/// Shadows that are too small for the relief's grid.
@Suite struct ContactShadowTests {
  /// A ridge of a few pixels in a large picture: a cosine hill across row 256, whose slopes are known.
  private static let extent = 512
  private static let halfWidth: Float = 2.5
  private static let height: Float = 3

  @Test("a ridge shades as far as geometry says", arguments: [20, 30] as [Float])
  func ridge(elevation: Float) throws {
    // Light from above in the picture: shadows fall downwards in the picture from the crest at row 256.
    let source = "az=0,el=\(90 - elevation),size=0"
    let open = try light(source + ",shadow=off", shadows: .cast)
    let coarse = try light(source, shadows: .cast)
    let fine = try light(source, shadows: .castAndContact)
    let tangent = tan(elevation * .pi / 180)
    var (dark, bright, missed) = (0, 0, 0)
    for row in 258..<275 where open[0, 256, row] > 0.05 {
      // The steepest way from here up to the hill.
      let here = depth(Float(row))
      let steepest =
        stride(from: Float(1), through: 18, by: 0.25).map {
          (depth(Float(row) - $0) - here) / $0
        }.max() ?? 0
      let share = fine[0, 256, row] / open[0, 256, row]
      if steepest > 1.35 * tangent {
        dark += 1
        if coarse[0, 256, row] > 0.5 * open[0, 256, row] { missed += 1 }
        #expect(share < 0.5, "row \(row): \(share)")
      } else if steepest < 0.6 * tangent {
        bright += 1
        #expect(share > 0.9, "row \(row): \(share)")
      }
    }
    #expect(dark > 0 && bright > 3 && missed > 0)
    #expect(fine[0, 256, 40] == coarse[0, 256, 40])
  }

  private func depth(_ row: Float) -> Float {
    let distance = (row - 256) / Self.halfWidth
    return abs(distance) < 1 ? Self.height * (1 + cos(.pi * distance)) / 2 : 0
  }

  /// The wall with the ridge under one light, as irradiance over albedo.
  private func light(_ text: String, shadows: Relighter.Shadows) throws -> Image {
    let extent = Self.extent
    var normal = Image(width: extent, height: extent, channels: 3, encoding: .data)
    for y in 0..<extent {
      let slope = depth(Float(y) + 0.5) - depth(Float(y) - 0.5)
      let length = (1 + slope * slope).squareRoot()
      for x in 0..<extent {
        normal[1, x, y] = slope / length
        normal[2, x, y] = 1 / length
      }
    }
    func constant(_ value: Float, _ channels: Int, _ encoding: ColorEncoding) -> Image {
      Image(
        width: extent, height: extent, channels: channels, encoding: encoding, repeating: value)
    }
    let stack = try PassStack(
      passes: [
        .albedo: constant(0.5, 3, .linear), .normal: normal, .specular: constant(0, 1, .data),
        .translucency: constant(0, 1, .data), .ao: constant(1, 1, .data),
        .diffuse: constant(0.5, 3, .linear),
      ], skin: constant(1, 1, .data), subject: constant(1, 1, .data))
    var look = Look(rig: LightRig(lights: [try Light(parsing: text)]))
    look.rig.environment.isOn = false
    look.material.subsurface = 0
    look.material.specular = 0
    look.detail = 0
    var relighter = Relighter(
      stack: stack, portrait: nil, shadows: shadows)
    let image = relighter.render(look: look, environment: nil, size: stack.albedo.extent)
    return try #require(image)
  }
}
