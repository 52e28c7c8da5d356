import Imaging
import TerminalCells

/// Draws pictures with characters: two pixels per cell by `▀`, or a ramp of glyphs without colour.
public struct HalfBlockEncoder: Sendable {
  private let depth: ColorDepth

  /// Makes an encoder for a terminal of this many colours.
  public init(depth: ColorDepth) { self.depth = depth }

  /// The picture as a grid of the given size, stretched to fill it.
  ///
  /// Pixels are averaged as light when the picture is larger than two pixels per cell.
  public func grid(for image: DisplayImage, columns: Int, rows: Int) -> CellGrid {
    var grid = CellGrid(columns: columns, rows: rows)
    guard image.width > 0, image.height > 0, columns > 0, rows > 0 else { return grid }
    let pixels = BoxFilter.reduced(image, width: columns, height: 2 * rows)
    for row in 0..<rows {
      for column in 0..<columns {
        let upper = 3 * (2 * row * columns + column)
        let cell = cell(
          upper: pixels.bytes[upper..<upper + 3],
          lower: pixels.bytes[upper + 3 * columns..<upper + 3 * columns + 3])
        grid.draw(cell, at: CellPosition(column: column, row: row))
      }
    }
    return grid
  }

  private func cell(upper: ArraySlice<UInt8>, lower: ArraySlice<UInt8>) -> Cell {
    guard depth > .monochrome else { return Self.glyph(upper: upper, lower: lower) }
    let style = CellStyle(
      foreground: Self.color(upper).reduced(to: depth),
      background: Self.color(lower).reduced(to: depth))
    // Equal halves need no glyph; U+00A0 because curses would erase runs of blanks by other means.
    return Cell(style.foreground == style.background ? "\u{A0}" : "▀", style: style)
  }

  private static func color(_ pixel: ArraySlice<UInt8>) -> TerminalColor {
    .rgb(pixel[pixel.startIndex], pixel[pixel.startIndex + 1], pixel[pixel.startIndex + 2])
  }

  /// Glyphs by the ink they lay on a dark ground.
  private static let ramp: [Character] = Array("\u{A0}.:-=+*#%@")

  private static func glyph(upper: ArraySlice<UInt8>, lower: ArraySlice<UInt8>) -> Cell {
    let brightness = (luma(upper) + luma(lower)) / 2
    return Cell(ramp[brightness * ramp.count / 256])
  }

  /// Brightness with the weights of Rec.709, in whole numbers.
  private static func luma(_ pixel: ArraySlice<UInt8>) -> Int {
    let first = pixel.startIndex
    return (54 * Int(pixel[first]) + 183 * Int(pixel[first + 1]) + 19 * Int(pixel[first + 2])) >> 8
  }
}

/// Averages boxes of whole pixels as light; the nearest pixel where there is less than one.
private enum BoxFilter {
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
