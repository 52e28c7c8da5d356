/// The nearest palette entry for every colour, worked out when it is first asked for.
///
/// The table has 5 bits per channel. That is as coarse as the dither's amplitude of ±4, which
/// spreads each value evenly over the two neighbouring cells, so nothing is lost (and a portrait
/// touches a few thousand of the 32,768 cells).
struct ColorLookup {
  private(set) var colors: [PaletteColor]
  private var reds: [Int32]
  private var greens: [Int32]
  private var blues: [Int32]
  /// Palette index of each cell, -1 until known.
  private var indices = [Int16](repeating: -1, count: 1 << 15)

  private static let unknown: Int16 = -1

  init(colors: [PaletteColor]) {
    self.colors = colors
    reds = colors.map { Int32($0.red) }
    greens = colors.map { Int32($0.green) }
    blues = colors.map { Int32($0.blue) }
  }

  mutating func replace(colors: [PaletteColor]) {
    self.colors = colors
    reds = colors.map { Int32($0.red) }
    greens = colors.map { Int32($0.green) }
    blues = colors.map { Int32($0.blue) }
    indices.withUnsafeMutableBufferPointer { $0.update(repeating: Self.unknown) }
  }

  static func cell(red: UInt8, green: UInt8, blue: UInt8) -> Int {
    Int(red >> 3) << 10 | Int(green >> 3) << 5 | Int(blue >> 3)
  }

  /// The table as plain memory, for loops over pixels.
  struct Cells {
    fileprivate let indices: UnsafeMutableBufferPointer<Int16>
    fileprivate let reds: UnsafeBufferPointer<Int32>
    fileprivate let greens: UnsafeBufferPointer<Int32>
    fileprivate let blues: UnsafeBufferPointer<Int32>

    /// The index of the palette's colour nearest to a cell.
    @inline(__always)
    func index(of cell: Int) -> UInt8 {
      let known = indices[cell]
      return UInt8(truncatingIfNeeded: known == ColorLookup.unknown ? resolve(cell) : known)
    }

    /// What five bits stand for: the middle of their range, but at the ends black and white, which
    /// fill whole grounds and would take a tint from their neighbours.
    private static func value(_ bits: Int) -> Int32 {
      bits == 0 ? 0 : bits == 31 ? 255 : Int32(bits) << 3 | 4
    }

    private func resolve(_ cell: Int) -> Int16 {
      let nearest = ColorLookup.nearest(
        red: Self.value(cell >> 10), green: Self.value(cell >> 5 & 31),
        blue: Self.value(cell & 31), reds, greens, blues)
      indices[cell] = nearest
      return nearest
    }
  }

  mutating func withCells<Result>(_ body: (Cells) -> Result) -> Result {
    indices.withUnsafeMutableBufferPointer { indices in
      reds.withUnsafeBufferPointer { reds in
        greens.withUnsafeBufferPointer { greens in
          blues.withUnsafeBufferPointer { blues in
            body(Cells(indices: indices, reds: reds, greens: greens, blues: blues))
          }
        }
      }
    }
  }

  /// Compares with every entry; distance and index share one integer, so the loop has no branch.
  private static func nearest(
    red: Int32, green: Int32, blue: Int32, _ reds: UnsafeBufferPointer<Int32>,
    _ greens: UnsafeBufferPointer<Int32>, _ blues: UnsafeBufferPointer<Int32>
  ) -> Int16 {
    var best = Int32.max
    for index in 0..<reds.count {
      let deltaRed = reds[index] &- red
      let deltaGreen = greens[index] &- green
      let deltaBlue = blues[index] &- blue
      let distance =
        deltaRed &* deltaRed &+ deltaGreen &* deltaGreen &+ deltaBlue &* deltaBlue
      best = min(best, distance << 8 | Int32(truncatingIfNeeded: index))
    }
    return Int16(best & 255)
  }
}
