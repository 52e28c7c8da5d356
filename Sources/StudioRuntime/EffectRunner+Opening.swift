import FaceAlignment
import Foundation
import Imaging
import Studio

extension EffectRunner {
  // MARK: - Portraits

  /// Reads and decomposes a portrait; what was being decomposed is given up.
  func open(_ request: OpenRequest) {
    let cancellation = CancellationFlag()
    document.withLock { document in
      document.cancellation.cancel()
      document.cancellation = cancellation
      document.generation = request.generation
    }
    decompositions.async { self.open(request, cancellation: cancellation) }
  }

  private func open(_ request: OpenRequest, cancellation: CancellationFlag) {
    let generation = request.generation
    // What is shown when there will be no passes.
    var photograph: Image?
    // Edits of a first impression would replace it.
    let recoverable = sessions?.recoverable(request.path)
    func announce(_ extent: ImageExtent, hasCoarsePasses: Bool) {
      mailbox.post(
        .photographOpened(
          OpenedPhotograph(
            generation: generation, title: Self.title(of: request.path), width: extent.width,
            height: extent.height, pictureNumber: Self.freePictureNumber(of: request.path),
            hasCoarsePasses: hasCoarsePasses)))
    }
    do {
      let portrait = try opener.open(
        path: request.path, framing: Framing(parsing: request.framing) ?? .automatic,
        photographRead: { image in
          defer { photograph = image }
          // After a first impression the picture is known.
          guard photograph == nil else { return }
          self.previews.use(PreviewPainter(photograph: image))
          announce(image.extent, hasCoarsePasses: false)
        },
        coarsePassesMade: hasScreen
          ? { impression in
            self.previews.use(PreviewPainter(impression: impression))
            guard photograph == nil else {
              self.mailbox.post(.coarsePassesReady(generation: generation))
              return
            }
            photograph = impression.portrait.converted(to: .sRGB)
            announce(impression.photograph, hasCoarsePasses: true)
          } : nil,
        progress: { progress in
          self.mailbox.post(
            .decompositionProgress(
              generation: generation, stage: progress.stage.rawValue,
              fraction: progress.fractionCompleted, layer: progress.layer))
        },
        isCancelled: { cancellation.isCancelled })
      // The coarse picture stays until the fine one can follow at once.
      let painter = previews.prepared(
        PreviewPainter(portrait: portrait), isCancelled: { cancellation.isCancelled })
      let isCurrent = document.withLock { document in
        guard document.generation == generation else { return false }
        document.portrait = portrait
        document.portraits[generation] = portrait
        return true
      }
      guard isCurrent else { return }
      previews.use(painter)
      mailbox.post(.decompositionFinished(generation: generation, look: nil))
      if let look = recoverable {
        mailbox.post(.recoveryFound(generation: generation, look: look))
      }
      sessions?.remember(request.path)
      opener.remember(portrait)
    } catch {
      // The painter may be that of coarse passes.
      if let photograph { previews.use(PreviewPainter(photograph: photograph)) }
      mailbox.post(
        cancellation.isCancelled
          ? .decompositionCancelled(generation: generation)
          : .decompositionFailed(
            generation: generation, message: ErrorSentences.sentence(for: error)))
    }
  }

  /// Shows a portrait that is open.
  func show(_ generation: Int) {
    let portrait = document.withLock { document in
      document.portrait = document.portraits[generation]
      return document.portrait
    }
    guard let portrait else { return }
    // Preparing a portrait takes a moment.
    decompositions.async {
      self.previews.use(PreviewPainter(portrait: portrait))
      self.mailbox.post(.portraitShown(generation: generation))
    }
  }

  private static func title(of path: String) -> String {
    URL(fileURLWithPath: path).lastPathComponent
  }

  /// The first number whose picture would replace no file.
  private static func freePictureNumber(of portrait: String) -> Int {
    var number = 1
    while FileManager.default.fileExists(
      atPath: PortraitDocument.picturePath(of: portrait, number: number))
    {
      number += 1
    }
    return number
  }

  // MARK: - The open dialog

  /// What the open dialog shows of a folder: folders, pictures and passes, nothing hidden.
  func listing(of path: String) -> FolderListing {
    let folder = URL(
      fileURLWithPath: (path as NSString).expandingTildeInPath, isDirectory: true
    ).standardizedFileURL
    let recent = sessions?.recent ?? []
    do {
      let entries = try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: [.isDirectoryKey], options: [.skipsHiddenFiles])
      var listing = FolderListing(path: folder.path, recent: recent)
      for entry in entries.sorted(by: { $0.lastPathComponent < $1.lastPathComponent }) {
        let name = entry.lastPathComponent
        let isFolder = (try? entry.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
        let holdsPasses =
          isFolder
          && FileManager.default.fileExists(
            atPath: entry.appendingPathComponent("passes.json").path)
        if isFolder && !holdsPasses {
          listing.folders.append(name)
        } else if isFolder || Self.pictureSuffixes.contains(entry.pathExtension.lowercased()) {
          listing.files.append(name)
        }
      }
      return listing
    } catch {
      return FolderListing(
        path: path, recent: recent,
        problem: "cannot list \(folder.path): \(error.localizedDescription)")
    }
  }

  private static let pictureSuffixes: Set = ["png", "jpg", "jpeg", "webp", "exr"]

  /// Reads a picture for the open dialog, unless another one is asked for meanwhile.
  ///
  /// - Parameters:
  ///   - path: A photograph or a pass folder.
  ///   - limit: Pixels there are for it.
  public func previewFile(_ path: String, limit: ImageExtent) {
    let number = fileRequests.withLock { count in
      count += 1
      return count
    }
    files.async {
      guard self.fileRequests.withLock({ $0 }) == number else { return }
      guard let portrait = try? ThumbnailMaker.readPortrait(at: path) else { return }
      let size = portrait.extent.fitted(into: limit)
      let image = DisplayImage(portrait.resized(width: size.width, height: size.height))
      self.mailbox.post(
        .filePreviewed(
          path: path,
          PreviewPicture(
            generation: 0, image: self.images.insert(StoredPicture(image: image)),
            width: image.width,
            height: image.height, quality: .final, milliseconds: 0)))
    }
  }
}
