import CImageCodecs
import Foundation

/// A photograph as it was taken: upright, in sRGB.
public struct Photograph: Equatable, Sendable {
  /// The picture, 3 channels, `.sRGB`, upright.
  public let image: Image
  /// SHA-256 of the file, 64 hexadecimal digits.
  public let digest: String
  /// The format of the file.
  public let format: ImageFormat
  /// Bits per sample in the file.
  public let bitDepth: Int
  /// EXIF orientation 1..8 that was applied.
  public let orientation: Int
}

/// The file of a photograph, known by its bytes before they are decoded.
public struct PhotographFile: Sendable {
  /// SHA-256 of the file, 64 hexadecimal digits.
  public let digest: String
  private let bytes: [UInt8]
  private let path: String

  /// Reads a file.
  ///
  /// - Throws: `unreadable`.
  public init(path: String) throws(ImageFileError) {
    self.init(bytes: try FileContents.read(path), path: path)
  }

  init(bytes: [UInt8], path: String) {
    digest = ContentDigest.sha256(bytes)
    self.bytes = bytes
    self.path = path
  }

  /// The photograph as `ImageFile.readPhotograph` gives it.
  ///
  /// - Throws: all cases of `ImageFileError` but `unwritable`.
  public func decoded() throws(ImageFileError) -> Photograph {
    let format = try ImageFile.pictureFormat(of: bytes, path: path)
    let picture = try ImageFile.decode(bytes, as: format, path: path)
    return Photograph(
      image: picture.photographImage(), digest: digest, format: format,
      bitDepth: picture.bitDepth, orientation: picture.orientation.rawValue)
  }
}

/// What is read is refused beyond these, before anything is allocated for it.
public enum ImageLimits {
  /// Pixels of the shortest side.
  public static let minimumSide = 2
  /// Pixels of the longest side.
  public static let maximumSide = 30_000
  /// Pixels altogether: the largest medium-format sensors stay below.
  public static let maximumPixels = 120_000_000
}

/// Image files in and out.
public enum ImageFile {
  /// Reads a PNG, JPEG or WebP photograph as sRGB.
  ///
  /// The EXIF orientation is applied, ICC profiles and PNG's colour chunks are converted (iCCP
  /// before sRGB before gAMA and cHRM), grey becomes RGB, transparency is laid over middle grey.
  ///
  /// - Throws: all cases of `ImageFileError` but `unwritable`.
  public static func readPhotograph(at path: String) throws(ImageFileError) -> Photograph {
    try PhotographFile(path: path).decoded()
  }

  /// Reads a PNG, JPEG or WebP file as numbers: all stored channels, 0..1, `.data`.
  ///
  /// - Throws: all cases of `ImageFileError` but `unwritable`.
  public static func readData(at path: String) throws(ImageFileError) -> Image {
    let bytes = try FileContents.read(path)
    return try decode(bytes, as: pictureFormat(of: bytes, path: path), path: path).dataImage()
  }

  /// Reads a Radiance or OpenEXR picture as 3 channels of `.linear` light.
  ///
  /// - Throws: all cases of `ImageFileError` but `unwritable`.
  public static func readEnvironment(at path: String) throws(ImageFileError) -> Image {
    try environment(from: FileContents.read(path), path: path)
  }

  /// Reads all channels of an OpenEXR file.
  ///
  /// - Throws: all cases of `ImageFileError` but `unwritable`.
  public static func readLayers(at path: String) throws(ImageFileError) -> LayeredImage {
    try EXRCodec.decode(FileContents.read(path), path: path)
  }

  /// Writes a picture in the format its name ends in: PNG, JPEG, WebP or OpenEXR, else PNG.
  ///
  /// Integer formats take linear images through the sRGB curve, data as it is, and clip to 0..1;
  /// OpenEXR takes linear light unclipped. JPEG is written at quality 95, WebP without loss. The file
  /// appears whole or not at all.
  ///
  /// - Parameters:
  ///   - image: One or three channels.
  ///   - path: The file to make or replace.
  ///   - bitDepth: 8 or 16, for PNG.
  ///   - isDurable: Whether the file must be there after a power cut too; an OpenEXR file always is.
  /// - Precondition: the image has one or three channels, the bit depth is 8 or 16.
  /// - Throws: `unwritable`.
  public static func write(
    _ image: Image, to path: String, bitDepth: Int = 8, isDurable: Bool = true
  ) throws(ImageFileError) {
    let format = ImageFormat(pathExtension: (path as NSString).pathExtension) ?? .png
    if format == .openEXR { return try write(LayeredImage(picture: image), to: path) }
    try AtomicFile.write(
      encoded(image, as: format, bitDepth: bitDepth, path: path), to: path, isDurable: isDurable)
  }

  /// Writes an OpenEXR file of many channels.
  ///
  /// - Parameters:
  ///   - layers: The channels and the header's texts.
  ///   - path: The file to make or replace.
  ///   - isKept: Whether the file is one to keep: compressed, without loss, and there even after a power
  ///     cut. What is not is written and read several times faster.
  /// - Throws: `unwritable`.
  public static func write(
    _ layers: LayeredImage, to path: String, isKept: Bool = true
  ) throws(ImageFileError) {
    try AtomicFile.write(to: path, isDurable: isKept) {
      EXRCodec.write(layers, isCompressed: isKept, to: $0)
    }
  }

