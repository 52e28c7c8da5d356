import Imaging
import TerminalCells

/// Where a picture goes on the screen and how many pixels it gets.
public struct ImagePlacement: Hashable, Sendable {
  /// The cells that the picture covers, the last ones perhaps in part.
  public let rect: Rect
  /// The width that the picture must be rendered with.
  public let pixelWidth: Int
  /// The height that the picture must be rendered with.
  public let pixelHeight: Int
  /// The pixels of all of those cells.
  public let cellsExtent: ImageExtent

  /// Fits a picture into a slot and keeps its proportions; nil when the slot is too small.
  ///
  /// - Parameters:
  ///   - image: the picture's size, of which only the proportions count.
  ///   - slot: the cells that are free for it.
  ///   - screen: the terminal's size.
  ///   - capabilities: the protocol, the size of a cell and the limits of the terminal.
  public init?(
    of image: ImageExtent, in slot: Rect, screen: TerminalSize, capabilities: TerminalCapabilities
  ) {
    guard image.width > 0, image.height > 0 else { return nil }
    let cell = capabilities.cellSize(for: screen)
    let usesPixels = capabilities.graphics != .cells
    // A picture that touches the last row scrolls xterm and mlterm.
    let bottom = usesPixels ? screen.rows - 1 : screen.rows
    let area = slot.intersection(
      Rect(column: 0, row: 0, columns: screen.columns, rows: max(0, bottom)))
    guard !area.isEmpty else { return nil }
    let limit = capabilities.sixelLimit ?? ImageExtent(width: .max, height: .max)
    let available = ImageExtent(
      width: min(area.columns * cell.width, limit.width),
      height: min(area.rows * cell.height, limit.height))
    let scale = min(
      Double(available.width) / Double(image.width),
      Double(available.height) / Double(image.height))
    let width = min(available.width, Int((Double(image.width) * scale).rounded()))
    var height = min(available.height, Int((Double(image.height) * scale).rounded()))
    // Whole bands, so that no terminal pads the last one with its background.
    if capabilities.graphics == .sixel { height -= height % 6 }
    guard width > 0, height > 0 else { return nil }
    let columns = (width + cell.width - 1) / cell.width
    let rows = (height + cell.height - 1) / cell.height
    rect = area.centered(columns: columns, rows: rows)
    cellsExtent = ImageExtent(width: columns * cell.width, height: rows * cell.height)
    // Characters divide a cell; they average what is more.
    pixelWidth = usesPixels ? width : Self.pixelsPerCell.width * columns
    pixelHeight = usesPixels ? height : Self.pixelsPerCell.height * rows
  }

  /// Width and height in pixels.
  public var pixelExtent: ImageExtent { ImageExtent(width: pixelWidth, height: pixelHeight) }

  /// The pixels that a picture of cells is rendered with: square ones, as many as the finest
  /// characters can tell apart.
  public static let pixelsPerCell = ImageExtent(width: 4, height: 8)
}

extension TerminalCapabilities {
  /// By how much moving pictures are smaller each way than their place, whatever the line.
  public var movingReduction: Double {
    switch graphics {
    // Half blocks show moving pictures: a fourth of the pixels of the finest characters.
    case .cells: 4
    // The terminal stretches pictures; of what goes through the line two thirds do while one moves.
    case .kitty where !sharesMemory: 1.25
    case .kitty, .sixel, .iterm2: 1
    }
  }

  /// The size of a cell in pixels, from the most trustworthy source there is.
  ///
  /// The window's size as the kernel knows it may include a border (xterm) and is divided
  /// rounding down; it may be missing or wrong behind ssh, so it must look like a cell's.
  public func cellSize(for screen: TerminalSize) -> ImageExtent {
    let candidates = [
      Self.cell(
        of: ImageExtent(width: screen.pixelWidth, height: screen.pixelHeight), screen: screen),
      reportedCell,
      reportedWindow.flatMap { Self.cell(of: $0, screen: screen) },
    ]
    return candidates.compactMap { $0 }.first(where: Self.isPlausible)
      ?? ImageExtent(width: 10, height: 20)
  }

  private static func cell(of window: ImageExtent, screen: TerminalSize) -> ImageExtent? {
    guard screen.columns > 0, screen.rows > 0 else { return nil }
    return ImageExtent(width: window.width / screen.columns, height: window.height / screen.rows)
  }

  private static func isPlausible(_ cell: ImageExtent) -> Bool {
    (4...80).contains(cell.width) && (6...160).contains(cell.height)
      && cell.height >= cell.width && cell.height <= 4 * cell.width
  }
}
