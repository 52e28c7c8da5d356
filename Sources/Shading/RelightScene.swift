import Imaging
import RenderPasses

/// What is computed once per portrait, whatever the size of the picture.
struct PortraitPreparation: Sendable {
  let splitSum: SplitSum
  var shadow: CastShadow
  let bentNormals: BentNormals
  let pose: HeadPose
  let kernels: Kernels

  init(field: DepthField, pose: HeadPose, kernels: Kernels) {
    splitSum = .shared
    var shadow = CastShadow(field: field, kernels: kernels)
    bentNormals = BentNormals(shadow: &shadow)
    self.shadow = shadow
    self.pose = pose
    self.kernels = kernels
  }
}

/// One portrait at one size with everything that can be kept between two renders.
///
/// Light adds up: the response of each light is kept, diffusion below the skin included, so that a
/// change of intensity, colour or mute only sums again, and a change of direction shades one light.
struct RelightScene: Sendable {
  let samples: SurfaceSamples
  /// Shadows of creases, for finished pictures.
  private let contact: ContactShadow?
  private var surface: (material: Material, model: ShadingModel, points: PreparedSurface)?
  private var lights: [(source: LightSource, response: Strips)] = []
  /// Without a key where the response is no longer that of any environment.
  private var environment: (key: EnvironmentKey?, response: Strips)?
  /// Memory of responses that are no longer wanted.
  private var spare: [Strips] = []
  private var diffusion: SubsurfaceDiffusion?
  private var weights: PictureWeights?
  /// Weights of an earlier material, whose memory serves the next ones.
  private var spareWeights: PictureWeights?
  /// The last picture: its background holds for the next one of the same encoding.
  private var canvas: Image?
  /// What lies behind the subject, as it is shown: made for the first preview.
  private var ground: DisplayImage?

  /// What the last preview was summed from.
  private var summed: Summed?

  /// What a picture is finished from.
  private struct Light {
    var terms: [PictureFinish.Term]
    /// What the terms are.
    var parts: [Part]
    var weights: PictureWeights
  }

  /// A source and the colour that its response is added in.
  private struct Part: Equatable {
    /// Nothing for the environment.
    var source: LightSource?
    var environment: EnvironmentKey?
    var color: SIMD3<Float>
  }

  private struct Summed {
    var parts: [Part]
    /// The one part that has changed, and the light of all others.
    var moving: (index: Int, rest: Strips)?
  }

  private struct EnvironmentKey: Equatable {
    let diffuse: SphericalHarmonics
    let rotationDegrees: Float
    let blurDegrees: Float
    let isFlipped: Bool
  }

  init(samples: SurfaceSamples, contact: ContactShadow?) {
    self.samples = samples
    self.contact = contact
  }

  /// The picture of a look.
  ///
  /// - Parameters:
  ///   - look: Rig and material.
  ///   - map: The panorama of the rig's environment.
  ///   - portrait: Gets the horizons of new directions.
  ///   - detail: Share of the photograph's fine structure.
  ///   - development: Gives display light behind the sRGB curve; nothing gives linear scene light.
  ///   - isCancelled: Asked between the steps.
  /// - Returns: Nothing when cancelled.
  mutating func picture(
    look: Look, environment map: EnvironmentMap?, portrait: inout PortraitPreparation,
    detail: Float, development: Development?, isCancelled: () -> Bool
  ) -> Image? {
    guard let light = light(look, map, &portrait, detail, isCancelled) else { return nil }
    var canvas = takeCanvas(encoding: development == nil ? .linear : .sRGB)
    PictureFinish(development: development, kernels: portrait.kernels).paint(
      light.terms, weights: light.weights, samples: samples, onto: &canvas)
    self.canvas = canvas
    return canvas
  }