  // MARK: - In memory

  package static func encoded(
    _ image: Image, as format: ImageFormat, bitDepth: Int = 8, path: String
  ) throws(ImageFileError) -> [UInt8] {
    precondition(image.channels == 1 || image.channels == 3, "files take one or three channels")
    switch format {
    case .png: return try PNGCodec.encode(image, bitDepth: bitDepth, path: path)
    case .jpeg: return try JPEGCodec.encode(DisplayImage(image), path: path)
    case .webP: return try WebPCodec.encode(DisplayImage(image), path: path)
    case .openEXR:
      return try AtomicFile.bytes(path: path) {
        EXRCodec.write(LayeredImage(picture: image), isCompressed: true, to: $0)
      }
    case .radiance: throw .unwritable(path: path, reason: "Radiance HDR is only read")
    }
  }

  package static func photograph(
    from bytes: [UInt8], path: String
  ) throws(ImageFileError) -> Photograph {
    try PhotographFile(bytes: bytes, path: path).decoded()
  }

  package static func environment(
    from bytes: [UInt8], path: String
  ) throws(ImageFileError) -> Image {
    switch ImageFormat(of: bytes) {
    case .radiance: return try RadianceCodec.decode(bytes, path: path)
    case .openEXR: return try EXRCodec.decode(bytes, path: path).colorImage(path: path)
    default: throw .unknownFormat(path: path, expected: [.radiance, .openEXR])
    }
  }

  fileprivate static func pictureFormat(
    of bytes: [UInt8], path: String
  ) throws(ImageFileError) -> ImageFormat {
    let expected: [ImageFormat] = [.png, .jpeg, .webP]
    guard let format = ImageFormat(of: bytes), expected.contains(format) else {
      throw .unknownFormat(path: path, expected: expected)
    }
    return format
  }

  fileprivate static func decode(
    _ bytes: [UInt8], as format: ImageFormat, path: String
  ) throws(ImageFileError) -> DecodedPicture {
    switch format {
    case .png: try PNGCodec.decode(bytes, path: path)
    case .jpeg: try JPEGCodec.decode(bytes, path: path)
    case .webP: try WebPCodec.decode(bytes, path: path)
    case .openEXR, .radiance: throw .unknownFormat(path: path, expected: [.png, .jpeg, .webP])
    }
  }
}

extension ImageFormat {
  /// The format that files of a name ending hold, nil for other endings.
  init?(pathExtension: String) {
    switch pathExtension.lowercased() {
    case "png": self = .png
    case "jpg", "jpeg": self = .jpeg
    case "webp": self = .webP
    case "exr": self = .openEXR
    case "hdr": self = .radiance
    default: return nil
    }
  }

  /// Recognises a format by a file's first bytes, whatever its name says.
  init?(of bytes: [UInt8]) {
    func starts(with signature: [UInt8], at offset: Int = 0) -> Bool {
      bytes.dropFirst(offset).starts(with: signature)
    }
    if starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if starts(with: Array("RIFF".utf8)) && starts(with: Array("WEBP".utf8), at: 8) {
      self = .webP
    } else if starts(with: [0x76, 0x2F, 0x31, 0x01]) {
      self = .openEXR
    } else if starts(with: Array("#?RADIANCE".utf8)) || starts(with: Array("#?RGBE".utf8)) {
      self = .radiance
    } else {
      return nil
    }
  }
}

/// What all codecs do with an extent and a report, in the words of `ImageFileError`.
struct CodecSubject {
  let path: String
  let format: ImageFormat

  func check(width: Int, height: Int) throws(ImageFileError) {
    let extent = ImageExtent(width: width, height: height)
    if min(width, height) < ImageLimits.minimumSide {
      throw .tooSmall(path: path, found: extent, minimum: ImageLimits.minimumSide)
    }
    let (pixels, isTooMany) = width.multipliedReportingOverflow(by: height)
    if max(width, height) > ImageLimits.maximumSide || isTooMany
      || pixels > ImageLimits.maximumPixels
    {
      throw .tooLarge(
        path: path, found: extent, maximumSide: ImageLimits.maximumSide,
        maximumPixels: ImageLimits.maximumPixels)
    }
  }

  func error(_ report: codec_report) -> ImageFileError {
    let reason = report.text
    switch report.status {
    case CODEC_TRUNCATED: return .truncated(path: path, format: format)
    case CODEC_UNSUPPORTED: return .unsupported(path: path, format: format, feature: reason)
    case CODEC_OUT_OF_MEMORY: return .unreadable(path: path, reason: reason)
    default: return .corrupt(path: path, format: format, reason: reason)
    }
  }
}

extension codec_report {
  /// What went wrong, in the library's words.
  var text: String {
    withUnsafeBytes(of: message) { raw in
      String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

extension codec_buffer {
  /// Copies the bytes out and gives the buffer back.
  mutating func take() -> [UInt8] {
    defer { codec_buffer_free(&self) }
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }
}
