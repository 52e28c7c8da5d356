import Imaging

/// Dithers some rows of a picture and writes them as bands, with tables and buffers of its own.
struct SixelPart {
  private var lookup = ColorLookup(colors: [])
  private var indices: [UInt8] = []
  private var writer = SixelBandWriter()

  /// Takes a palette and what is known about it.
  mutating func use(_ lookup: ColorLookup) { self.lookup = lookup }

  /// The bands of some rows, the first of which is a band's first.
  mutating func encode(_ image: DisplayImage, rows: Range<Int>, quality: FrameQuality) -> [UInt8] {
    let count = image.width * rows.count
    if indices.count != count { indices = Array(repeating: 0, count: count) }
    switch quality {
    case .settled: dither(image, rows: rows)
    case .draft(let tolerance): ditherRuns(image, rows: rows, tolerance: tolerance)
    }
    return writer.encode(
      indices: indices, width: image.width, height: rows.count, isFirst: rows.lowerBound == 0)
  }

  /// Bayer's 8×8 matrix (1973) as offsets into `clampedToFiveBits`: 0 to 7 for -4 to +3.
  private static let bayer: [Int] = {
    var matrix = [0]
    var side = 1
    while side < 8 {
      var next = [Int](repeating: 0, count: 4 * side * side)
      for y in 0..<side {
        for x in 0..<side {
          let value = 4 * matrix[y * side + x]
          next[y * 2 * side + x] = value
          next[y * 2 * side + x + side] = value + 2
          next[(y + side) * 2 * side + x] = value + 3
          next[(y + side) * 2 * side + x + side] = value + 1
        }
      }
      matrix = next
      side *= 2
    }
    return matrix.map { $0 / 8 }
  }()

  /// The 5-bit value of each 8-bit one moved by -4 to +3, without a branch for the ends.
  private static let clampedToFiveBits: [UInt16] = (-4..<259).map {
    UInt16(min(max($0, 0), 255) >> 3)
  }

  private mutating func dither(_ image: DisplayImage, rows: Range<Int>) {
    let width = image.width
    withTables(image) { tables in
      for y in rows {
        let target = (y &- rows.lowerBound) &* width
        for x in 0..<width {
          tables.indices[target &+ x] = tables.index(
            x, y, tables.color(at: y &* width &+ x))
        }
      }
    }
  }

  /// Keeps the colour of the pixel on the left while it is near enough.
  private mutating func ditherRuns(_ image: DisplayImage, rows: Range<Int>, tolerance: Int) {
    let width = image.width
    withTables(image) { tables in
      for y in rows {
        let target = (y &- rows.lowerBound) &* width
        // Nothing is near enough to what stands left of the first pixel.
        var kept: UInt8 = 0
        var (red, green, blue) = (1 << 12, 1 << 12, 1 << 12)
        for x in 0..<width {
          let own = tables.color(at: y &* width &+ x)
          let (deltaRed, deltaGreen, deltaBlue) = (
            own.red &- red, own.green &- green, own.blue &- blue
          )
          let distance =
            deltaRed &* deltaRed &+ deltaGreen &* deltaGreen &+ deltaBlue &* deltaBlue
          if distance > tolerance {
            kept = tables.index(x, y, own)
            let color = tables.colors[Int(kept)]
            (red, green, blue) = (Int(color.red), Int(color.green), Int(color.blue))
          }
          tables.indices[target &+ x] = kept
        }
      }
    }
  }

  /// The picture and what is looked up, as plain memory.
  private struct Tables {
    let bytes: UnsafeBufferPointer<UInt8>
    let indices: UnsafeMutableBufferPointer<UInt8>
    let clamped: UnsafeBufferPointer<UInt16>
    let bayer: UnsafeBufferPointer<Int>
    let colors: UnsafeBufferPointer<PaletteColor>
    let cells: ColorLookup.Cells

    typealias Color = (red: Int, green: Int, blue: Int)

    @inline(__always)
    func color(at pixel: Int) -> Color {
      (Int(bytes[3 &* pixel]), Int(bytes[3 &* pixel &+ 1]), Int(bytes[3 &* pixel &+ 2]))
    }

    /// The palette's colour for a pixel at a place.
    @inline(__always)
    func index(_ x: Int, _ y: Int, _ color: Color) -> UInt8 {
      let offset = bayer[(y & 7) << 3 | x & 7]
      return cells.index(
        of: Int(clamped[color.red &+ offset]) << 10 | Int(clamped[color.green &+ offset]) << 5
          | Int(clamped[color.blue &+ offset]))
    }
  }

  @inline(__always)
  private mutating func withTables(_ image: DisplayImage, _ body: (Tables) -> Void) {
    let colors = lookup.colors
    image.bytes.withUnsafeBufferPointer { bytes in
      indices.withUnsafeMutableBufferPointer { indices in
        Self.clampedToFiveBits.withUnsafeBufferPointer { clamped in
          Self.bayer.withUnsafeBufferPointer { bayer in
            colors.withUnsafeBufferPointer { colors in
              lookup.withCells { cells in
                body(
                  Tables(
                    bytes: bytes, indices: indices, clamped: clamped, bayer: bayer,
                    colors: colors, cells: cells))
              }
            }
          }
        }
      }
    }
  }
}
