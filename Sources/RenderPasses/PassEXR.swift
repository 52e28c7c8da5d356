import Foundation
import Imaging

/// A stack of passes as one multilayer OpenEXR file: unclipped, the manifest in its header.
public enum PassEXR {
  /// The text attribute that holds the manifest's JSON.
  public static let manifestAttribute = "chiaroPasses"

  /// How much a file keeps, and how fast it is.
  public enum Storage: Sendable {
    /// 16 bits and compressed, for people and programs that want to work with the file.
    case interchange
    /// 32 bits and not compressed: exact and fast, for files that can be made again.
    case exact
  }

  /// What a file holds.
  public struct Contents: Sendable {
    /// The passes and mattes.
    public let stack: PassStack
    /// The header's manifest; an empty one in files of other programs.
    public let manifest: PassManifest
    /// The picture that the passes were made of, `.linear`; nil where the file has none.
    public let portrait: Image?
  }

  /// The names that OpenEXR gives the channels of a picture.
  private static let portraitChannels = ["R", "G", "B"]

  /// Writes all passes and mattes under the names of `PassKind.layerChannels`.
  ///
  /// - Parameters:
  ///   - stack: The passes and mattes.
  ///   - manifest: What the header says about them.
  ///   - portrait: The picture that they were made of, of their extent, 3 channels; nil to leave it out.
  ///   - path: The file to make or replace.
  ///   - storage: How much the file keeps.
  /// - Throws: `file` with `unwritable`.
  public static func write(
    _ stack: PassStack, _ manifest: PassManifest, portrait: Image? = nil, to path: String,
    storage: Storage = .interchange
  ) throws(PassError) {
    var channels: [LayeredImage.Channel] = []
    func append(_ image: Image, _ names: [String]) {
      for (index, name) in names.enumerated() {
        channels.append(
          LayeredImage.Channel(
            name: name, precision: storage == .exact ? .float : .half,
            samples: image.samples(ofChannel: index)))
      }
    }
    for kind in PassKind.allCases { append(stack[kind], kind.layerChannels) }
    for matte in MatteKind.allCases { append(stack[matte], matte.layerChannels) }
    if let portrait { append(portrait.converted(to: .linear), portraitChannels) }
    do throws(ImageFileError) {
      try ImageFile.write(
        LayeredImage(
          width: stack.width, height: stack.height, channels: channels,
          attributes: [manifestAttribute: String(decoding: manifest.json, as: UTF8.self)]),
        to: path, isKept: storage == .interchange)
    } catch {
      throw .file(error)
    }
  }

  /// Reads a stack; mattes that are absent are 1 everywhere, further channels are ignored.
  ///
  /// - Returns: The stack, and its manifest, which is empty for files of other programs.
  /// - Throws: `file`, `missingLayer`, `manifest`.
  public static func read(_ path: String) throws(PassError) -> (PassStack, PassManifest) {
    let contents = try contents(of: path)
    return (contents.stack, contents.manifest)
  }

  /// Reads a stack and the picture that it was made of, where the file has one.
  ///
  /// - Throws: `file`, `missingLayer`, `manifest`.
  public static func contents(of path: String) throws(PassError) -> Contents {
    let layers: LayeredImage
    do throws(ImageFileError) {
      layers = try ImageFile.readLayers(at: path)
    } catch {
      throw .file(error)
    }
    func image(_ names: [String], encoding: ColorEncoding) throws(PassError) -> Image {
      var samples: [Float] = []
      samples.reserveCapacity(names.count * layers.width * layers.height)
      for name in names {
        guard let plane = layers[name] else { throw .missingLayer(path: path, channel: name) }
        samples += plane
      }
      return Image(
        width: layers.width, height: layers.height, channels: names.count, encoding: encoding,
        samples: samples)
    }
    func matte(_ kind: MatteKind) throws(PassError) -> Image {
      if layers[kind.layerChannels[0]] != nil {
        return try image(kind.layerChannels, encoding: .data)
      }
      return Image(
        width: layers.width, height: layers.height, channels: 1, encoding: .data, repeating: 1)
    }
    var passes: [PassKind: Image] = [:]
    for kind in PassKind.allCases {
      let pass = try image(kind.layerChannels, encoding: kind.encoding)
      passes[kind] = kind == .normal ? pass.normalizedVectors() : pass
    }
    let manifest =
      try layers.attributes[manifestAttribute].map { (json) throws(PassError) in
        try PassManifest(json: Data(json.utf8), path: path)
      } ?? PassManifest()
    let hasPortrait = portraitChannels.allSatisfy { layers[$0] != nil }
    return Contents(
      stack: try PassStack(passes: passes, skin: matte(.skin), subject: matte(.subject)),
      manifest: manifest,
      portrait: hasPortrait ? try image(portraitChannels, encoding: .linear) : nil)
  }
}
