import Imaging
import Shading

/// The relit picture at full size: what the studio saves and `chiaro relight` writes.
public struct FinishedPicture: Sendable {
  /// Three channels, sRGB-encoded.
  public let image: Image
  /// Bits per sample that the file will have.
  public let bitDepth: Int

  /// Relights a portrait.
  ///
  /// - Parameters:
  ///   - portrait: Passes and, unless only the crop is wanted, the photograph around it.
  ///   - look: Lights, materials and picture settings.
  ///   - environment: The panorama that the look names; nothing leaves it dark.
  ///   - isCropOnly: Whether to give the square crop instead of the whole photograph.
  ///   - bitDepth: 8, which dithers, or 16, which files of floating-point numbers want as well.
  ///   - isCancelled: Asked between the steps.
  /// - Throws: `StudioRuntimeError.cancelled`.
  public init(
    portrait: OpenedPortrait, look: Look, environment: EnvironmentMap?, isCropOnly: Bool,
    bitDepth: Int = 8, isCancelled: () -> Bool = { false }
  ) throws(StudioRuntimeError) {
    let relit = Self.relit(portrait, look, environment, isCancelled)
    guard let relit else { throw .cancelled }
    var finished = relit
    if let source = portrait.source, !isCropOnly {
      finished = Composite.intoPhotograph(
        source.photograph, relit: relit, original: source.portrait,
        photographToCrop: source.crop.mapToCrop(extent: relit.width))
    }
    self.init(image: finished, bitDepth: bitDepth)
  }

  /// The crop; the shader's memory is given back before that of the whole picture is needed.
  private static func relit(
    _ portrait: OpenedPortrait, _ look: Look, _ environment: EnvironmentMap?,
    _ isCancelled: () -> Bool
  ) -> Image? {
    var relighter = Relighter(
      stack: portrait.stack, portrait: portrait.source?.portrait, shadows: .castAndContact)
    return relighter.display(
      look: look, environment: environment, size: relighter.extent, isCancelled: isCancelled)
  }

  /// A picture that is relit already.
  ///
  /// - Parameters:
  ///   - image: Three channels, sRGB-encoded.
  ///   - bitDepth: 8, which dithers, or 16.
  public init(image: Image, bitDepth: Int) {
    var finished = image
    if bitDepth == 8 { Dither.apply(to: &finished) }
    self.image = finished
    self.bitDepth = bitDepth
  }

  /// The bits per sample that suit a file by its name.
  public static func bitDepth(forFileAt path: String) -> Int {
    path.lowercased().hasSuffix(".exr") ? 16 : 8
  }

  /// Writes the picture; the file appears whole or not at all.
  ///
  /// - Throws: `ImageFileError.unwritable`.
  public func save(to path: String) throws(ImageFileError) {
    try ImageFile.write(image, to: path, bitDepth: bitDepth)
  }
}
