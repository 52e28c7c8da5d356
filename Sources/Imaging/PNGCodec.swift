import CImageCodecs

/// PNG of 8 and 16 bits by libpng.
enum PNGCodec {
  static func decode(_ bytes: [UInt8], path: String) throws(ImageFileError) -> DecodedPicture {
    let subject = CodecSubject(path: path, format: .png)
    // The decoder keeps the pointer, so all of its life lies inside this closure.
    return try bytes.withUnsafeBufferPointer { (bytes) throws(ImageFileError) in
      try decode(bytes, subject: subject)
    }
  }

  private static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, subject: CodecSubject
  ) throws(ImageFileError) -> DecodedPicture {
    var report = codec_report()
    var description = codec_png_description()
    guard let decoder = codec_png_open(bytes.baseAddress, bytes.count, &description, &report)
    else { throw subject.error(report) }
    defer { codec_png_close(decoder) }
    let (width, height) = (Int(description.width), Int(description.height))
    try subject.check(width: width, height: height)
    let channels = Int(description.channels)
    let bitDepth = Int(description.bit_depth)
    var pixels = [UInt8](repeating: 0, count: width * height * channels * bitDepth / 8)
    guard codec_png_read(decoder, &pixels, &description, &report) == CODEC_OK else {
      throw subject.error(report)
    }
    let orientation = codec_exif_orientation(description.exif, description.exif_count)
    return DecodedPicture(
      width: width, height: height, layout: channels <= 2 ? .gray : .rgb,
      hasAlpha: channels == 2 || channels == 4, bitDepth: bitDepth, bytes: pixels,
      profile: profile(description),
      orientation: Orientation(rawValue: Int(orientation)) ?? .upright)
  }

  /// White, red, green and blue of ITU-R BT.709, x and y each.
  private static let rec709 = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06]

  /// The order of precedence of the PNG specification: iCCP, sRGB, then gAMA with cHRM.
  private static func profile(_ description: codec_png_description) -> DecodedPicture.Profile {
    if description.icc_count > 0 {
      return .icc(Array(UnsafeBufferPointer(start: description.icc, count: description.icc_count)))
    }
    // Writers put 0.45455 for "sRGB, more or less"; all viewers take it so.
    let isNearSRGB = abs(description.gamma - 0.45455) < 0.005
    if description.is_srgb != 0 || description.gamma <= 0 { return .sRGB }
    let chromaticities = withUnsafeBytes(of: description.chromaticities) {
      Array($0.bindMemory(to: Double.self))
    }
    // Such writers, ImageMagick among them, also name the primaries; libpng, too, takes both for sRGB.
    let areRec709 = zip(chromaticities, rec709).allSatisfy { abs($0 - $1) < 0.002 }
    if isNearSRGB && (areRec709 || description.has_chromaticities == 0) { return .sRGB }
    return .gamma(
      description.gamma,
      chromaticities: description.has_chromaticities != 0 ? chromaticities : nil)
  }

  static func encode(
    _ image: Image, bitDepth: Int, path: String
  ) throws(ImageFileError) -> [UInt8] {
    precondition(bitDepth == 8 || bitDepth == 16, "PNG takes 8 or 16 bits, not \(bitDepth)")
    var format = codec_png_format()
    format.width = UInt32(image.width)
    format.height = UInt32(image.height)
    format.channels = Int32(image.channels)
    format.bit_depth = Int32(bitDepth)
    format.is_srgb = image.encoding == .data ? 0 : 1
    var report = codec_report()
    var buffer = codec_buffer()
    let status =
      bitDepth == 16
      ? codec_png_encode(
        &format, interleaved(image, scale: 65535, as: UInt16.self), &buffer, &report)
      : codec_png_encode(
        &format, interleaved(image, scale: 255, as: UInt8.self), &buffer, &report)
    guard status == CODEC_OK else {
      throw .unwritable(path: path, reason: report.text)
    }
    return buffer.take()
  }

  /// Rounds planar samples, linear light sRGB-encoded, to interleaved integers; NaN becomes 0.
  private static func interleaved<Sample: FixedWidthInteger>(
    _ image: Image, scale: Float, as type: Sample.Type
  ) -> [Sample] {
    let channels = image.channels
    let count = image.pixelCount
    // A part is encoded and rounded while it lies in the cache.
    let part = 4096
    return [Sample](unsafeUninitializedCapacity: channels * count) { target, initialized in
      image.samples.withUnsafeBufferPointer { source in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: part) { values in
          for start in stride(from: 0, to: count, by: part) {
            let pixels = min(part, count - start)
            let values = UnsafeMutableBufferPointer(rebasing: values[..<pixels])
            for channel in 0..<channels {
              let first = channel * count + start
              _ = values.update(fromContentsOf: source[first..<first + pixels])
              if image.encoding == .linear { ColorTransfer.encode(values) }
              for pixel in 0..<pixels {
                let clipped = values[pixel] > 0 ? min(values[pixel], 1) : 0
                target[(start &+ pixel) &* channels &+ channel] = Sample(
                  truncatingIfNeeded: (clipped * scale).nearestWhole)
              }
            }
          }
        }
      }
      initialized = channels * count
    }
  }
}
