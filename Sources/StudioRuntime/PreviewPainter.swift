import Imaging
import RenderPasses
import Shading
import Studio

/// Paints what the viewport shows: one of the passes, the photograph or the relit picture.
struct PreviewPainter: Sendable {
  private let photograph: Image
  private let stack: PassStack?
  private var relighter: Relighter?
  private var meter: LightMeter?
  private var relief: ReliefView?
  /// The one extent that is shaded, whatever the picture's; nil for that of the picture.
  private let shadedExtent: ImageExtent?
  /// The last picture of the look that is compared with.
  private var reference: (look: Look, extent: ImageExtent, picture: Image)?

  /// A painter for a photograph whose passes are not there yet.
  init(photograph: Image) {
    self.photograph = photograph
    stack = nil
    shadedExtent = nil
  }

  /// A painter for a decomposed portrait.
  init(portrait: OpenedPortrait) {
    stack = portrait.stack
    // Without a photograph the raw diffuse pass is the nearest thing to one.
    photograph = portrait.source?.portrait ?? portrait.stack.diffuse.converted(to: .sRGB)
    relighter = Relighter(stack: portrait.stack, portrait: portrait.source?.portrait)
    shadedExtent = nil
  }

  /// A painter for a first look, which is quick and lacks shadows.
  init(impression: FirstImpression) {
    stack = impression.stack
    photograph = impression.portrait.converted(to: .sRGB)
    relighter = Relighter(
      stack: impression.stack, portrait: impression.portrait, shadows: .none)
    // Resampling one picture is quicker than resampling all passes.
    let extent = impression.stack.albedo.extent
    shadedExtent = impression.portrait.extent == extent ? extent : nil
  }

  /// The panoramas that a request needs.
  struct Environments {
    /// That of the look on show.
    var shown: EnvironmentMap?
    /// That of the look compared with.
    var reference: EnvironmentMap?
  }

  /// The picture of a request, no larger than the limit; nil when cancelled.
  mutating func paint(
    _ request: PreviewRequest, limit: ImageExtent, environments: Environments,
    isCancelled: () -> Bool
  ) -> DisplayImage? {
    let room =
      request.comparison == .sideBySide
      ? ImageExtent(width: max(1, limit.width / 2), height: limit.height) : limit
    if request.view == .probes { return probes(request, limit, environments.shown) }
    let size = photograph.extent.fitted(into: room)
    if request.isPlainPortrait, relighter != nil, size == shadedExtent ?? size {
      return relighter?.preview(
        look: request.look, environment: environments.shown, size: size, isCancelled: isCancelled)
    }
    guard var shown = view(request, size, environments.shown, isCancelled) else { return nil }
    if let point = request.meter {
      let region = request.region
      shown.mark(
        x: (point.x - region.x) / region.side, y: (point.y - region.y) / region.side)
    }
    guard request.comparison != .off else { return DisplayImage(shown) }
    guard let other = otherSide(request, size, environments.reference, isCancelled) else {
      return nil
    }
    if case .wipe(let edge) = request.comparison {
      return DisplayImage(shown.wiped(by: other, edge: edge))
    }
    return DisplayImage(other.beside(shown))
  }

  /// What the meter of a request says; nil without a meter or a person under it.
  mutating func measure(
    _ request: PreviewRequest, environment: EnvironmentMap?
  ) -> MeterReading? {
    guard let point = request.meter, let stack else { return nil }
    var meter = meter ?? LightMeter(stack: stack, portrait: photograph)
    defer { self.meter = meter }
    return meter.reading(at: point, look: request.look, environment: environment)
  }

  // MARK: - Views

  /// Mirror ball, grey ball and panorama, as large a square as there is room for.
  private func probes(
    _ request: PreviewRequest, _ limit: ImageExtent, _ environment: EnvironmentMap?
  ) -> DisplayImage {
    let rig = request.look.rig
    let pose = rig.frame == .head ? relighter?.pose ?? .frontal : .frontal
    return DisplayImage(
      ProbeSpheres(rig: rig, environment: environment, pose: pose).picture(
        side: max(1, min(limit.width, limit.height)), exposure: request.look.exposure,
        toneMap: request.look.toneMap))
  }

  /// What is set against the view: the photograph, or another look.
  private mutating func otherSide(
    _ request: PreviewRequest, _ size: ImageExtent, _ environment: EnvironmentMap?,
    _ isCancelled: () -> Bool
  ) -> Image? {
    guard let look = request.reference else {
      return photograph.showing(request.region, size: size)
    }
    let extent = fullExtent(of: request.region, size: size)
    if let reference, reference.look == look, reference.extent == extent {
      return reference.picture.showing(request.region, size: size)
    }
    let picture = relighter?.display(
      look: look, environment: environment, size: extent, isCancelled: isCancelled)
    guard let picture else { return nil }
    reference = (look, extent, picture)
    return picture.showing(request.region, size: size)
  }

  /// The extent of the whole picture of which a region fills `size`, no finer than the passes.
  private func fullExtent(of region: PictureRegion, size: ImageExtent) -> ImageExtent {
    if let shadedExtent { return shadedExtent }
    guard region != .whole, let native = relighter?.extent else { return size }
    return ImageExtent(
      width: min(Int(Float(size.width) / region.side), max(native.width, size.width)),
      height: min(Int(Float(size.height) / region.side), max(native.height, size.height)))
  }

  /// Three channels, sRGB-encoded, of exactly `size`.
  private mutating func view(
    _ request: PreviewRequest, _ size: ImageExtent, _ environment: EnvironmentMap?,
    _ isCancelled: () -> Bool
  ) -> Image? {
    let region = request.region
    guard let stack else { return photograph.showing(region, size: size) }
    switch request.view {
    case .photograph, .probes: return photograph.showing(region, size: size)
    case .relit, .light, .falseColor, .zebra:
      let extent = fullExtent(of: region, size: size)
      let picture = relighter?.display(
        look: request.look, environment: environment, size: extent, isCancelled: isCancelled
      )?.showing(region, size: size)
      return request.view == .zebra ? picture?.withZebra : picture
    case .skin: return stack.skin.showing(region, size: size).shownAsGray
    case .subject: return stack.subject.showing(region, size: size).shownAsGray
    case .depth, .shadow:
      var relief = relief ?? ReliefView(stack: stack)
      defer { self.relief = relief }
      let shadowed = request.light.map { light in
        LightSource(
          light, pose: request.look.rig.frame == .head ? relighter?.pose ?? .frontal : .frontal)
      }
      return (request.view == .depth ? relief.depth : relief.shadow(of: shadowed))
        .showing(region, size: size).shownAsGray
    case .albedo, .normal, .specular, .translucency, .diffuse, .ao:
      guard let kind = request.view.pass else { return nil }
      let pass = stack[kind].showing(region, size: size)
      switch kind.storage {
      case .sRGB: return pass.converted(to: .sRGB).clamped(to: 0...1)
      case .signed: return pass.normalizedVectors().shownAsColor
      case .linear: return pass.shownAsGray
      }
    }
  }
}

extension PreviewRequest {
  /// Whether the whole relit portrait is all that shows: nothing is drawn into it or set beside it.
  fileprivate var isPlainPortrait: Bool {
    switch view {
    case .relit, .light, .falseColor: region == .whole && comparison == .off && meter == nil
    default: false
    }
  }
}
