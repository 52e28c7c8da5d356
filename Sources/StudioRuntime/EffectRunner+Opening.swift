import Foundation
import Imaging
import Studio

extension EffectRunner {
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
        let holdsPasses = FileManager.default.fileExists(
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
