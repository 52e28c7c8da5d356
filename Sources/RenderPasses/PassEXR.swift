import Imaging

/// A stack of passes as one multilayer OpenEXR file: unclipped, colour and vectors in 16 bits.
public enum PassEXR {
  /// Writes all passes and mattes under the names of `PassKind.layerChannels`.
  ///
  /// - Throws: `file` with `unwritable`.
  public static func write(_ stack: PassStack, to path: String) throws(PassError) {
    var channels: [LayeredImage.Channel] = []
    func append(_ image: Image, _ names: [String]) {
      for (index, name) in names.enumerated() {
        channels.append(
          LayeredImage.Channel(
            name: name, precision: .half, samples: image.plane(index).samples))
      }
    }
    for kind in PassKind.allCases { append(stack[kind], kind.layerChannels) }
    for matte in MatteKind.allCases { append(stack[matte], matte.layerChannels) }
    do throws(ImageFileError) {
      try ImageFile.write(
        LayeredImage(width: stack.width, height: stack.height, channels: channels), to: path)
    } catch {
      throw .file(error)
    }
  }

  /// Reads a stack; mattes that are absent are 1 everywhere, further channels are ignored.
  ///
  /// - Throws: `file` or `missingLayer`.
  public static func read(_ path: String) throws(PassError) -> PassStack {
    let layers: LayeredImage
    do throws(ImageFileError) {
      layers = try ImageFile.readLayers(at: path)
    } catch {
      throw .file(error)
    }
    func image(_ names: [String], encoding: ColorEncoding) throws(PassError) -> Image {
      var samples: [Float] = []
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
    return try PassStack(passes: passes, skin: matte(.skin), subject: matte(.subject))
  }
}
