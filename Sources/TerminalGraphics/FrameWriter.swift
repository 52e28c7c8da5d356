import Imaging
import TerminalCells

/// Turns pictures into the bytes that draw them at their place, in one piece.
///
/// A frame is bracketed by synchronised output and by saving and restoring the cursor, so it
/// appears at once and disturbs no text. For `.cells` there are no bytes: pictures are part of
/// the grid there.
public struct FrameWriter {
  private let graphics: GraphicsProtocol
  private let brackets: (opening: [UInt8], closing: [UInt8])
  private var kitty = KittyEncoder()
  private var sixel: SixelEncoder
  private let blocks: HalfBlockEncoder

  /// Makes a writer for a terminal.
  public init(capabilities: TerminalCapabilities) {
    graphics = capabilities.graphics
    brackets =
      capabilities.knowsSynchronizedOutput
      ? (Array("\u{1B}[?2026h".utf8), Array("\u{1B}[?2026l".utf8)) : ([], [])
    sixel = SixelEncoder(colorRegisters: capabilities.colorRegisters)
    blocks = HalfBlockEncoder(depth: capabilities.colorDepth)
  }

  /// Makes a grid fit for a picture: draws it where pictures are cells.
  ///
  /// Only cells that lie under the picture change, so a popup over it stays. kitty draws the
  /// picture behind cells with a background of their own, so they get the terminal's.
  /// - Parameters:
  ///   - image: the picture.
  ///   - placement: where it goes.
  ///   - grid: the frame's cells.
  public func compose(
    _ image: DisplayImage, at placement: ImagePlacement, into grid: inout CellGrid
  ) {
    let rect = placement.rect
    let picture: CellGrid
    switch graphics {
    case .sixel: return
    case .kitty:
      picture = CellGrid(columns: rect.columns, rows: rect.rows, filledWith: .underImage())
    case .cells:
      picture = blocks.grid(for: image, columns: rect.columns, rows: rect.rows)
    }
    for row in 0..<rect.rows {
      for column in 0..<rect.columns {
        let place = CellPosition(column: rect.column + column, row: rect.row + row)
        guard grid.bounds.contains(place), grid[place.column, place.row].isUnderImage else {
          continue
        }
        grid.draw(picture[column, row], at: place)
      }
    }
  }

  /// The bytes that draw a picture, for one write.
  ///
  /// - Parameters:
  ///   - image: the picture, of the placement's size; kitty stretches any other.
  ///   - placement: where it goes.
  ///   - quality: how much care it gets.
  ///   - asksForAnswer: whether the terminal shall answer when it has drawn the frame.
  /// - Returns: the frame, empty when pictures are cells.
  public mutating func frame(
    for image: DisplayImage, at placement: ImagePlacement, quality: FrameQuality = .settled,
    asksForAnswer: Bool = false
  ) -> [UInt8] {
    guard let picture = encode(image, placement: placement, quality: quality) else { return [] }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(picture.count + 64)
    bytes += brackets.opening
    bytes += "\u{1B}7".utf8
    CellEncoder.move(to: placement.rect.origin, into: &bytes)
    bytes += picture
    bytes += "\u{1B}8".utf8
    bytes += brackets.closing
    if asksForAnswer { bytes += Self.query }
    return bytes
  }

  /// The bytes that show a picture at the cursor, for output without a screen.
  ///
  /// - Parameters:
  ///   - image: the picture, of the placement's size.
  ///   - placement: only its size counts.
  /// - Returns: the picture, empty when pictures are cells.
  public mutating func inline(_ image: DisplayImage, placement: ImagePlacement) -> [UInt8] {
    encode(image, placement: placement, quality: .settled) ?? []
  }

  /// What takes the pictures away: when their slot is gone and before the terminal is given back.
  public var removal: [UInt8] { graphics == .kitty ? kitty.deletion() : [] }

  /// Every terminal answers a query for its device attributes, after all that came before it.
  private static let query = Array("\u{1B}[c".utf8)

  /// Whether a reply is the answer that a frame asked for.
  public static func isAnswer(_ reply: [UInt8]) -> Bool {
    reply.starts(with: "\u{1B}[?".utf8) && reply.last == UInt8(ascii: "c")
  }

  private mutating func encode(
    _ image: DisplayImage, placement: ImagePlacement, quality: FrameQuality
  ) -> [UInt8]? {
    switch graphics {
    case .kitty:
      let isExact =
        image.width == placement.pixelWidth && image.height == placement.pixelHeight
      return kitty.encode(image, stretchedOver: isExact ? nil : placement.rect)
    case .sixel: return sixel.encode(image, quality: quality)
    case .cells: return nil
    }
  }
}
