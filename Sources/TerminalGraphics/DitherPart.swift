import Imaging

/// Chooses palette colours for some rows of a picture, with a table of its own.
struct DitherPart {
  /// The palette and what is known about it.
  var lookup = ColorLookup(colors: [])

  /// A picture that is on show and its palette indices.
  typealias Drawn = (image: DisplayImage, indices: [UInt8])

  /// Fills in the indices of some rows.
  ///
  /// - Parameters:
  ///   - image: the picture.
  ///   - rows: its rows.
  ///   - quality: how much care it gets.
  ///   - before: a picture of the same size and palette; what is the same keeps its index.
  ///   - indices: of all of the picture's pixels.
  mutating func draw(
    _ image: DisplayImage, rows: Range<Int>, quality: FrameQuality, before: Drawn?,
    into indices: UnsafeMutableBufferPointer<UInt8>
  ) {
    withTables(image, before: before, indices: indices) { tables in
      switch quality {
      case .settled: Self.dither(tables, width: image.width, rows: rows)
      case .thrifty: Self.choose(tables, width: image.width, rows: rows)
      case .draft(let tolerance):
        Self.ditherRuns(tables, width: image.width, rows: rows, tolerance: tolerance)
      }
    }
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

  private static func dither(_ tables: Tables, width: Int, rows: Range<Int>) {
    for y in rows {
      for x in 0..<width {
        let pixel = y &* width &+ x
        let own = tables.color(at: pixel)
        tables.indices[pixel] = tables.known(own, at: pixel) ?? tables.index(x, y, own)
      }
    }
  }

  /// Takes the nearest colour: the runs of one colour are longer, and still no pixel depends on others.
  private static func choose(_ tables: Tables, width: Int, rows: Range<Int>) {
    for pixel in rows.lowerBound &* width..<rows.upperBound &* width {
      let own = tables.color(at: pixel)
      tables.indices[pixel] = tables.known(own, at: pixel) ?? tables.index(own)
    }
  }

  /// Keeps the colour of the pixel on the left while it is near enough, and that of pixels that have
  /// not changed since the draft before.
  private static func ditherRuns(
    _ tables: Tables, width: Int, rows: Range<Int>, tolerance: Int
  ) {
    for y in rows {
      // Nothing is near enough to what stands left of the first pixel.
      var kept: UInt8 = 0
      var (red, green, blue) = (1 << 12, 1 << 12, 1 << 12)
      var x = 0
      while x < width {
        let pixel = y &* width &+ x
        if x & 7 == 0, x &+ 8 <= width, tables.keepEight(from: pixel) {
          kept = tables.indices[pixel &+ 7]
          (red, green, blue) = tables.shown(by: kept)
          x &+= 8
          continue
        }
        let own = tables.color(at: pixel)
        let known = tables.known(own, at: pixel)
        let (deltaRed, deltaGreen, deltaBlue) = (
          own.red &- red, own.green &- green, own.blue &- blue
        )
        let distance =
          deltaRed &* deltaRed &+ deltaGreen &* deltaGreen &+ deltaBlue &* deltaBlue
        if known != nil || distance > tolerance {
          kept = known ?? tables.index(x, y, own)
          (red, green, blue) = tables.shown(by: kept)
        }
        tables.indices[pixel] = kept
        x &+= 1
      }
    }
  }

  /// The picture and what is looked up, as plain memory.
  private struct Tables {
    let bytes: UnsafeBufferPointer<UInt8>
    /// The picture before and its indices; empty without one.
    let before: UnsafeBufferPointer<UInt8>
    let indicesBefore: UnsafeBufferPointer<UInt8>
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

    /// The index that stays because the picture before has the same colour there.
    @inline(__always)
    func known(_ color: Color, at pixel: Int) -> UInt8? {
      let isSame =
        !before.isEmpty && Int(before[3 &* pixel]) == color.red
        && Int(before[3 &* pixel &+ 1]) == color.green
        && Int(before[3 &* pixel &+ 2]) == color.blue
      return isSame ? indicesBefore[pixel] : nil
    }

    /// The colour that an index stands for.
    @inline(__always)
    func shown(by index: UInt8) -> Color {
      let color = colors[Int(index)]
      return (Int(color.red), Int(color.green), Int(color.blue))
    }

    /// Keeps the indices of eight pixels where the picture before has the same colours in all of them.
    @inline(__always)
    func keepEight(from pixel: Int) -> Bool {
      guard let old = UnsafeRawPointer(before.baseAddress),
        let new = UnsafeRawPointer(bytes.baseAddress), !before.isEmpty
      else { return false }
      for word in 0..<3 {
        let offset = 3 &* pixel &+ 8 &* word
        guard
          old.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            == new.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        else { return false }
      }
      for place in pixel..<pixel &+ 8 { indices[place] = indicesBefore[place] }
      return true
    }

    /// The palette's colour for a pixel at a place.
    @inline(__always)
    func index(_ x: Int, _ y: Int, _ color: Color) -> UInt8 {
      let offset = bayer[(y & 7) << 3 | x & 7]
      return cells.index(
        of: Int(clamped[color.red &+ offset]) << 10 | Int(clamped[color.green &+ offset]) << 5
          | Int(clamped[color.blue &+ offset]))
    }

    /// The palette's colour for a pixel at any place.
    @inline(__always)
    func index(_ color: Color) -> UInt8 {
      cells.index(of: (color.red >> 3) << 10 | (color.green >> 3) << 5 | color.blue >> 3)
    }
  }

  @inline(__always)
  private mutating func withTables(
    _ image: DisplayImage, before: Drawn?, indices: UnsafeMutableBufferPointer<UInt8>,
    _ body: (Tables) -> Void
  ) {
    let colors = lookup.colors
    image.bytes.withUnsafeBufferPointer { bytes in
      (before?.image.bytes ?? []).withUnsafeBufferPointer { pixelsBefore in
        (before?.indices ?? []).withUnsafeBufferPointer { indicesBefore in
          Self.clampedToFiveBits.withUnsafeBufferPointer { clamped in
            Self.bayer.withUnsafeBufferPointer { bayer in
              colors.withUnsafeBufferPointer { colors in
                lookup.withCells { cells in
                  body(
                    Tables(
                      bytes: bytes, before: pixelsBefore, indicesBefore: indicesBefore,
                      indices: indices, clamped: clamped, bayer: bayer, colors: colors,
                      cells: cells))
                }
              }
            }
          }
        }
      }
    }
  }
}

extension DisplayImage {
  /// Whether another picture of the same size has the same colour at a pixel.
  @inline(__always)
  func hasSame(_ other: DisplayImage, at pixel: Int) -> Bool {
    bytes[3 &* pixel] == other.bytes[3 &* pixel]
      && bytes[3 &* pixel &+ 1] == other.bytes[3 &* pixel &+ 1]
      && bytes[3 &* pixel &+ 2] == other.bytes[3 &* pixel &+ 2]
  }
}
