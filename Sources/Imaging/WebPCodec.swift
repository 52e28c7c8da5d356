import CImageCodecs

/// Still WebP pictures, lossy and lossless, by libwebp.
enum WebPCodec {
  static func decode(_ bytes: [UInt8], path: String) throws(ImageFileError) -> DecodedPicture {
    let subject = CodecSubject(path: path, format: .webP)
    var report = codec_report()
    var description = codec_webp_description()
    guard codec_webp_describe(bytes, bytes.count, &description, &report) == CODEC_OK else {
      throw subject.error(report)
    }
    let (width, height) = (Int(description.width), Int(description.height))
    try subject.check(width: width, height: height)
    if description.is_animated != 0 {
      throw .unsupported(path: path, format: .webP, feature: "animation")
    }
    var pixels = [UInt8](repeating: 0, count: width * height * Int(description.channels))
    guard codec_webp_read(bytes, bytes.count, &description, &pixels, &report) == CODEC_OK else {
      throw subject.error(report)
    }
    let icc = try chunk("ICCP", of: bytes, subject: subject)
    let exif = try chunk("EXIF", of: bytes, subject: subject)
    let orientation = codec_exif_orientation(exif, exif.count)
    return DecodedPicture(
      width: width, height: height, layout: .rgb, hasAlpha: description.channels == 4, bitDepth: 8,
      bytes: pixels,
      profile: icc.isEmpty ? .sRGB : .icc(icc),
      orientation: Orientation(rawValue: Int(orientation)) ?? .upright)
  }

  static func encode(_ image: DisplayImage, path: String) throws(ImageFileError) -> [UInt8] {
    var report = codec_report()
    var buffer = codec_buffer()
    let status = codec_webp_encode(
      Int32(image.width), Int32(image.height), 100, image.bytes, &buffer, &report)
    guard status == CODEC_OK else { throw .unwritable(path: path, reason: report.text) }
    return buffer.take()
  }

  private static func chunk(
    _ name: String, of bytes: [UInt8], subject: CodecSubject
  ) throws(ImageFileError) -> [UInt8] {
    var report = codec_report()
    var buffer = codec_buffer()
    guard codec_webp_chunk(bytes, bytes.count, name, &buffer, &report) == CODEC_OK else {
      throw subject.error(report)
    }
    return buffer.take()
  }
}
