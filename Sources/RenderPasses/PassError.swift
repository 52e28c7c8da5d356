import Imaging

/// Why passes could not be put together, stored or loaded.
public enum PassError: Error, Equatable, Sendable {
  /// A stack was made without one of the six passes.
  case missingPass(PassKind)
  /// A pass or matte has the wrong number of planes.
  case channelMismatch(pass: String, expected: Int, found: Int)
  /// A pass or matte is encoded in a way the stack does not hold.
  case encodingMismatch(pass: String, expected: ColorEncoding, found: ColorEncoding)
  /// A pass or matte differs in size from the albedo.
  case extentMismatch(pass: String, expected: ImageExtent, found: ImageExtent)
  /// A file of the stack cannot be read or written.
  case file(ImageFileError)
  /// `passes.json` is missing or says something this version does not understand.
  case manifest(path: String, reason: String)
  /// An OpenEXR file lacks a channel of a pass.
  case missingLayer(path: String, channel: String)
  /// Writing was stopped as asked.
  case cancelled
}
