import Decomposition
import FaceAlignment
import Foundation
import Imaging
import NeuralRuntime
import RenderPasses

/// Opens what can be relit: a photograph, which the networks decompose, or passes made earlier.
public struct PortraitOpener: Sendable {
  private let modelsPath: String
  private let threads: Int?
  private let precision: Precision
  private let cache: DecompositionCache?
  private let isBackground: Bool
  private let detector = FaceDetector()

  /// - Parameters:
  ///   - modelsPath: The folder of the weight files.
  ///   - threads: The most threads the networks use; nil for all that the process may use.
  ///   - precision: What the networks' convolutions multiply in.
  ///   - cache: Where earlier decompositions are; nil to run the networks always.
  ///   - isBackground: Whether the networks, and what a first look can do without, leave the processor to
  ///     everything else.
  public init(
    modelsPath: String, threads: Int? = nil, precision: Precision = .automatic,
    cache: DecompositionCache? = nil, isBackground: Bool = false
  ) {
    self.isBackground = isBackground
    self.modelsPath = modelsPath
    self.threads = threads
    self.precision = precision
    self.cache = cache
  }

  /// Opens a photograph, a pass folder or a passes `.exr`.
  ///
  /// What the cache holds comes from there, without progress.
  ///
  /// Passes whose manifest names a photograph that is still there, unchanged, come back with it.
  ///
  /// - Parameters:
  ///   - path: What to open.
  ///   - framing: How the square is chosen in a photograph; passes have theirs.
  ///   - photographRead: Called once with the picture to show meanwhile.
  ///   - coarsePassesMade: Called once with passes of a photograph at a low resolution, when those at the
  ///     full one take longer; before `photographRead` when they come from the cache. Nil not to make any.
  ///   - progress: Called often while the networks run, on another thread.
  ///   - isCancelled: Asked at least every 100 milliseconds until the passes are there.
  /// - Returns: The passes, with the photograph where it is at hand.
  /// - Throws: `ImageFileError`, `DecompositionError`, `PassError`, `StudioRuntimeError.cancelled`.
  public func open(
    path: String, framing: Framing,
    photographRead: (Image) -> Void = { _ in },
    coarsePassesMade: ((FirstImpression) -> Void)? = nil,
    progress: @escaping @Sendable (DecompositionProgress) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> OpenedPortrait {
    var isDirectory: ObjCBool = false
    let isFolder =
      FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && isDirectory.boolValue
    guard isFolder || path.lowercased().hasSuffix(".exr") else {
      return try decompose(
        path: path, framing: framing, photographRead: photographRead,
        coarsePassesMade: coarsePassesMade, progress: progress, isCancelled: isCancelled)
    }
    let opening = Pending {
      let (stack, manifest) = isFolder ? try PassFolder.read(path) : try PassEXR.read(path)
      return OpenedPortrait(
        stack: stack, source: source(of: manifest, extent: stack.width), manifest: manifest,
        cacheKey: nil)
    }
    let portrait = try opening.value(unless: isCancelled)
    photographRead(portrait.source?.photograph ?? portrait.stack.diffuse.converted(to: .sRGB))
    return portrait
  }

  private func decompose(
    path: String, framing: Framing, photographRead: (Image) -> Void,
    coarsePassesMade: ((FirstImpression) -> Void)?,
    progress: @escaping @Sendable (DecompositionProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws -> OpenedPortrait {
    let (detector, modelsPath) = (detector, modelsPath)
    var coarsePassesMade = coarsePassesMade
    let file = try Pending { try PhotographFile(path: path) }.value(unless: isCancelled)
    let statedKey = try Pending { self.statedKey(of: file, framing) }.value(unless: isCancelled)
    // Decoding the photograph takes longer than reading what is known of it.
    if let made = coarsePassesMade, let cache, let statedKey,
      let impression = try Pending({ cache.impression(for: statedKey) }).value(unless: isCancelled)
    {
      made(impression)
      coarsePassesMade = nil
    }
    // The picture of a first look goes before.
    let givesWay = isBackground && coarsePassesMade == nil
    let checking = Pending(isBackground: givesWay) { try ModelBundle(directory: modelsPath) }
    // What the cache has needs no face.
    let isKept = statedKey.flatMap { cache?.contains($0) } ?? false
    if case .automatic = framing, !isKept { detector.preload() }
    let decoding = Pending(isBackground: givesWay) { try file.decoded() }
    // The networks are prepared while the photograph is decoded and the face is looked for.
    let (isBackground, wantsCoarse) = (isBackground, coarsePassesMade != nil)
    func preparing(reduction: Int) -> Pending<PreparedNetworks> {
      Pending(isBackground: isBackground) {
        try self.pipeline(checking.value(unless: isCancelled), reduction: reduction)
          .prepare(isCancelled: isCancelled)
      }
    }
    var prepared = isKept ? nil : preparing(reduction: wantsCoarse ? Self.reduction : 1)
    let photograph = try decoding.value(unless: isCancelled)
    photographRead(photograph.image)
    progress(DecompositionProgress(stage: .align, fractionCompleted: 0, layer: ""))
    // Weights before faces: a bad weight file shows at once, a face takes a second to find.
    let models = try checking.value(unless: isCancelled)
    let key = key(of: file, framing, weights: models.digests)
    // Kept again where only the first look got lost.
    let cacheKey = coarsePassesMade == nil ? nil : key
    if let cached = try Pending({
      self.cached(key, cacheKey: cacheKey, photograph: photograph, path: path)
    }).value(unless: isCancelled) {
      return cached
    }
    let framed = Pending {
      try PreparedPortrait(photograph: photograph, framing: framing, detector: detector)
    }
    func opened(_ stack: PassStack) throws -> OpenedPortrait {
      let portrait = try framed.value(unless: isCancelled)
      return OpenedPortrait(
        stack: stack,
        source: .init(
          photograph: photograph.image, crop: portrait.crop, portrait: portrait.image),
        manifest: PassManifest(
          crop: portrait.crop.storedInManifest, photograph: photograph.image.extent,
          sourcePath: Self.sourcePath(path), sourceDigest: photograph.digest,
          weightDigests: models.digests),
        cacheKey: key)
    }
    if let coarsePassesMade {
      let networks = prepared ?? preparing(reduction: Self.reduction)
      prepared = nil
      let portrait = try framed.value(unless: isCancelled)
      let first = Pending(isBackground: isBackground) {
        let side = PreparedPortrait.extent / Self.reduction
        return try self.pipeline(models, reduction: Self.reduction).decompose(
          portrait.image.resized(width: side, height: side),
          with: networks.value(unless: isCancelled), isCancelled: isCancelled)
      }
      coarsePassesMade(
        FirstImpression(
          stack: try first.value(unless: isCancelled), portrait: portrait.image,
          photograph: photograph.image.extent))
    }
    let networks = prepared ?? preparing(reduction: 1)
    let portrait = try framed.value(unless: isCancelled)
    let decomposing = Pending(isBackground: isBackground) {
      try self.pipeline(models).decompose(
        portrait.image, with: networks.value(unless: isCancelled), progress: progress,
        isCancelled: isCancelled)
    }
    return try opened(decomposing.value(unless: isCancelled))
  }

  /// What the networks' sides are divided by for a first impression.
  private static let reduction = 4

  private func pipeline(
    _ models: ModelBundle, reduction: Int = 1
  ) -> DecompositionPipeline {
    DecompositionPipeline(
      models: models, threads: threads, precision: precision, reduction: reduction)
  }

  /// Keeps a portrait's passes, if the networks have just made them, so that they open at once next time.
  public func remember(_ portrait: OpenedPortrait) {
    guard let cache, let key = portrait.cacheKey else { return }
    if let impression = portrait.firstImpression { cache.store(impression, for: key) }
    cache.store(portrait.stack, portrait.manifest, for: key)
  }

  // MARK: - What is known already

  private func key(
    of file: PhotographFile, _ framing: Framing, weights: [String: String]
  ) -> String {
    DecompositionCache.key(
      photograph: file.digest, framing: framing, weights: weights, precision: precision)
  }

  /// The key by what the weight files say of themselves, unchecked; nil without a cache, or where they cannot
  /// be read, which is told of later.
  private func statedKey(of file: PhotographFile, _ framing: Framing) -> String? {
    guard cache != nil, let weights = try? ModelBundle.statedDigests(in: modelsPath) else {
      return nil
    }
    return key(of: file, framing, weights: weights)
  }

  private func cached(
    _ key: String, cacheKey: String?, photograph: Photograph, path: String
  ) -> OpenedPortrait? {
    guard let (stack, stored) = cache?.passes(for: key), let square = stored.crop else {
      return nil
    }
    var manifest = stored
    // The same picture may lie elsewhere now.
    manifest.sourcePath = Self.sourcePath(path)
    return OpenedPortrait(
      stack: stack, source: .init(photograph, cutOut: square, extent: stack.width),
      manifest: manifest, cacheKey: cacheKey)
  }

  /// How manifests name a photograph.
  private static func sourcePath(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// The photograph that a manifest names; passes are good without, so nothing here is an error.
  private func source(of manifest: PassManifest, extent: Int) -> OpenedPortrait.Source? {
    guard let path = manifest.sourcePath, let stored = manifest.crop,
      let photograph = try? ImageFile.readPhotograph(at: path),
      photograph.digest == manifest.sourceDigest
    else { return nil }
    return .init(photograph, cutOut: stored, extent: extent)
  }
}

extension OpenedPortrait.Source {
  /// Cuts a stored square out of its photograph once more.
  fileprivate init(_ photograph: Photograph, cutOut square: PassManifest.Crop, extent: Int) {
    let crop = FaceCrop(square)
    self.init(
      photograph: photograph.image, crop: crop,
      portrait: crop.extract(from: photograph.image, extent: extent))
  }
}

extension OpenedPortrait {
  /// Writes the passes as a folder, or as one file when the path ends in `.exr`.
  ///
  /// - Parameters:
  ///   - path: What to make or replace.
  ///   - isCancelled: Asked between the files, on several threads.
  /// - Throws: `PassError`.
  public func savePasses(
    to path: String, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(PassError) {
    if path.lowercased().hasSuffix(".exr") {
      try PassEXR.write(stack, manifest, to: path)
    } else {
      try PassFolder.write(stack, manifest, to: path, isCancelled: isCancelled)
    }
  }
}

extension FaceCrop {
  init(_ stored: PassManifest.Crop) {
    self.init(
      centerX: stored.centerX, centerY: stored.centerY, size: stored.size,
      angleDegrees: stored.angleDegrees)
  }

  var storedInManifest: PassManifest.Crop {
    PassManifest.Crop(
      centerX: centerX, centerY: centerY, size: size, angleDegrees: angleDegrees)
  }
}

extension DecompositionStage {
  /// What the stage does, for people.
  public var title: String {
    switch self {
    case .align: "Finding the face"
    case .maginet: "MAGINet: albedo and mattes"
    case .refinement: "RefinementNet: albedo detail"
    case .translator: "PassTranslator: normals, gloss, occlusion"
    }
  }
}
