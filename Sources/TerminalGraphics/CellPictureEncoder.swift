import Imaging
import TerminalCells

/// Writes pictures as characters in colour: only the cells that changed since the last frame.
public struct CellPictureEncoder: Sendable {
  private let depth: ColorDepth
  private let symbols: CellSymbols
  private var shown: [CellPicture.Item?] = []
  private var before: [CellPicture.Item?] = []
  private var shownRect: Rect?

  /// Makes an encoder.
  ///
  /// - Parameters:
  ///   - depth: how many colours the terminal has.
  ///   - symbols: the characters of pictures that stand still; moving ones take half blocks.
  public init(depth: ColorDepth, symbols: CellSymbols = .quadrants) {
    self.depth = depth
    // Of sixteen colours or none, two halves show more than two poor means.
    self.symbols = depth >= .indexed256 ? symbols : .half
  }

  /// The characters that turn the last frame into this picture.
  ///
  /// - Parameters:
  ///   - image: the picture; it is stretched over the cells.
  ///   - rect: the cells.
  ///   - quality: how near to the picture cells on show must be to be kept.
  /// - Returns: cursor movements, colours and characters.
  public mutating func encode(
    _ image: DisplayImage, over rect: Rect, quality: FrameQuality = .settled
  ) -> [UInt8] {
    if shownRect != rect {
      shown = Array(repeating: nil, count: rect.columns * rect.rows)
      shownRect = rect
    }
    before = shown
    let tolerance: Int32? =
      if case .draft(let tolerance) = quality { Int32(tolerance) } else { nil }
    let picture = CellPicture(
      image, columns: rect.columns, rows: rect.rows, symbols: tolerance == nil ? symbols : .half,
      depth: depth)
    var output = Output()
    for (index, item) in picture.items.enumerated() {
      if let known = shown[index] {
        if known.block == item.block { continue }
        if let tolerance, Self.distance(known.halves, item.halves) <= tolerance { continue }
      }
      output.append(
        item.block, column: rect.column + index % rect.columns,
        row: rect.row + index / rect.columns)
      shown[index] = item
    }
    return output.finished()
  }

  /// Takes the last frame back, which was not sent.
  mutating func revert() { shown = before }

  /// Forgets what is on the screen, after something else was drawn there.
  mutating func invalidate() { shownRect = nil }

  /// The picture as lines of text, for output without a screen.
  public func lines(_ image: DisplayImage, columns: Int, rows: Int) -> [UInt8] {
    let picture = CellPicture(image, columns: columns, rows: rows, symbols: symbols, depth: depth)
    var bytes: [UInt8] = []
    for row in 0..<rows {
      var output = Output()
      for item in picture.items[row * columns..<(row + 1) * columns] { output.append(item.block) }
      bytes += output.finished()
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  /// The larger of the squared distances of the two halves.
  private static func distance(_ left: SIMD8<Int16>, _ right: SIMD8<Int16>) -> Int32 {
    let difference = SIMD8<Int32>(truncatingIfNeeded: left &- right)
    let squares = difference &* difference
    return max(squares.lowHalf.wrappedSum(), squares.highHalf.wrappedSum())
  }
}

/// Characters with the least movements and colours between them.
private struct Output {
  private var bytes: [UInt8] = []
  private var column = -1
  private var row = -1
  private var foreground = TerminalColor.standard
  private var background = TerminalColor.standard

  /// `;0` to `;255`.
  private static let numbers: [[UInt8]] = (0..<256).map { Array(";\($0)".utf8) }

  init() {
    bytes.reserveCapacity(1 << 16)
    // Attributes of the text around are not the picture's.
    bytes += "\u{1B}[0m".utf8
  }

  mutating func append(_ block: CellPicture.Block, column: Int, row: Int) {
    if column != self.column || row != self.row {
      CellEncoder.move(to: CellPosition(column: column, row: row), into: &bytes)
    }
    append(block)
    (self.column, self.row) = (column + 1, row)
  }

  mutating func append(_ block: CellPicture.Block) {
    // A space has no ink: whatever colour it would have had stays for the next.
    let needsForeground = block.foreground != foreground && block.scalar != " "
    let needsBackground = block.background != background
    if needsForeground || needsBackground {
      bytes.append(0x1B)
      bytes.append(UInt8(ascii: "["))
      let start = bytes.count
      if needsForeground { select(block.foreground, offset: 30) }
      if needsBackground { select(block.background, offset: 40) }
      // Every part begins with a semicolon, the first without need.
      bytes.remove(at: start)
      bytes.append(UInt8(ascii: "m"))
      if needsForeground { foreground = block.foreground }
      background = block.background
    }
    bytes.append(contentsOf: UTF8.encode(block.scalar) ?? UTF8.encodedReplacementCharacter)
  }

  private mutating func select(_ color: TerminalColor, offset: Int) {
    switch color {
    case .standard: bytes += Self.numbers[offset + 9]
    case .indexed(let index) where index < 8: bytes += Self.numbers[offset + Int(index)]
    case .indexed(let index) where index < 16: bytes += Self.numbers[offset + 52 + Int(index)]
    case .indexed(let index):
      bytes += Self.numbers[offset + 8]
      bytes += Self.numbers[5]
      bytes += Self.numbers[Int(index)]
    case .rgb(let red, let green, let blue):
      bytes += Self.numbers[offset + 8]
      bytes += Self.numbers[2]
      bytes += Self.numbers[Int(red)]
      bytes += Self.numbers[Int(green)]
      bytes += Self.numbers[Int(blue)]
    }
  }

  /// The bytes, with the terminal's own colours at the end.
  func finished() -> [UInt8] { bytes + "\u{1B}[0m".utf8 }
}
