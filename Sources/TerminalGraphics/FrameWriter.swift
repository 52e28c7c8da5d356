import Imaging
import TerminalCells

/// Turns pictures into the bytes that draw them at their place, in one piece.
///
/// A frame is bracketed by synchronised output and by saving and restoring the cursor, so it
/// appears at once and disturbs no text. For `.cells` there are no bytes: pictures are part of
/// the grid there.
public struct FrameWriter {
  private let brackets: (opening: [UInt8], closing: [UInt8])
  private var encoder: PixelEncoder

  private enum PixelEncoder {
    case kitty(KittyEncoder)
    case sixel(SixelEncoder)
    case cells
  }

  /// Makes a writer for a terminal.
  public init(capabilities: TerminalCapabilities) {
    brackets =
      capabilities.knowsSynchronizedOutput
      ? (Array("\u{1B}[?2026h".utf8), Array("\u{1B}[?2026l".utf8)) : ([], [])
    switch capabilities.graphics {
    case .kitty: encoder = .kitty(KittyEncoder())
    case .sixel: encoder = .sixel(SixelEncoder(colorRegisters: capabilities.colorRegisters))
    case .cells: encoder = .cells
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

  /// What takes the pictures away before the terminal is given back.
  public var farewell: [UInt8] {
    if case .kitty(let kitty) = encoder { return kitty.deletion() }
    return []
  }

  /// Every terminal answers a query for its device attributes, after all that came before it.
  private static let query = Array("\u{1B}[c".utf8)

  /// Whether a reply is the answer that a frame asked for.
  public static func isAnswer(_ reply: [UInt8]) -> Bool {
    reply.starts(with: "\u{1B}[?".utf8) && reply.last == UInt8(ascii: "c")
  }

  private mutating func encode(
    _ image: DisplayImage, placement: ImagePlacement, quality: FrameQuality
  ) -> [UInt8]? {
    switch encoder {
    case .kitty(var kitty):
      let isExact =
        image.width == placement.pixelWidth && image.height == placement.pixelHeight
      let bytes = kitty.encode(image, stretchedOver: isExact ? nil : placement.rect)
      encoder = .kitty(kitty)
      return bytes
    case .sixel(var sixel):
      // The buffers must have one owner while they are written, or each frame copies them.
      encoder = .cells
      defer { encoder = .sixel(sixel) }
      return sixel.encode(image, quality: quality)
    case .cells: return nil
    }
  }
}
