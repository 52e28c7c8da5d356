import Imaging

/// Dithers some rows of a picture and writes them as bands, with tables and buffers of its own.
struct SixelPart {
  private var lookup = ColorLookup(colors: [])
  /// Palette indices of the source's rows.
  private var indices: [UInt8] = []
  /// The same at the size on the screen.
  private var stretched: [UInt8] = []
  private var writer = SixelBandWriter()
  /// What `indices` show; nil when they are of another palette.
  private var last: Drawn?

  /// A picture whose colours are kept, so that pixels that stay the same keep theirs.
  private struct Drawn {
    var image: DisplayImage
    var rows: Range<Int>
    var quality: FrameQuality
  }

  /// Takes a palette and what is known about it.
  ///
  /// - Parameters:
  ///   - lookup: the palette.
  ///   - keepsIndices: whether it has the colours that `used` has named at the same places.
  mutating func use(_ lookup: ColorLookup, keepsIndices: Bool) {
    self.lookup = lookup
    if !keepsIndices { last = nil }
  }

  /// The picture drawn last, if its pixels may be kept where the next picture has the same.
  func predecessor(of image: DisplayImage, quality: FrameQuality) -> DisplayImage? {
    guard let last, last.quality == quality, last.image.width == image.width,
      last.image.height == image.height
    else { return nil }
    return last.image
  }

  /// Marks the palette's colours that pixels have that stay the same.
  func markKept(by image: DisplayImage, in used: inout [Bool]) {
    guard let last, last.image.width == image.width, last.image.height == image.height else {
      return
    }
    let first = last.rows.lowerBound * image.width
    for pixel in indices.indices where last.image.hasSame(image, at: first + pixel) {
      used[Int(indices[pixel])] = true
    }
  }

  /// The bands of some rows of a picture that is stretched to a size.
  ///
  /// Colours are chosen for the picture's own pixels, so that those stretched over several stay
  /// plain.
  ///
  /// - Parameters:
  ///   - image: the picture.
  ///   - size: its size on the screen.
  ///   - rows: rows on the screen, the first of which is a band's first.
  ///   - quality: how much care it gets.
  /// - Returns: sixels.
  mutating func encode(
    _ image: DisplayImage, stretchedTo size: ImageExtent, rows: Range<Int>, quality: FrameQuality
  ) -> [UInt8] {
    let source =
      rows.lowerBound * image.height / size.height..<(rows.upperBound - 1) * image.height
      / size.height + 1
    let count = image.width * source.count
    if indices.count != count { indices = Array(repeating: 0, count: count) }
    let before = last?.rows == source ? predecessor(of: image, quality: quality) : nil
    switch quality {
    case .settled: dither(image, rows: source, before: before)
    case .thrifty(let tolerance):
      ditherRuns(image, rows: source, tolerance: tolerance, before: nil)
    case .draft(let tolerance):
      ditherRuns(image, rows: source, tolerance: tolerance, before: before)
    }
    // What stays on a slow line depends on the picture alone.
    if case .thrifty = quality {
      last = nil
    } else {
      last = Drawn(image: image, rows: source, quality: quality)
    }
    let isExact = image.width == size.width && image.height == size.height
    if !isExact { stretch(image, to: size, rows: rows, firstSourceRow: source.lowerBound) }
    return writer.encode(
      indices: isExact ? indices : stretched, width: size.width, height: rows.count,
      isFirst: rows.lowerBound == 0)
  }

  /// Repeats pixels and rows.
  private mutating func stretch(
    _ image: DisplayImage, to size: ImageExtent, rows: Range<Int>, firstSourceRow: Int
  ) {
    let count = size.width * rows.count
    if stretched.count != count { stretched = Array(repeating: 0, count: count) }
    let columns = (0..<size.width).map { $0 * image.width / size.width }
    indices.withUnsafeBufferPointer { indices in
      stretched.withUnsafeMutableBufferPointer { stretched in
        for (row, y) in rows.enumerated() {
          let source = image.width * (y * image.height / size.height - firstSourceRow)
          let target = size.width * row
          for x in 0..<size.width { stretched[target &+ x] = indices[source &+ columns[x]] }
        }
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

  private mutating func dither(_ image: DisplayImage, rows: Range<Int>, before: DisplayImage?) {
    let width = image.width
    withTables(image, before: before) { tables in
      for y in rows {
        let target = (y &- rows.lowerBound) &* width
        for x in 0..<width {
          let pixel = y &* width &+ x
          let own = tables.color(at: pixel)
          if tables.isKnown(own, at: pixel) { continue }
          tables.indices[target &+ x] = tables.index(x, y, own)
        }
      }
    }
  }

  /// Keeps the colour of the pixel on the left while it is near enough, and that of pixels that have
  /// not changed since the draft before.
  private mutating func ditherRuns(
    _ image: DisplayImage, rows: Range<Int>, tolerance: Int, before: DisplayImage?
  ) {
    let width = image.width
    withTables(image, before: before) { tables in
      for y in rows {
        let target = (y &- rows.lowerBound) &* width
        // Nothing is near enough to what stands left of the first pixel.
        var kept: UInt8 = 0
        var (red, green, blue) = (1 << 12, 1 << 12, 1 << 12)
        for x in 0..<width {
          let pixel = y &* width &+ x
          let own = tables.color(at: pixel)
          let isKnown = tables.isKnown(own, at: pixel)
          let (deltaRed, deltaGreen, deltaBlue) = (
            own.red &- red, own.green &- green, own.blue &- blue
          )
          let distance =
            deltaRed &* deltaRed &+ deltaGreen &* deltaGreen &+ deltaBlue &* deltaBlue
          if isKnown || distance > tolerance {
            kept = isKnown ? tables.indices[target &+ x] : tables.index(x, y, own)
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
    /// The picture before; empty without one.
    let before: UnsafeBufferPointer<UInt8>
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

    /// Whether the picture before has the same colour there, so that its index stays.
    @inline(__always)
    func isKnown(_ color: Color, at pixel: Int) -> Bool {
      !before.isEmpty && Int(before[3 &* pixel]) == color.red
        && Int(before[3 &* pixel &+ 1]) == color.green
        && Int(before[3 &* pixel &+ 2]) == color.blue
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
  private mutating func withTables(
    _ image: DisplayImage, before: DisplayImage?, _ body: (Tables) -> Void
  ) {
    let colors = lookup.colors
    image.bytes.withUnsafeBufferPointer { bytes in
      (before?.bytes ?? []).withUnsafeBufferPointer { before in
        indices.withUnsafeMutableBufferPointer { indices in
          Self.clampedToFiveBits.withUnsafeBufferPointer { clamped in
            Self.bayer.withUnsafeBufferPointer { bayer in
              colors.withUnsafeBufferPointer { colors in
                lookup.withCells { cells in
                  body(
                    Tables(
                      bytes: bytes, before: before, indices: indices, clamped: clamped,
                      bayer: bayer, colors: colors, cells: cells))
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
