import CImageCodecs

/// PNG of 8-bit places in a palette, for terminals: quick to write, a third of the bytes of RGB.
package enum PalettePNG {
  /// The file.
  ///
  /// - Parameters:
  ///   - indices: a place in the palette for each pixel, rows from the top.
  ///   - width: pixels per row, 1 or more.
  ///   - palette: red, green and blue of each colour behind the sRGB curve; 256 colours at most.
  ///   - isDeflated: whether time is spent on fewer bytes.
  /// - Returns: nil when memory runs out.
  package static func encode(
    indices: [UInt8], width: Int, palette: [UInt8], isDeflated: Bool
  ) -> [UInt8]? {
    precondition(palette.count % 3 == 0 && palette.count <= 3 * 256, "a palette has 256 colours")
    var report = codec_report()
    var buffer = codec_buffer()
    let status = palette.withUnsafeBufferPointer { palette in
      var format = codec_png_format()
      format.width = UInt32(width)
      format.height = UInt32(indices.count / width)
      format.channels = 1
      format.bit_depth = 8
      format.is_srgb = 1
      format.palette = palette.baseAddress
      format.color_count = Int32(palette.count / 3)
      format.is_stored = isDeflated ? 0 : 1
      return codec_png_encode(&format, indices, &buffer, &report)
    }
    return status == CODEC_OK ? buffer.take() : nil
  }
}
