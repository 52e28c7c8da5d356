import Foundation
import Imaging
import Synchronization

/// A stack of passes as a folder: `albedo.png` … `subject.png` of 16 bits and `passes.json`.
public enum PassFolder {
  /// The name of the manifest's file.
  public static let manifestName = "passes.json"

  /// Writes a stack and its manifest.
  ///
  /// A new folder is made beside its final place and appears whole; in a folder that exists already,
  /// every file is replaced by itself, the manifest last. Values outside a pass's range, such as raw
  /// diffuse above 1, are clipped: OpenEXR keeps them.
  ///
  /// - Parameters:
  ///   - stack: The passes and mattes.
  ///   - manifest: What the folder says about itself.
  ///   - folder: The folder to make or to fill.
  ///   - isCancelled: Asked before every file, on several threads; a folder that is new does not appear.
  /// - Throws: `file` with `unwritable`, `cancelled`.
  public static func write(
    _ stack: PassStack, _ manifest: PassManifest, to folder: String,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(PassError) {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) {
      guard isFolder.boolValue else {
        throw .file(.unwritable(path: folder, reason: "it is not a folder"))
      }
      try writeFiles(stack, manifest, into: folder, isDurable: true, isCancelled: isCancelled)
      return
    }
    let place = URL(fileURLWithPath: folder).standardizedFileURL
    let temporary = place.deletingLastPathComponent()
      .appendingPathComponent(".\(place.lastPathComponent).\(UUID().uuidString.prefix(8)).tmp")
    do {
      try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
    } catch {
      throw .file(.unwritable(path: folder, reason: reason(error)))
    }
    do throws(PassError) {
      try writeFiles(
        stack, manifest, into: temporary.path, isDurable: false, isCancelled: isCancelled)
      try synchronize(temporary.path)
      try move(temporary, to: place)
      AtomicFile.synchronize(folder: place.deletingLastPathComponent().path)
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      throw error
    }
  }

  /// Reads a stack and its manifest, written by this program or by any other.
  ///
  /// Files of 8 bits and the encodings that the manifest names are understood; a folder without a
  /// manifest is taken to follow `PassKind`. A matte that is absent is 1 everywhere.
  ///
  /// - Throws: `file`, `manifest`, `channelMismatch` or `extentMismatch`.
  public static func read(_ folder: String) throws(PassError) -> (PassStack, PassManifest) {
    let manifest = try readManifest(folder)
    var passes: [PassKind: Image] = [:]
    for kind in PassKind.allCases {
      let image = try readImage(path(kind.rawValue, in: folder), channels: kind.channels)
      passes[kind] = decoded(
        image, from: manifest.encodings[kind.rawValue] ?? kind.storage, as: kind)
    }
    let albedo = passes[.albedo]
    func matte(_ kind: MatteKind) throws(PassError) -> Image {
      let file = path(kind.rawValue, in: folder)
      if FileManager.default.fileExists(atPath: file) { return try readImage(file, channels: 1) }
      return Image(
        width: albedo?.width ?? 0, height: albedo?.height ?? 0, channels: 1, encoding: .data,
        repeating: 1)
    }
    let stack = try PassStack(passes: passes, skin: matte(.skin), subject: matte(.subject))
    return (stack, manifest)
  }

  // MARK: - Writing

  private static func writeFiles(
    _ stack: PassStack, _ manifest: PassManifest, into folder: String, isDurable: Bool,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(PassError) {
    let pictures =
      (PassKind.allCases.map { (name: $0.rawValue, image: stack[$0], storage: $0.storage) }
      + MatteKind.allCases.map { (name: $0.rawValue, image: stack[$0], storage: .linear) })
      .sorted { $0.image.channels > $1.image.channels }
    // Compressing takes the time, so the pictures share the cores, the large ones first.
    let failure = Mutex<PassError?>(nil)
    Parallel.forEach(count: pictures.count) { index in
      guard failure.withLock({ $0 == nil }) else { return }
      if isCancelled() { return failure.withLock { $0 = .cancelled } }
      let (name, image, storage) = pictures[index]
      do throws(ImageFileError) {
        try ImageFile.write(
          encoded(image, as: storage), to: path(name, in: folder), bitDepth: 16,
          isDurable: isDurable)
      } catch {
        failure.withLock { $0 = $0 ?? .file(error) }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    do throws(ImageFileError) {
      try AtomicFile.write(
        manifest.json, to: "\(folder)/\(manifestName)", isDurable: isDurable)
    } catch {
      throw .file(error)
    }
  }

  private static func encoded(_ image: Image, as storage: PassStorage) -> Image {
    switch storage {
    // A picture file encodes linear light itself.
    case .sRGB, .linear: return image
    case .signed:
      var shifted = image
      shifted.samples.withUnsafeMutableBufferPointer { samples in
        for index in samples.indices { samples[index] = (samples[index] + 1) / 2 }
      }
      return shifted
    }
  }

  /// Makes the files of a new folder last through a power cut, and their names.
  private static func synchronize(_ folder: String) throws(PassError) {
    let names = PassKind.allCases.map(\.rawValue) + MatteKind.allCases.map(\.rawValue)
    do throws(ImageFileError) {
      try AtomicFile.synchronize(
        files: names.map { path($0, in: folder) } + ["\(folder)/\(manifestName)"])
    } catch {
      throw .file(error)
    }
    AtomicFile.synchronize(folder: folder)
  }

  private static func move(_ folder: URL, to place: URL) throws(PassError) {
    do {
      try FileManager.default.moveItem(at: folder, to: place)
    } catch {
      throw .file(.unwritable(path: place.path, reason: reason(error)))
    }
  }

  // MARK: - Reading

  private static func readManifest(_ folder: String) throws(PassError) -> PassManifest {
    let path = "\(folder)/\(manifestName)"
    guard FileManager.default.fileExists(atPath: path) else {
      var manifest = PassManifest()
      manifest.encodings = [:]
      return manifest
    }
    guard let json = FileManager.default.contents(atPath: path) else {
      throw .file(.unreadable(path: path, reason: "it cannot be read"))
    }
    return try PassManifest(json: json, path: path)
  }

  private static func readImage(_ path: String, channels: Int) throws(PassError) -> Image {
    let image: Image
    do throws(ImageFileError) {
      image = try ImageFile.readData(at: path)
    } catch {
      throw .file(error)
    }
    // Many programs only write RGB or add alpha: the leading channels are the pass.
    if image.channels >= channels { return image.leading(channels: channels) }
    let name = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    throw .channelMismatch(pass: name, expected: channels, found: image.channels)
  }

  private static func decoded(_ image: Image, from storage: PassStorage, as kind: PassKind) -> Image
  {
    var result = image
    switch storage {
    case .sRGB:
      result.encoding = .sRGB
      result = result.converted(to: .linear)
    case .linear:
      break
    case .signed:
      for index in result.samples.indices {
        result.samples[index] = result.samples[index] * 2 - 1
      }
    }
    result.encoding = kind.encoding
    // Sixteen bits leave vectors a little off unit length, eight bits visibly so.
    return kind == .normal ? result.normalizedVectors() : result
  }

  private static func path(_ name: String, in folder: String) -> String {
    "\(folder)/\(name).png"
  }

  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return (underlying ?? error as NSError).localizedDescription
  }
}
