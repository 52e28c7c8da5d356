import Imaging
import RenderPasses

/// A portrait that can be rendered under any look, fast when little has changed since the last one.
///
/// Keep one value per portrait and let one task at a time render with it: what it has computed is
/// kept inside, for the last two sizes (a draft and a final one).
public struct Relighter: Sendable {
  private let stack: PassStack
  private let photograph: Image?
  private let shadows: Shadows
  private let kernels: Kernels
  /// Where the head looks: what rigs in the head's frame are turned by.
  public let pose: HeadPose
  /// Made with the first picture.
  private var preparation: PortraitPreparation?
  private var scenes: [RelightScene] = []

  private static let keptSizes = 2

  /// Which shadows a portrait throws on itself.
  public enum Shadows: Sendable {
    /// None, for a first impression: the relief is not even computed.
    case none
    /// Those of the relief.
    case cast
    /// Those of the relief and of creases, for finished pictures.
    case castAndContact
  }

  /// Takes the passes and, for detail and background, the crop they were made from.
  ///
  /// - Parameters:
  ///   - stack: The passes of a portrait.
  ///   - portrait: The same crop of the photograph, 3 channels, sRGB or linear. Without it there is
  ///     no detail to keep and the background is black.
  ///   - shadows: Which shadows to throw.
  public init(stack: PassStack, portrait: Image?, shadows: Shadows = .cast) {
    self.init(stack: stack, portrait: portrait, shadows: shadows, kernels: .best)
  }

  /// The same for one instruction set.
  package init(
    stack: PassStack, portrait: Image?, shadows: Shadows = .cast, kernels: Kernels
  ) {
    self.stack = stack
    self.shadows = shadows
    photograph = portrait?.converted(to: .linear)
    self.kernels = kernels
    pose = HeadPose(normal: stack.normal, skin: stack.skin) ?? .frontal
  }

  /// Width and height of the passes: the size of a final render.
  public var extent: ImageExtent { stack.albedo.extent }

  /// Renders scene light: linear, unbounded, before exposure and tone map.
  ///
  /// - Parameters:
  ///   - look: Rig, material, detail.
  ///   - environment: The panorama that the rig's environment names; nothing leaves it dark.
  ///   - size: Width and height of the picture.
  ///   - isCancelled: Asked between the steps.
  /// - Returns: The picture, or nothing when cancelled.
  public mutating func render(
    look: Look, environment: EnvironmentMap?, size: ImageExtent,
    isCancelled: () -> Bool = { false }
  ) -> Image? {
    picture(look, environment, size, development: nil, isCancelled)
  }

  /// Renders the picture as it is shown and saved: exposed, tone mapped, sRGB-encoded.
  ///
  /// The background is the photograph's, untouched by exposure and tone map.
  ///
  /// - Parameters:
  ///   - look: Rig, material, detail, exposure, tone map.
  ///   - environment: The panorama that the rig's environment names; nothing leaves it dark.
  ///   - size: Width and height of the picture.
  ///   - isCancelled: Asked between the steps.
  /// - Returns: The picture, or nothing when cancelled.
  public mutating func display(
    look: Look, environment: EnvironmentMap?, size: ImageExtent,
    isCancelled: () -> Bool = { false }
  ) -> Image? {
    let development = Development(exposure: look.exposure, toneMap: look.toneMap)
    return picture(look, environment, size, development: development, isCancelled)
  }

  /// The same picture in 8 bits, as terminals take it.
  ///
  /// - Parameters:
  ///   - look: Rig, material, detail, exposure, tone map.
  ///   - environment: The panorama that the rig's environment names; nothing leaves it dark.
  ///   - size: Width and height of the picture.
  ///   - isCancelled: Asked between the steps.
  /// - Returns: The picture, or nothing when cancelled.
  public mutating func preview(
    look: Look, environment: EnvironmentMap?, size: ImageExtent,
    isCancelled: () -> Bool = { false }
  ) -> DisplayImage? {
    let development = Development(exposure: look.exposure, toneMap: look.toneMap)
    return withScene(size, look, isCancelled) { scene, portrait, detail in
      scene.preview(
        look: look, environment: environment, portrait: &portrait, detail: detail,
        development: development, isCancelled: isCancelled)
    }
  }

  private mutating func picture(
    _ look: Look, _ environment: EnvironmentMap?, _ size: ImageExtent,
    development: Development?, _ isCancelled: () -> Bool
  ) -> Image? {
    withScene(size, look, isCancelled) { scene, portrait, detail in
      scene.picture(
        look: look, environment: environment, portrait: &portrait, detail: detail,
        development: development, isCancelled: isCancelled)
    }
  }

  /// Lets `body` paint with the scene of a size, unless cancelled.
  private mutating func withScene<Picture>(
    _ size: ImageExtent, _ look: Look, _ isCancelled: () -> Bool,
    _ body: (inout RelightScene, inout PortraitPreparation, _ detail: Float) -> Picture?
  ) -> Picture? {
    var (scene, portrait) = takeScene(size)
    // Put back whatever happens: a cancelled render has still prepared something.
    defer {
      scenes.append(scene)
      preparation = portrait
    }
    return isCancelled() ? nil : body(&scene, &portrait, photograph == nil ? 0 : look.detail)
  }

  /// The scene of a size and the portrait's relief, taken out so that their buffers have one owner.
  private mutating func takeScene(_ size: ImageExtent) -> (RelightScene, PortraitPreparation) {
    let isWanted = { (scene: RelightScene) in
      scene.samples.width == size.width && scene.samples.height == size.height
    }
    if let index = scenes.firstIndex(where: isWanted), let preparation {
      self.preparation = nil
      return (scenes.remove(at: index), preparation)
    }
    if scenes.count >= Self.keptSizes { scenes.removeFirst() }
    let known = preparation
    preparation = nil
    var ((samples, contact), fresh) = Parallel.both(
      { [stack, photograph, shadows, kernels] in
        let samples = SurfaceSamples(
          stack: stack, photograph: photograph, width: size.width, height: size.height)
        let contact =
          shadows == .castAndContact
          ? ContactShadow(
            normal: stack.normal.resized(width: size.width, height: size.height),
            subject: stack.subject.resized(width: size.width, height: size.height),
            kernels: kernels) : nil
        return (samples, contact)
      },
      { [stack, shadows, kernels, pose] in
        known
          ?? PortraitPreparation(
            field: shadows == .none ? .plane : DepthField(stack: stack), pose: pose,
            kernels: kernels)
      })
    samples.take(
      fresh.bentNormals, lookup: fresh.shadow.lookup(width: size.width, height: size.height))
    return (RelightScene(samples: samples, contact: contact), fresh)
  }
}
