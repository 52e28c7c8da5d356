import Foundation
import Imaging
import RenderPasses
import Shading
import TestSupport
import Testing

@Suite struct LightEstimateTests {
  private let extent = ImageExtent(width: 96, height: 96)

  @Test(
    "the lamp that lit a ball is found, shadows and noise or not",
    arguments: [(45, 30), (-60, 10), (10, 60), (-30, -15)] as [(Float, Float)], [0, 0.2] as [Float])
  func keyLamp(place: (azimuth: Float, elevation: Float), spoilt: Float) throws {
    let lit = try ball(under: place, exposure: 0.5, kelvin: 5600, spoilt: spoilt)
    let estimate = try #require(LightEstimate(stack: lit))
    let key = try #require(estimate.rig.lights.first { $0.name == "key" })
    let (found, truth) = (direction(key), direction(place.azimuth, place.elevation))
    let angle = acos(min((found * truth).sum(), 1)) * 180 / .pi
    #expect(angle < 8, "off by \(angle)°: \(key.azimuthDegrees), \(key.elevationDegrees)")
    #expect(abs(key.exposure - 0.5) < 0.35, "exposure \(key.exposure)")
  }

  @Test("warm light is told from cold light", arguments: [3200, 9000] as [Float])
  func color(kelvin: Float) throws {
    let lit = try ball(under: (40, 30), exposure: 0, kelvin: kelvin, spoilt: 0)
    let estimate = try #require(LightEstimate(stack: lit))
    let key = try #require(estimate.rig.lights.first { $0.name == "key" })
    #expect(abs(1e6 / key.kelvin - 1e6 / kelvin) < 30, "\(key.kelvin) K")
  }

  @Test("under its own light a portrait looks as it did")
  func roundTrip() throws {
    let lit = try ball(under: (50, 25), exposure: 0.3, kelvin: 4500, spoilt: 0)
    let estimate = try #require(LightEstimate(stack: lit))
    #expect(estimate.residual < 0.05)
    let again = try rendered(estimate.rig, on: lit)
    var (squares, total, count): (Float, Float, Float) = (0, 0, 0)
    for index in again.samples.indices where lit.subject.samples[index % 9216] > 0 {
      let difference = again.samples[index] - lit.diffuse.samples[index]
      squares += difference * difference
      total += lit.diffuse.samples[index]
      count += 1
    }
    #expect((squares / count).squareRoot() < 0.06 * total / count)
  }

  @Test("without skin there is no estimate")
  func nothing() throws {
    let ball = try SyntheticPortrait.ball(width: 8, height: 8)
    #expect(LightEstimate(stack: ball) == nil)
  }

  private func direction(_ light: Light) -> SIMD3<Float> {
    direction(light.azimuthDegrees, light.elevationDegrees)
  }

  private func direction(_ azimuth: Float, _ elevation: Float) -> SIMD3<Float> {
    Direction.vector(azimuthDegrees: azimuth, elevationDegrees: elevation)
  }

  /// A ball with the diffuse pass of a lamp and a weak fill; a share of the pixels is spoilt.
  private func ball(
    under place: (azimuth: Float, elevation: Float), exposure: Float, kelvin: Float, spoilt: Float
  ) throws -> PassStack {
    var key = Light(name: "key")
    (key.azimuthDegrees, key.elevationDegrees) = place
    (key.exposure, key.kelvin, key.castsShadow) = (exposure, kelvin, false)
    let fill = try Light(parsing: "az=0,el=0,size=90,ev=-3,shadow=off")
    let ball = try SyntheticPortrait.ball(width: extent.width, height: extent.height)
    var rig = LightRig(lights: [key, fill])
    rig.environment.isOn = false
    var diffuse = try rendered(rig, on: ball)
    var generator = SeededGenerator(seed: 8)
    for pixel in 0..<diffuse.pixelCount where Float.random(in: 0..<1, using: &generator) < spoilt {
      let factor = Float.random(in: 0...0.4, using: &generator)
      for channel in 0..<3 { diffuse.samples[channel * diffuse.pixelCount + pixel] *= factor }
    }
    return try PassStack(
      passes: [
        .albedo: ball.albedo, .normal: ball.normal, .specular: ball.specular,
        .translucency: ball.translucency, .ao: ball.ao, .diffuse: diffuse,
      ], skin: ball.skin, subject: ball.subject)
  }

  private func rendered(_ rig: LightRig, on stack: PassStack) throws -> Image {
    var look = Look(rig: rig)
    (look.detail, look.material.specular, look.material.subsurface) = (0, 0, 0)
    for index in look.rig.lights.indices { look.rig.lights[index].castsShadow = false }
    var relighter = Relighter(stack: stack, portrait: nil)
    let image = relighter.render(look: look, environment: nil, size: extent)
    return try #require(image)
  }
}
