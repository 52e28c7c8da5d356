import Foundation
import Imaging

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
  /// - Throws: `file` with `unwritable`.
  public static func write(
    _ stack: PassStack, _ manifest: PassManifest, to folder: String
  ) throws(PassError) {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) {
      guard isFolder.boolValue else {
        throw .file(.unwritable(path: folder, reason: "it is not a folder"))
      }
      try writeFiles(stack, manifest, into: folder)
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
      try writeFiles(stack, manifest, into: temporary.path)
      try move(temporary, to: place)
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
    _ stack: PassStack, _ manifest: PassManifest, into folder: String
  ) throws(PassError) {
    do throws(ImageFileError) {
      for kind in PassKind.allCases {
        let image = encoded(stack[kind], as: kind.storage)
        try ImageFile.write(image, to: path(kind.rawValue, in: folder), bitDepth: 16)
      }
      for matte in MatteKind.allCases {
        try ImageFile.write(stack[matte], to: path(matte.rawValue, in: folder), bitDepth: 16)
      }
      try AtomicFile.write(encoded(manifest), to: "\(folder)/\(manifestName)")
    } catch {
      throw .file(error)
    }
  }

  private static func encoded(_ image: Image, as storage: PassStorage) -> Image {
    switch storage {
    case .sRGB: return image.converted(to: .sRGB)
    case .linear: return image
    case .signed:
      var shifted = image
      for index in shifted.samples.indices {
        shifted.samples[index] = (shifted.samples[index] + 1) / 2
      }
      return shifted
    }
  }

  private static func encoded(_ manifest: PassManifest) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(manifest) else {
      preconditionFailure("a manifest of finite numbers always has a JSON form")
    }
    return json + Data("\n".utf8)
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
    let manifest: PassManifest
    do {
      manifest = try JSONDecoder().decode(PassManifest.self, from: json)
    } catch {
      throw .manifest(path: path, reason: "\(error)")
    }
    guard (1...PassManifest.currentVersion).contains(manifest.version) else {
      throw .manifest(
        path: path,
        reason: "version \(manifest.version), expected at most \(PassManifest.currentVersion)")
    }
    return manifest
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
