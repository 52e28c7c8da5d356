import CImageCodecs

/// JPEG by libjpeg-turbo, with orientation, ICC profile and Adobe's inverted inks.
enum JPEGCodec {
  static func decode(_ bytes: [UInt8], path: String) throws(ImageFileError) -> DecodedPicture {
    let subject = CodecSubject(path: path, format: .jpeg)
    var report = codec_report()
    var description = codec_jpeg_description()
    guard codec_jpeg_describe(bytes, bytes.count, &description, &report) == CODEC_OK else {
      throw subject.error(report)
    }
    let (width, height) = (Int(description.width), Int(description.height))
    try subject.check(width: width, height: height)
    var pixels = [UInt8](repeating: 0, count: width * height * Int(description.channels))
    guard codec_jpeg_read(bytes, bytes.count, &description, &pixels, &report) == CODEC_OK else {
      throw subject.error(report)
    }
    let segments = JPEGSegments(bytes)
    let layout: DecodedPicture.Layout
    switch description.channels {
    case 1: layout = .gray
    case 4: layout = segments.isFromAdobe ? .invertedCMYK : .cmyk
    default: layout = .rgb
    }
    let orientation = codec_exif_orientation(segments.exif, segments.exif.count)
    return DecodedPicture(
      width: width, height: height, layout: layout, hasAlpha: false, bitDepth: 8, bytes: pixels,
      profile: segments.icc.isEmpty ? .sRGB : .icc(segments.icc),
      orientation: Orientation(rawValue: Int(orientation)) ?? .upright)
  }

  static func encode(_ image: DisplayImage, path: String) throws(ImageFileError) -> [UInt8] {
    var report = codec_report()
    var buffer = codec_buffer()
    let status = codec_jpeg_encode(
      Int32(image.width), Int32(image.height), 95, image.bytes, &buffer, &report)
    guard status == CODEC_OK else { throw .unwritable(path: path, reason: report.text) }
    return buffer.take()
  }
}

/// The application segments before a JPEG's first scan.
private struct JPEGSegments {
  private(set) var exif: [UInt8] = []
  /// The ICC profile, joined from its parts in order; empty if there is none or a part is missing.
  private(set) var icc: [UInt8] = []
  private(set) var isFromAdobe = false

  init(_ bytes: [UInt8]) {
    var profileParts: [UInt8: ArraySlice<UInt8>] = [:]
    var profilePartCount: UInt8 = 0
    var position = 2
    while position + 4 <= bytes.count, bytes[position] == 0xFF {
      let marker = bytes[position + 1]
      if marker == 0xFF {
        position += 1
        continue
      }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      let isScan = marker == 0xDA
      guard !isScan, length >= 2, position + 2 + length <= bytes.count else { break }
      let payload = bytes[position + 4..<position + 2 + length]
      switch marker {
      case 0xE1 where payload.starts(with: Self.exifPrefix) && exif.isEmpty:
        exif = Array(payload)
      case 0xE2 where payload.starts(with: Self.iccPrefix) && payload.count > 14:
        // Parts are numbered from 1 and each tells how many there are.
        let start = payload.startIndex + Self.iccPrefix.count
        profileParts[payload[start]] = payload[(start + 2)...]
        profilePartCount = payload[start + 1]
      case 0xEE where payload.starts(with: Array("Adobe".utf8)):
        isFromAdobe = true
      default:
        break
      }
      position += 2 + length
    }
    guard profilePartCount > 0 else { return }
    let parts = (1...profilePartCount).compactMap { profileParts[$0] }
    if parts.count == Int(profilePartCount) { icc = Array(parts.joined()) }
  }

  private static let exifPrefix = Array("Exif\0\0".utf8)
  private static let iccPrefix = Array("ICC_PROFILE\0".utf8)
}
