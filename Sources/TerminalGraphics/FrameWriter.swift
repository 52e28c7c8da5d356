import Imaging
import TerminalCells

/// Turns pictures into the bytes that draw them at their place, in one piece.
///
/// A frame is bracketed by synchronised output and by saving and restoring the cursor, so it
/// appears at once and disturbs no text.
public struct FrameWriter {
  private let graphics: GraphicsProtocol
  private let sharesMemory: Bool
  private let colorDepth: ColorDepth
  /// What the margins of a stretched picture have.
  private let background: [UInt8]
  private let brackets: (opening: [UInt8], closing: [UInt8])
  private var kitty = KittyEncoder()
  private var sixel: SixelEncoder
  private let inlineImages = InlineImageEncoder()
  private var cells: CellPictureEncoder

  /// Makes a writer for a terminal.
  ///
  /// - Parameters:
  ///   - capabilities: what the terminal can do.
  ///   - colorDepth: how many colours pictures of cells have; as many as the terminal by default.
  public init(capabilities: TerminalCapabilities, colorDepth: ColorDepth? = nil) {
    graphics = capabilities.graphics
    sharesMemory = capabilities.sharesMemory
    self.colorDepth = colorDepth ?? capabilities.colorDepth
    if case .rgb(let red, let green, let blue) = capabilities.background {
      background = [red, green, blue]
    } else {
      background = [0, 0, 0]
    }
    brackets =
      capabilities.knowsSynchronizedOutput
      ? (Array("\u{1B}[?2026h".utf8), Array("\u{1B}[?2026l".utf8)) : ([], [])
    sixel = SixelEncoder(colorRegisters: capabilities.colorRegisters)
    cells = CellPictureEncoder(
      depth: self.colorDepth, symbols: capabilities.symbols,
      isNegative: capabilities.hasLightGround)
  }

  /// Makes a grid fit for a picture: kitty draws it behind cells with a background of their own, so
  /// those under it get the terminal's.
  public func compose(placement: ImagePlacement, into grid: inout CellGrid) {
    guard graphics == .kitty else { return }
    let area = placement.rect.intersection(grid.bounds)
    for row in area.row..<area.endRow {
      for column in area.column..<area.endColumn where grid[column, row].isUnderImage {
        grid.draw(.underImage(), at: CellPosition(column: column, row: row))
      }
    }
  }

  /// The bytes that draw a picture, for one write.
  ///
  /// - Parameters:
  ///   - image: the picture, of the placement's size or smaller; it is stretched.
  ///   - placement: where it goes.
  ///   - still: the same picture divided into cells beforehand, for when it stands still.
  ///   - isCovered: whether text, such as a popup, covers a part of it.
  ///   - detail: how much care it gets.
  ///   - asksForAnswer: whether the terminal shall answer when it has drawn the frame.
  /// - Returns: the frame.
  public mutating func frame(
    for image: DisplayImage, at placement: ImagePlacement, still: CellPicture? = nil,
    isCovered: Bool = false, detail: FrameDetail = FrameDetail(quality: .settled),
    asksForAnswer: Bool = false
  ) -> [UInt8] {
    let picture = encode(
      image, placement: placement, still: still, isCovered: isCovered, detail: detail)
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

  /// Takes the last frame back, which was not sent.
  public mutating func revert() {
    kitty.revert()
    cells.revert()
  }

  /// Forgets what is on the screen, after something else was drawn there.
  public mutating func invalidate() { cells.invalidate() }

  /// The bytes that show a picture at the cursor, for output without a screen.
  ///
  /// - Parameters:
  ///   - image: the picture, of the placement's size.
  ///   - placement: only its size counts.
  /// - Returns: the picture and the end of its line.
  public mutating func inline(_ image: DisplayImage, placement: ImagePlacement) -> [UInt8] {
    let picture: [UInt8]
    switch graphics {
    case .cells:
      return cells.lines(image, columns: placement.rect.columns, rows: placement.rect.rows)
    case .sixel: picture = sixel.encode(image)
    // Not through shared memory: the program may have ended, and taken it along, before it is read.
    case .kitty: picture = kitty.encode(image, movesCursor: true)
    case .iterm2: picture = inlineImages.encode(image, over: placement.rect, movesCursor: true)
    }
    return picture + [UInt8(ascii: "\n")]
  }

  /// What takes the pictures away: when their slot is gone and before the terminal is given back.
  public var removal: [UInt8] { graphics == .kitty ? kitty.deletion() : [] }

  /// The bytes that draw cells where a picture lies that is gone: curses takes them for drawn.
  public func covering(_ runs: [CellRun]) -> [UInt8] {
    var encoder = CellEncoder(depth: colorDepth)
    var bytes = brackets.opening
    bytes += "\u{1B}7".utf8
    encoder.encode(runs, into: &bytes)
    encoder.reset(into: &bytes)
    bytes += "\u{1B}8".utf8
    return bytes + brackets.closing
  }

  /// Every terminal answers a query for its device attributes, after all that came before it.
  private static let query = Array("\u{1B}[c".utf8)

  /// Whether a reply is the answer that a frame asked for.
  public static func isAnswer(_ reply: [UInt8]) -> Bool {
    reply.starts(with: "\u{1B}[?".utf8) && reply.last == UInt8(ascii: "c")
  }

  private mutating func encode(
    _ image: DisplayImage, placement: ImagePlacement, still: CellPicture?, isCovered: Bool,
    detail: FrameDetail
  ) -> [UInt8] {
    switch graphics {
    case .kitty:
      let isExact =
        image.width == placement.pixelWidth && image.height == placement.pixelHeight
      return kitty.encode(
        isExact ? image : filled(image, placement: placement),
        by: sharesMemory ? .sharedMemory : KittyMedium(detail),
        stretchedOver: isExact ? nil : placement.rect, isCovered: isCovered)
    case .sixel:
      return sixel.encode(
        image, stretchedTo: placement.pixelExtent, quality: detail.quality, colors: detail.colors)
    case .iterm2: return inlineImages.encode(image, over: placement.rect)
    case .cells:
      return cells.encode(
        image, over: placement.rect, quality: detail.quality,
        still: detail.reduction == 1 ? still : nil)
    }
  }

  /// The picture with margins right and below: kitty stretches over whole cells, of which it fills
  /// the last ones in part.
  private func filled(_ image: DisplayImage, placement: ImagePlacement) -> DisplayImage {
    func margined(_ length: Int, of place: Int, in cells: Int) -> Int {
      max(length, Int((Double(length * cells) / Double(place)).rounded()))
    }
    return image.padded(
      width: margined(image.width, of: placement.pixelWidth, in: placement.cellsExtent.width),
      height: margined(image.height, of: placement.pixelHeight, in: placement.cellsExtent.height),
      color: background)
  }
}

extension KittyMedium {
  /// How pixels travel in base64: as they are when they stand still on a quick line.
  fileprivate init(_ detail: FrameDetail) {
    switch detail.quality {
    case .settled: self = detail.deflates ? .deflated : .raw
    // Without deflation runs of one colour save nothing.
    case .draft where !detail.deflates:
      self = .palette(.settled, colors: detail.colors, isDeflated: false)
    case .draft, .thrifty:
      self = .palette(detail.quality, colors: detail.colors, isDeflated: detail.deflates)
    }
  }
}
