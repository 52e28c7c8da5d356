import Imaging
import RenderPasses
import Shading
import Testing

@Suite struct TileShaderTests {
  private static let lights = [
    "az=0,el=0,size=0", "az=60,el=20,size=5", "az=-120,el=35,size=40,shadow=off",
    "az=180,el=0", "az=10,el=-85,size=90", "az=40,el=20,distance=2,size=20",
    "az=-70,el=10,distance=1.2,size=0", "az=-30,el=40,distance=3,aspect=5,roll=30,size=30",
    "az=120,el=0,aspect=0.2,size=60",
  ]
  private static let place = SIMD3<Float>(0.2, -0.3, 0.1)

  @Test(
    "strips of any length equal the reference shader under a light",
    arguments: [(37, 23), (16, 16), (5, 3), (64, 61)], lights)
  func lightParity(size: (Int, Int), lightText: String) throws {
    let surface = try surface(size)
    let source = LightSource(try Light(parsing: lightText))
    for kernels in InstructionSet.allCases.compactMap(Kernels.init) {
      let response = TileShader.response(
        of: source, on: surface.points, position: Self.place, kernels: kernels)
      for pixel in 0..<surface.count {
        let expected = ScalarShader.response(
          of: source, at: surface.points.point(pixel), position: Self.place)
        for channel in 0..<3 {
          expectClose(response[channel, pixel], expected.diffuse[channel])
        }
        expectClose(response[3, pixel], expected.specular)
      }
    }
  }

  @Test("film and fuzz equal the reference shader", arguments: lights)
  func layerParity(lightText: String) throws {
    var material = Material()
    try material.apply(parsing: "coat=0.8,coat-roughness=0.3,fuzz=0.6")
    let surface = try surface((37, 23), material: material)
    let source = LightSource(try Light(parsing: lightText))
    let layers = SkinLayers(coatRoughness: material.coatRoughness)
    for kernels in InstructionSet.allCases.compactMap(Kernels.init) {
      let response = TileShader.response(
        of: source, on: surface.points, position: Self.place, kernels: kernels)
      for pixel in 0..<surface.count {
        let expected = ScalarShader.response(
          of: source, at: surface.points.point(pixel), position: Self.place, layers: layers)
        expectClose(response[0, pixel], expected.diffuse.x)
        expectClose(response[3, pixel], expected.specular)
      }
    }
  }

  @Test("strips equal the reference shader under an environment", arguments: [(37, 23), (16, 16)])
  func environmentParity(size: (Int, Int)) throws {
    let surface = try surface(size)
    var settings = EnvironmentSettings()
    settings.rotationDegrees = 37
    settings.isFlipped = true
    let environment = EnvironmentLight(
      map: EnvironmentMap(image: SyntheticPortrait.photograph(width: 32, height: 16, seed: 5)),
      settings: settings, model: surface.model)
    for kernels in InstructionSet.allCases.compactMap(Kernels.init) {
      let response = TileShader.response(of: environment, on: surface.points, kernels: kernels)
      for pixel in 0..<surface.count {
        let expected = ScalarShader.response(of: environment, at: surface.points.point(pixel))
        for channel in 0..<3 {
          expectClose(response[channel, pixel], expected.diffuse[channel])
          expectClose(response[3 + channel, pixel], expected.specular[channel])
        }
      }
    }
  }

  @Test(
    "strips are prepared as single pixels are", arguments: [(37, 23), (5, 3)],
    [
      "", "roughness=0.1,specular=4,ao=0.5", "roughness=1,normal=2,translucency=2",
      "subsurface=0.3,normal=0,specular=0", "coat=0.7,coat-roughness=0.2,fuzz=0.5,t-zone=1",
    ])
  func preparationParity(size: (Int, Int), materialText: String) throws {
    var material = Material()
    if !materialText.isEmpty { try material.apply(parsing: materialText) }
    let stack = try SyntheticPortrait.noise(width: size.0, height: size.1, seed: 12)
    var samples = SurfaceSamples(stack: stack, photograph: nil, width: size.0, height: size.1)
    var shadow = CastShadow(field: DepthField(stack: stack))
    samples.take(
      BentNormals(shadow: &shadow), lookup: shadow.lookup(width: size.0, height: size.1))
    let model = ShadingModel(material: material, splitSum: SplitSum())
    for kernels in InstructionSet.allCases.compactMap(Kernels.init) {
      let points = PreparedSurface(samples: samples, model: model, kernels: kernels)
      for pixel in samples.pixels.indices {
        let (found, expected) = (points.point(pixel), model.point(samples.properties(pixel)))
        for axis in 0..<3 {
          expectClose(found.normal[axis], expected.normal[axis])
          expectClose(found.ambientVisibility[axis], expected.ambientVisibility[axis])
          expectClose(found.bentNormal[axis], expected.bentNormal[axis])
        }
        expectClose(found.nDotV, expected.nDotV)
        expectClose(found.tightAlphaSquared, expected.tightAlphaSquared)
        expectClose(found.wideAlphaSquared, expected.wideAlphaSquared)
        expectClose(found.f0, expected.f0)
        expectClose(found.specularGain, expected.specularGain)
        expectClose(found.aperture, expected.aperture)
        expectClose(found.transmitted, expected.transmitted)
        expectClose(found.scatter, expected.scatter)
        expectClose(found.diffuseWeight, expected.diffuseWeight)
        expectClose(found.ambientSpecular, expected.ambientSpecular)
        expectClose(found.skin, expected.skin)
        expectClose(found.coat, expected.coat)
        expectClose(found.fuzz, expected.fuzz)
      }
    }
  }

  private func surface(
    _ size: (Int, Int), material: Material = Material()
  ) throws -> (points: PreparedSurface, model: ShadingModel, count: Int) {
    let stack = try SyntheticPortrait.noise(width: size.0, height: size.1, seed: 11)
    let samples = SurfaceSamples(stack: stack, photograph: nil, width: size.0, height: size.1)
    let model = ShadingModel(material: material, splitSum: SplitSum())
    return (PreparedSurface(samples: samples, model: model), model, samples.pixels.count)
  }

  private func expectClose(_ found: Float, _ expected: Float) {
    #expect(abs(found - expected) <= 1e-5 + 1e-4 * abs(expected), "\(found), not \(expected)")
  }
}
