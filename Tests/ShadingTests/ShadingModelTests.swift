import Imaging
import Shading
import Testing

@Suite struct ShadingModelTests {
  private let splitSum = SplitSum()

  @Test(
    "a white surface in a white furnace is white",
    arguments: [0.3, 0.45, 0.7, 1] as [Float], [0, 30, 60, 75] as [Float])
  func wholeModelFurnace(roughness: Float, tiltDegrees: Float) {
    for translucency: Float in [0, 1] {
      let point = point(roughness: roughness, tilt: tiltDegrees, translucency: translucency)
      var light = Light()
      light.castsShadow = false
      let total = SphereQuadrature.integral(polar: 240, around: 240) { direction in
        let response = ScalarShader.response(of: source(light, towards: direction), at: point)
        return Double(response.diffuse.x * point.diffuseWeight + response.specular)
      }
      // A light of exposure 0 brings irradiance π, a direction of the furnace its solid angle.
      let reflected = total / .pi
      #expect(reflected <= 1.01, "reflects \(reflected) at translucency \(translucency)")
      #expect(reflected >= 0.97, "reflects \(reflected) at translucency \(translucency)")
    }
  }

  @Test(
    "film and fuzz take from the skin what they reflect",
    arguments: [(1, 0, 0.15), (1, 0, 0.3), (1, 0, 0.6), (0, 1, 0.3), (0.5, 0.5, 0.25)]
      as [(Float, Float, Float)], [0, 30, 60, 75] as [Float])
  func layeredFurnace(layers: (coat: Float, fuzz: Float, roughness: Float), tilt: Float) {
    var material = Material()
    (material.coat, material.fuzz, material.coatRoughness) = layers
    material.specular = 1
    var surface = SurfaceProperties()
    surface.albedo = SIMD3(repeating: 1)
    surface.normal = Direction.vector(azimuthDegrees: tilt, elevationDegrees: 0)
    let point = ShadingModel(material: material, splitSum: splitSum).point(surface)
    let tables = SkinLayers(coatRoughness: material.coatRoughness)
    var light = Light()
    light.castsShadow = false
    light.sizeDegrees = 0
    // A narrow peak needs a finer grid.
    let steps = layers.roughness < 0.2 ? 900 : 320
    let total = SphereQuadrature.integral(polar: steps, around: steps) { direction in
      let response = ScalarShader.response(
        of: source(light, towards: direction), at: point, layers: tables)
      return Double(response.diffuse.x * point.diffuseWeight + response.specular)
    }
    #expect(total / .pi < 1.01 && total / .pi > 0.97, "reflects \(total / .pi)")
  }

  @Test("a white surface in a white environment is white", arguments: [0, 40, 70] as [Float])
  func environmentFurnace(tiltDegrees: Float) {
    let white = Image(width: 16, height: 8, channels: 3, encoding: .linear, repeating: 1)
    var material = Material()
    material.roughness = 0.5
    let model = ShadingModel(material: material, splitSum: splitSum)
    let environment = EnvironmentLight(
      map: EnvironmentMap(image: white, isNormalized: false), settings: EnvironmentSettings(),
      model: model)
    let point = point(roughness: 0.5, tilt: tiltDegrees, translucency: 0)
    let response = ScalarShader.response(of: environment, at: point)
    for channel in 0..<3 {
      let reflected = response.diffuse[channel] * point.diffuseWeight + response.specular[channel]
      #expect(abs(reflected - 1) < 0.01, "reflects \(reflected)")
    }
  }

  @Test("specular and AO passes scale what they name")
  func passesMatter() {
    let model = ShadingModel(material: Material(), splitSum: splitSum)
    var surface = SurfaceProperties()
    let open = model.point(surface)
    #expect(abs(open.f0 - 0.028) < 1e-6)
    surface.ao = 0.4
    let closed = model.point(surface)
    #expect(closed.ambientVisibility.x < open.ambientVisibility.x)
    #expect(closed.ambientVisibility.x > 0.4, "light bounces in the cavity")
    #expect(closed.aperture < open.aperture)
    // A narrow cone of light is left: not all of the lobe lies in it.
    surface.ao = 0.1
    #expect(model.point(surface).ambientSpecular < 0.7 * open.ambientSpecular)
    var flat = Material()
    flat.aoStrength = 0
    #expect(ShadingModel(material: flat, splitSum: splitSum).point(surface) != closed)
  }

  @Test("normal strength tilts the normal and keeps it a unit vector")
  func normalStrength() {
    var surface = SurfaceProperties()
    surface.normal = SIMD3(0.6, 0, 0.8)
    var material = Material()
    material.normalStrength = 0
    let flat = ShadingModel(material: material, splitSum: splitSum).point(surface)
    #expect(flat.normal == SIMD3(0, 0, 1))
    material.normalStrength = 2
    let steep = ShadingModel(material: material, splitSum: splitSum).point(surface)
    #expect(steep.normal.x > 0.6)
    #expect(abs((steep.normal * steep.normal).sum() - 1) < 1e-5)
  }

  private func point(roughness: Float, tilt: Float, translucency: Float) -> SurfacePoint {
    var material = Material()
    material.roughness = roughness
    var surface = SurfaceProperties()
    surface.albedo = SIMD3(repeating: 1)
    surface.normal = Direction.vector(azimuthDegrees: tilt, elevationDegrees: 0)
    surface.translucency = translucency
    return ShadingModel(material: material, splitSum: splitSum).point(surface)
  }

  private func source(_ light: Light, towards direction: SIMD3<Float>) -> LightSource {
    var light = light
    light.azimuthDegrees = atan2Degrees(direction.x, direction.z)
    light.elevationDegrees = asinDegrees(direction.y)
    return LightSource(light)
  }
}
