import Decomposition
import FaceAlignment
import Foundation
import Imaging
import RenderPasses

/// Opens what can be relit: a photograph, which the networks decompose, or passes made earlier.
public struct PortraitOpener: Sendable {
  private let modelsPath: String
  private let threads: Int?

  /// - Parameters:
  ///   - modelsPath: The folder of the weight files.
  ///   - threads: The most threads the networks use; nil for all that the process may use.
  public init(modelsPath: String, threads: Int? = nil) {
    self.modelsPath = modelsPath
    self.threads = threads
  }

  /// Opens a photograph, a pass folder or a passes `.exr`.
  ///
  /// Passes whose manifest names a photograph that is still there, unchanged, come back with it.
  ///
  /// - Parameters:
  ///   - path: What to open.
  ///   - framing: How the square is chosen in a photograph; passes have theirs.
  ///   - photographRead: Called once with the picture to show meanwhile.
  ///   - progress: Called often while the networks run.
  ///   - isCancelled: Asked at least every 100 milliseconds while the networks run.
  /// - Returns: The passes, with the photograph where it is at hand.
  /// - Throws: `ImageFileError`, `DecompositionError`, `PassError`.
  public func open(
    path: String, framing: Framing,
    photographRead: (Image) -> Void = { _ in },
    progress: @escaping @Sendable (DecompositionProgress) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> OpenedPortrait {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    if exists && isFolder.boolValue {
      let (stack, manifest) = try PassFolder.read(path)
      return opened(stack, manifest, photographRead)
    }
    if path.lowercased().hasSuffix(".exr") {
      return opened(try PassEXR.read(path), PassManifest(), photographRead)
    }
    return try decompose(
      path: path, framing: framing, photographRead: photographRead, progress: progress,
      isCancelled: isCancelled)
  }

  private func decompose(
    path: String, framing: Framing, photographRead: (Image) -> Void,
    progress: @escaping @Sendable (DecompositionProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws -> OpenedPortrait {
    let photograph = try ImageFile.readPhotograph(at: path)
    photographRead(photograph.image)
    progress(DecompositionProgress(stage: .align, fractionCompleted: 0, layer: ""))
    // Weights before faces: a bad weight file shows at once, a face takes a second to find.
    let models = try ModelBundle(directory: modelsPath)
    let portrait = try PreparedPortrait(
      photograph: photograph, framing: framing, detector: try FaceDetector())
    let stack = try DecompositionPipeline(models: models, threads: threads).decompose(
      portrait.image, progress: progress, isCancelled: isCancelled)
    return OpenedPortrait(
      stack: stack,
      source: .init(
        photograph: photograph.image, crop: portrait.crop, portrait: portrait.image),
      manifest: PassManifest(
        crop: portrait.crop.storedInManifest, photograph: photograph.image.extent,
        sourcePath: URL(fileURLWithPath: path).standardizedFileURL.path,
        sourceDigest: photograph.digest, weightDigests: models.digests))
  }

  private func opened(
    _ stack: PassStack, _ manifest: PassManifest, _ photographRead: (Image) -> Void
  ) -> OpenedPortrait {
    let source = source(of: manifest, extent: stack.width)
    photographRead(source?.photograph ?? stack.diffuse.converted(to: .sRGB))
    return OpenedPortrait(stack: stack, source: source, manifest: manifest)
  }

  /// The photograph that a manifest names; passes are good without, so nothing here is an error.
  private func source(of manifest: PassManifest, extent: Int) -> OpenedPortrait.Source? {
    guard let path = manifest.sourcePath, let stored = manifest.crop,
      let photograph = try? ImageFile.readPhotograph(at: path),
      photograph.digest == manifest.sourceDigest
    else { return nil }
    let crop = FaceCrop(stored)
    return .init(
      photograph: photograph.image, crop: crop,
      portrait: crop.extract(from: photograph.image, extent: extent))
  }
}

extension OpenedPortrait {
  /// Writes the passes as a folder, or as one file when the path ends in `.exr`.
  ///
  /// - Throws: `PassError`.
  public func savePasses(to path: String) throws(PassError) {
    if path.lowercased().hasSuffix(".exr") {
      try PassEXR.write(stack, to: path)
    } else {
      try PassFolder.write(stack, manifest, to: path)
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
