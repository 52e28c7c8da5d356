import Imaging
import Shading

/// The relit picture at full size: what the studio saves and `chiaro relight` writes.
public struct FinishedPicture: Sendable {
  /// Three channels, sRGB-encoded.
  public let image: Image

  /// Relights a portrait.
  ///
  /// - Parameters:
  ///   - portrait: Passes and, unless only the crop is wanted, the photograph around it.
  ///   - look: Lights, materials and picture settings.
  ///   - environment: The panorama that the look names; nothing leaves it dark.
  ///   - isCropOnly: Whether to give the square crop instead of the whole photograph.
  ///   - isCancelled: Asked between the steps.
  /// - Throws: `StudioRuntimeError.cancelled`.
  public init(
    portrait: OpenedPortrait, look: Look, environment: EnvironmentMap?, isCropOnly: Bool,
    isCancelled: () -> Bool = { false }
  ) throws(StudioRuntimeError) {
    var relighter = Relighter(stack: portrait.stack, portrait: portrait.source?.portrait)
    let relit = relighter.display(
      look: look, environment: environment, size: relighter.extent, isCancelled: isCancelled)
    guard let relit else { throw .cancelled }
    if let source = portrait.source, !isCropOnly {
      image = Composite.intoPhotograph(
        source.photograph, relit: relit, original: source.portrait,
        photographToCrop: source.crop.mapToCrop(extent: relit.width))
    } else {
      image = relit
    }
  }

  /// Writes a PNG; the file appears whole or not at all.
  ///
  /// - Throws: `ImageFileError.unwritable`.
  public func save(to path: String, bitDepth: Int = 8) throws(ImageFileError) {
    try ImageFile.write(image, to: path, bitDepth: bitDepth)
  }
}
