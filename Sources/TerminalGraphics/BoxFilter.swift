import Imaging

/// Averages boxes of whole pixels as light; the nearest pixel where there is less than one.
enum BoxFilter {
  private static let linear: [Float] = (0..<256).map {
    ColorTransfer.linear(fromSRGB: Float($0) / 255)
  }

  static func reduced(_ image: DisplayImage, width: Int, height: Int) -> DisplayImage {
    if image.width == width && image.height == height { return image }
    var bytes = [UInt8](repeating: 0, count: 3 * width * height)
    for y in 0..<height {
      let rows = span(y, of: height, from: image.height)
      for x in 0..<width {
        let columns = span(x, of: width, from: image.width)
        let mean = mean(of: image, columns: columns, rows: rows)
        for channel in 0..<3 {
          let encoded = ColorTransfer.sRGB(fromLinear: mean[channel])
          bytes[3 * (y * width + x) + channel] = UInt8(min(max(encoded, 0), 1) * 255 + 0.5)
        }
      }
    }
    return DisplayImage(width: width, height: height, bytes: bytes)
  }

  private static func span(_ index: Int, of count: Int, from length: Int) -> Range<Int> {
    let start = index * length / count
    return start..<max(start + 1, (index + 1) * length / count)
  }

  private static func mean(
    of image: DisplayImage, columns: Range<Int>, rows: Range<Int>
  ) -> SIMD3<Float> {
    var sum = SIMD3<Float>.zero
    image.bytes.withUnsafeBufferPointer { bytes in
      for y in rows {
        for x in columns {
          let pixel = 3 &* (y &* image.width &+ x)
          sum.x += linear[Int(bytes[pixel])]
          sum.y += linear[Int(bytes[pixel &+ 1])]
          sum.z += linear[Int(bytes[pixel &+ 2])]
        }
      }
    }
    return sum / Float(columns.count * rows.count)
  }
}
