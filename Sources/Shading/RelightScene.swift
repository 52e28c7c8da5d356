import Imaging
import RenderPasses

/// What is computed once per portrait, whatever the size of the picture.
struct PortraitPreparation: Sendable {
  let splitSum: SplitSum
  var shadow: CastShadow
}

/// One portrait at one size with everything that can be kept between two renders.
///
/// Light adds up: the response of each light is kept, so that a change of intensity, colour or mute
/// only sums again, and a change of direction shades one light.
struct RelightScene: Sendable {
  let samples: SurfaceSamples
  private var surface: (material: Material, model: ShadingModel, points: PreparedSurface)?
  private var lights: [(source: LightSource, response: Strips)] = []
  private var environment: (key: EnvironmentKey, response: Strips)?
  private var diffusion: (strength: Float, blur: SubsurfaceDiffusion)?

  private struct EnvironmentKey: Equatable {
    let diffuse: SphericalHarmonics
    let rotationDegrees: Float
    let isFlipped: Bool
  }

  init(samples: SurfaceSamples) {
    self.samples = samples
  }

  /// The picture of a look, or nothing when cancelled.
  mutating func picture(
    look: Look, environment map: EnvironmentMap?, portrait: inout PortraitPreparation,
    finish: PictureFinish, isCancelled: () -> Bool
  ) -> Image? {
    let (model, points) = prepare(look.material, splitSum: portrait.splitSum)
    var terms: [LightSum.Term] = []
    var kept: [(source: LightSource, response: Strips)] = []
    for light in look.rig.activeLights {
      if isCancelled() { return nil }
      let source = LightSource(light)
      let response =
        lights.first { $0.source == source }?.response
        ?? TileShader.response(
          of: source, on: points, visibility: visibility(of: source, shadow: &portrait.shadow))
      kept.append((source, response))
      terms.append(.init(response: response, color: LightSource.color(of: light)))
    }
    lights = kept
    if isCancelled() { return nil }
    if let map, look.rig.environment.isOn {
      terms.append(
        environmentTerm(map, settings: look.rig.environment, model: model, points: points))
    }
    var light = LightSum.sum(terms, pixels: samples.pixels.count)
    if isCancelled() { return nil }
    diffuse(&light, strength: look.material.subsurface)
    return finish.picture(light: light, samples: samples, surface: points)
  }

  private mutating func prepare(
    _ material: Material, splitSum: SplitSum
  ) -> (ShadingModel, PreparedSurface) {
    if let surface, surface.material == material { return (surface.model, surface.points) }
    let model = ShadingModel(material: material, splitSum: splitSum)
    let points = PreparedSurface(samples: samples, model: model)
    surface = (material, model, points)
    lights = []
    environment = nil
    return (model, points)
  }

  private func visibility(of source: LightSource, shadow: inout CastShadow) -> Strips? {
    source.castsShadow
      ? shadow.strips(shadow.visibility(of: source), for: samples) : nil
  }

  private mutating func environmentTerm(
    _ map: EnvironmentMap, settings: EnvironmentSettings, model: ShadingModel,
    points: PreparedSurface
  ) -> LightSum.Term {
    let key = EnvironmentKey(
      diffuse: map.diffuse, rotationDegrees: settings.rotationDegrees,
      isFlipped: settings.isFlipped)
    let response: Strips
    if let environment, environment.key == key {
      response = environment.response
    } else {
      let light = EnvironmentLight(map: map, settings: settings, model: model)
      response = TileShader.response(of: light, on: points)
      environment = (key, response)
    }
    return .init(response: response, color: LightSource.color(of: settings))
  }

  private mutating func diffuse(_ light: inout Strips, strength: Float) {
    guard strength > 0 else { return }
    let blur: SubsurfaceDiffusion
    if let diffusion, diffusion.strength == strength {
      blur = diffusion.blur
    } else {
      blur = SubsurfaceDiffusion(samples: samples, strength: strength)
      diffusion = (strength, blur)
    }
    blur.apply(to: &light, pixels: samples.pixels)
  }
}