  /// The picture of a look in 8 bits, without one of floating-point numbers on the way.
  mutating func preview(
    look: Look, environment map: EnvironmentMap?, portrait: inout PortraitPreparation,
    detail: Float, development: Development, isCancelled: () -> Bool
  ) -> DisplayImage? {
    guard let light = light(look, map, &portrait, detail, isCancelled) else { return nil }
    var canvas = ground ?? DisplayImage(samples.background)
    ground = canvas
    let finish = PictureFinish(development: development, kernels: portrait.kernels)
    let (terms, rest) = divide(light, finish)
    finish.paint(terms, rest: rest, weights: light.weights, samples: samples, onto: &canvas)
    return canvas
  }

  /// The terms still to be summed, and the sum of the others while one source is moved: reading
  /// all responses is what finishing a picture waits for.
  private mutating func divide(
    _ light: Light, _ finish: PictureFinish
  ) -> (terms: [PictureFinish.Term], rest: Strips?) {
    let old = summed
    summed = Summed(parts: light.parts)
    guard let old, old.parts.count == light.parts.count, light.parts.count > 1 else {
      return (light.terms, nil)
    }
    let changed = light.parts.indices.filter { light.parts[$0] != old.parts[$0] }
    guard changed.count < 2, let index = changed.first ?? old.moving?.index else {
      return (light.terms, nil)
    }
    var others = light.terms
    let own = others.remove(at: index)
    let known = old.moving?.index == index ? old.moving?.rest : nil
    let rest = known ?? finish.light(of: others, weights: light.weights, samples: samples)
    summed?.moving = (index, rest)
    return ([own], rest)
  }

  /// The light of a look on every pixel; nothing when cancelled.
  private mutating func light(
    _ look: Look, _ map: EnvironmentMap?, _ portrait: inout PortraitPreparation, _ detail: Float,
    _ isCancelled: () -> Bool
  ) -> Light? {
    let (model, points) = prepare(look.material, portrait: portrait)
    let active = look.rig.activeLights
    let pose = look.rig.frame == .head ? portrait.pose : .frontal
    let sources = active.map { LightSource($0, pose: pose) }
    let colors = active.map(LightSource.color)
    guard shade(sources, points, &portrait, isCancelled) else { return nil }
    var (terms, parts): ([PictureFinish.Term], [Part]) = ([], [])
    for (source, color) in zip(sources, colors) {
      guard let response = response(of: source) else { continue }
      terms.append(.init(response: response, color: color))
      parts.append(Part(source: source, color: color))
    }
    if let map, look.rig.environment.isOn {
      let settings = look.rig.environment
      let response = environmentResponse(map, settings, model, points, &portrait)
      let color = LightSource.color(of: settings)
      terms.append(.init(response: response, color: color))
      parts.append(Part(environment: environment?.key, color: color))
    }
    if isCancelled() { return nil }
    return Light(
      terms: terms, parts: parts,
      weights: weights(
        residualLight: look.material.residualLight, detail: detail, points: points))
  }

  private mutating func prepare(
    _ material: Material, portrait: PortraitPreparation
  ) -> (ShadingModel, PreparedSurface) {
    if let surface, surface.material == material { return (surface.model, surface.points) }
    let model = ShadingModel(material: material, splitSum: portrait.splitSum)
    var old = surface?.points
    surface = nil
    // Handed over, or its memory would be copied instead of written to.
    let points = PreparedSurface(
      samples: samples, model: model, kernels: portrait.kernels, memory: old.take())
    surface = (material, model, points)
    if diffusion?.strength != material.subsurface {
      diffusion = SubsurfaceDiffusion(
        samples: samples, strength: material.subsurface, kernels: portrait.kernels)
    }
    spare += lights.map(\.response)
    lights = []
    environment?.key = nil
    spareWeights = weights
    weights = nil
    return (model, points)
  }

