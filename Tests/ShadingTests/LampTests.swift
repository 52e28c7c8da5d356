import Foundation
import Imaging
import RenderPasses
import Shading
import Testing

/// Lamps that stand near or are longer than wide.
@Suite struct LampTests {
  private let model = ShadingModel(material: Material(), splitSum: SplitSum())

  @Test("light falls off by the square of the distance", arguments: [1, 1.5, 3] as [Float])
  func falloff(distance: Float) throws {
    let lamp = LightSource(try Light(parsing: "az=0,el=0,size=0,distance=2,shadow=off"))
    let point = model.point(SurfaceProperties())
    let middle = ScalarShader.response(of: lamp, at: point).diffuse.x
    let place = SIMD3<Float>(0, 0, 2 - distance)
    let there = ScalarShader.response(of: lamp, at: point, position: place).diffuse.x
    #expect(abs(there / middle - 4 / (distance * distance)) < 1e-3)
  }

  @Test(
    "a round lamp far away is a lamp from one direction",
    arguments: ["az=40,el=30,size=20", "az=-100,el=-10,size=3"])
  func farAway(text: String) throws {
    let far = LightSource(try Light(parsing: text))
    let near = LightSource(try Light(parsing: text + ",distance=19.999"))
    for tilt in stride(from: Float(-80), through: 80, by: 10) {
      var surface = SurfaceProperties()
      surface.normal = Direction.vector(azimuthDegrees: tilt, elevationDegrees: tilt / 3)
      let point = model.point(surface)
      let (a, b) = (
        ScalarShader.response(of: far, at: point), ScalarShader.response(of: near, at: point)
      )
      for channel in 0..<3 { #expect(abs(a.diffuse[channel] - b.diffuse[channel]) < 1e-4) }
      #expect(abs(a.specular - b.specular) < 1e-4 + 1e-3 * a.specular)
    }
  }

  @Test("turned by a right angle, a wide lamp is an upright one")
  func roll() throws {
    let wide = LightSource(try Light(parsing: "az=0,el=0,size=30,aspect=4,roll=90"))
    let upright = LightSource(try Light(parsing: "az=0,el=0,size=30,aspect=0.25"))
    for tilt in stride(from: Float(-60), through: 60, by: 15) {
      var surface = SurfaceProperties()
      surface.normal = Direction.vector(azimuthDegrees: tilt, elevationDegrees: 0)
      let point = model.point(surface)
      let (a, b) = (
        ScalarShader.response(of: wide, at: point), ScalarShader.response(of: upright, at: point)
      )
      #expect(abs(a.specular - b.specular) < 1e-4 + 1e-3 * a.specular)
      #expect(abs(a.diffuse.x - b.diffuse.x) < 1e-4)
    }
  }

  @Test("a wide lamp's highlight is wider than high")
  func highlight() throws {
    let lamp = LightSource(try Light(parsing: "az=0,el=0,size=40,aspect=6,shadow=off"))
    func gloss(_ azimuth: Float, _ elevation: Float) -> Float {
      var surface = SurfaceProperties()
      surface.normal = Direction.vector(azimuthDegrees: azimuth, elevationDegrees: elevation)
      return ScalarShader.response(of: lamp, at: model.point(surface)).specular
    }
    #expect(gloss(15, 0) > 1.5 * gloss(0, 15))
    #expect(gloss(0, 0) > gloss(15, 0))
  }

  @Test(
    "a stretched distribution's projected area is 1",
    arguments: [(0.1, 0.4), (0.3, 0.3), (0.05, 0.9)] as [(Float, Float)])
  func distribution(alpha: (Float, Float)) {
    let area = SphereQuadrature.integral(polar: 800, around: 480) { h in
      guard h.z > 0 else { return 0 }
      return Double(
        h.z
          * Microfacet.distributionGGX(
            nDotH: h.z, tDotH: h.x, bDotH: h.y, alphaSquaredT: alpha.0 * alpha.0,
            alphaSquaredB: alpha.1 * alpha.1))
    }
    #expect(abs(area - 1) < 0.01, "\(area)")
  }

  @Test(
    "under lamps of one shape from all sides a white surface is white",
    arguments: [1, 4] as [Float], [0, 40, 70] as [Float])
  func furnace(aspect: Float, tilt: Float) throws {
    var surface = SurfaceProperties()
    surface.albedo = SIMD3(repeating: 1)
    surface.normal = Direction.vector(azimuthDegrees: tilt, elevationDegrees: 0)
    let point = model.point(surface)
    var light = Light()
    light.castsShadow = false
    light.sizeDegrees = 15
    light.aspect = aspect
    let total = SphereQuadrature.integral(polar: 200, around: 200) { direction in
      light.azimuthDegrees = atan2Degrees(direction.x, direction.z)
      light.elevationDegrees = asinDegrees(direction.y)
      let response = ScalarShader.response(of: LightSource(light), at: point)
      return Double(response.diffuse.x * point.diffuseWeight + response.specular)
    }
    #expect(total / .pi < 1.01 && total / .pi > 0.97, "reflects \(total / .pi)")
  }

  @Test("each point is shaded as by a far light from where it sees the lamp")
  func nearShadows() throws {
    let field = DepthField(stack: try SyntheticPortrait.bump(extent: 96, radius: 16))
    var shadow = CastShadow(field: field)
    let near = shadow.visibility(
      of: LightSource(try Light(parsing: "az=70,el=10,distance=1,size=2")))
    let place = Direction.vector(azimuthDegrees: 70, elevationDegrees: 10)
    var shaded = 0
    for index in stride(from: 5, to: near.count, by: 397) {
      let way = place - field.position(index)
      let direction = way / (way * way).sum().squareRoot()
      var light = Light()
      light.sizeDegrees = 2
      light.azimuthDegrees = atan2Degrees(direction.x, direction.z)
      light.elevationDegrees = asinDegrees(direction.y)
      let far = shadow.visibility(of: LightSource(light))
      #expect(abs(near[index] - far[index]) < 0.02)
      if far[index] < 0.5 { shaded += 1 }
    }
    #expect(shaded > 0)
  }
}
