/// The picture formats files are recognised as.
public enum ImageFormat: String, Sendable, Codable, CaseIterable {
  /// Portable Network Graphics.
  case png = "PNG"
  /// JPEG, baseline or progressive.
  case jpeg = "JPEG"
  /// WebP, lossy or lossless.
  case webP = "WebP"
  /// OpenEXR, scan lines or tiles.
  case openEXR = "OpenEXR"
  /// Radiance RGBE.
  case radiance = "Radiance HDR"
}

/// Why an image file could not be read or written.
public enum ImageFileError: Error, Equatable, Sendable {
  /// The file cannot be opened or read; the reason is the system's.
  case unreadable(path: String, reason: String)
  /// The file's first bytes are not those of an expected format.
  case unknownFormat(path: String, expected: [ImageFormat])
  /// The file ends before its picture does.
  case truncated(path: String, format: ImageFormat)
  /// The file contradicts its format.
  case corrupt(path: String, format: ImageFormat, reason: String)
  /// The file is valid but uses something that is not supported.
  case unsupported(path: String, format: ImageFormat, feature: String)
  /// A side is shorter than `minimum` pixels.
  case tooSmall(path: String, found: ImageExtent, minimum: Int)
  /// A side or the area exceeds what is read.
  case tooLarge(path: String, found: ImageExtent, maximumSide: Int, maximumPixels: Int)
  /// The file cannot be created, written or put in place; the reason is the system's.
  case unwritable(path: String, reason: String)
}