  /// Makes sure that every source has a response; false when cancelled.
  private mutating func shade(
    _ sources: [LightSource], _ points: PreparedSurface, _ portrait: inout PortraitPreparation,
    _ isCancelled: () -> Bool
  ) -> Bool {
    spare += lights.filter { !sources.contains($0.source) }.map(\.response)
    lights.removeAll { !sources.contains($0.source) }
    if isCancelled() { return false }
    let fresh = sources.reduce(into: [LightSource]()) { fresh, source in
      if response(of: source) == nil && !fresh.contains(source) { fresh.append(source) }
    }
    if !fresh.isEmpty {
      lights += zip(fresh, responses(of: fresh, points, &portrait)).map { ($0, $1) }
    }
    spare = []
    return true
  }

  private func response(of source: LightSource) -> Strips? {
    lights.first { $0.source == source }?.response
  }

  /// The responses of some lights, shadows and diffusion included.
  private mutating func responses(
    of sources: [LightSource], _ points: PreparedSurface, _ portrait: inout PortraitPreparation
  ) -> [Strips] {
    var responses = sources.map { _ in
      spare.popLast() ?? Strips(lanes: TileShader.lightLanes, pixels: samples.pixels.count)
    }
    let kernels = portrait.kernels
    Occlusion(of: sources, samples: samples, creases: contact, shadow: &portrait.shadow).withView {
      occlusion in
      func shade(_ responses: inout [Strips], _ collector: SubsurfaceDiffusion.Collector?) {
        TileShader.shade(
          &responses, with: sources, on: points, kernels: kernels,
          visibility: { occlusion.visibility(light: $0, strip: $1, $2) },
          positions: { occlusion.positions(strip: $0, $1) },
          finish: { collector?.take(light: $0, strip: $1, response: $2) })
      }
      if diffusion?.apply(to: &responses, shade: shade) == nil { shade(&responses, nil) }
    }
    return responses
  }

  private mutating func environmentResponse(
    _ map: EnvironmentMap, _ settings: EnvironmentSettings, _ model: ShadingModel,
    _ points: PreparedSurface, _ portrait: inout PortraitPreparation
  ) -> Strips {
    let key = EnvironmentKey(
      diffuse: map.diffuse, rotationDegrees: settings.rotationDegrees,
      blurDegrees: settings.blurDegrees, isFlipped: settings.isFlipped)
    if let environment, environment.key == key { return environment.response }
    var responses = [
      environment?.response
        ?? Strips(lanes: TileShader.environmentLanes, pixels: samples.pixels.count)
    ]
    environment = nil
    let light = EnvironmentLight(map: map, settings: settings, model: model)
    let (sources, kernels) = (light.lamps.map(\.source), portrait.kernels)
    Occlusion(of: sources, samples: samples, creases: contact, shadow: &portrait.shadow).withView {
      occlusion in
      func shade(_ responses: inout [Strips], _ collector: SubsurfaceDiffusion.Collector?) {
        TileShader.shade(
          &responses[0], with: light, on: points, kernels: kernels,
          visibility: { occlusion.visibility(light: $0, strip: $1, $2) },
          finish: { collector?.take(light: 0, strip: $0, response: $1) })
      }
      if diffusion?.apply(to: &responses, shade: shade) == nil { shade(&responses, nil) }
    }
    environment = (key, responses[0])
    return responses[0]
  }

  private mutating func weights(
    residualLight: Float, detail: Float, points: PreparedSurface
  ) -> PictureWeights {
    if let weights, weights.residualLight == residualLight, weights.detail == detail {
      return weights
    }
    var old = weights ?? spareWeights
    (weights, spareWeights) = (nil, nil)
    summed = nil
    let fresh = PictureWeights(
      residualLight: residualLight, detail: detail, samples: samples, surface: points,
      memory: old.take())
    weights = fresh
    return fresh
  }

  /// The last picture where nobody else holds it any more, or else the bare background.
  private mutating func takeCanvas(encoding: ColorEncoding) -> Image {
    defer { canvas = nil }
    if let canvas, canvas.encoding == encoding { return canvas }
    return samples.background.converted(to: encoding)
  }
}
