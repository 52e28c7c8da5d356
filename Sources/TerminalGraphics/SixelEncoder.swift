import Imaging

/// Writes pictures as sixels (DEC STD 070) in the colours of an adaptive palette.
///
/// Parts of the picture are written on several cores at once. Buffers are kept between frames.
public struct SixelEncoder {
  private let maximumColors: Int
  private var dithers: DitherPair
  private var parts: [SixelPart]

  /// Few enough that the cores end together.
  private static let bandsPerPiece = 4

  /// Makes an encoder for a terminal with this many colour registers.
  ///
  /// - Parameters:
  ///   - colorRegisters: how many there are, 2 or more.
  ///   - parts: on how many cores to work; the bytes do not depend on it.
  public init(colorRegisters: Int = 256, parts: Int = 2) {
    // One register less: terminals paint the background with one of them. Indices are bytes.
    maximumColors = min(max(colorRegisters - 1, 2), 255)
    dithers = DitherPair(parts: parts)
    self.parts = Array(repeating: SixelPart(), count: max(1, parts))
  }

  /// The device control string that draws the picture at the cursor.
  ///
  /// There is no graphics new line behind the last band, which would scroll the screen.
  ///
  /// - Parameters:
  ///   - image: the picture.
  ///   - size: the size on the screen that it is stretched to; its own by default.
  ///   - quality: how much care it gets.
  ///   - colors: the most colours; as many as the terminal has by default.
  /// - Returns: the control string.
  /// - Precondition: the image has pixels.
  public mutating func encode(
    _ image: DisplayImage, stretchedTo size: ImageExtent? = nil,
    quality: FrameQuality = .settled, colors: Int = 256
  ) -> [UInt8] {
    precondition(image.width > 0 && image.height > 0, "an empty picture has no sixels")
    let drawn = dithers.drawn(
      image, quality: quality, maximumColors: min(max(colors - 1, 2), maximumColors))
    let size = size ?? ImageExtent(width: image.width, height: image.height)
    let pieces = encodeBands(drawn, size: size)
    var output: [UInt8] = []
    output.reserveCapacity(pieces.reduce(8192) { $0 + $1.count })
    // P2 = 0: pixels that are not set take the background; 1 would stack frames up in terminals
    // that keep pictures as layers (hpjansson/chafa#147).
    output.append(contentsOf: "\u{1B}P0;0;0q\"1;1;\(size.width);\(size.height)".utf8)
    for (index, color) in drawn.colors.enumerated() {
      let percents = [color.red, color.green, color.blue].map { "\((Int($0) * 100 + 127) / 255)" }
      output.append(contentsOf: "#\(index);2;\(percents.joined(separator: ";"))".utf8)
    }
    for piece in pieces { output.append(contentsOf: piece) }
    output.append(contentsOf: "\u{1B}\\".utf8)
    return output
  }

  /// The bands, some in each piece.
  private mutating func encodeBands(_ image: IndexedImage, size: ImageExtent) -> [[UInt8]] {
    let height = 6 * Self.bandsPerPiece
    let count = (size.height + height - 1) / height
    return [[UInt8]](unsafeUninitializedCapacity: count) { pieces, initialized in
      // Each piece is written once.
      nonisolated(unsafe) let pieces = pieces
      parts.forEachPiece(of: count) { part, piece in
        let rows = piece * height..<min((piece + 1) * height, size.height)
        pieces.initializeElement(
          at: piece, to: part.encode(image, stretchedTo: size, rows: rows))
      }
      initialized = count
    }
  }
}
