import Imaging
import TerminalCells

/// Writes pictures as characters in colour: only the cells that changed since the last frame.
public struct CellPictureEncoder: Sendable {
  private let depth: ColorDepth
  private let symbols: CellSymbols
  private let isNegative: Bool
  private var shown: [CellPicture.Item?] = []
  private var before: [CellPicture.Item?] = []
  private var shownRect: Rect?

  /// Makes an encoder.
  ///
  /// - Parameters:
  ///   - depth: how many colours the terminal has.
  ///   - symbols: the characters of pictures that stand still; moving ones take half blocks.
  ///   - isNegative: whether ink is dark, on a light ground: matters without colour.
  public init(depth: ColorDepth, symbols: CellSymbols = .best, isNegative: Bool = false) {
    self.depth = depth
    self.isNegative = isNegative
    self.symbols = symbols.forStillPictures(depth: depth)
  }

  /// The characters that turn the last frame into this picture.
  ///
  /// - Parameters:
  ///   - image: the picture; it is stretched over the cells.
  ///   - rect: the cells.
  ///   - quality: how near to the picture cells on show must be to be kept.
  ///   - still: the same picture divided beforehand, for when it stands still.
  /// - Returns: cursor movements, colours and characters.
  public mutating func encode(
    _ image: DisplayImage, over rect: Rect, quality: FrameQuality = .settled,
    still: CellPicture? = nil
  ) -> [UInt8] {
    if shownRect != rect {
      shown = Array(repeating: nil, count: rect.columns * rect.rows)
      shownRect = rect
    }
    before = shown
    let tolerance: Int32? =
      if case .draft(let tolerance) = quality { Int32(tolerance) } else { nil }
    let isPrepared =
      tolerance == nil && still?.columns == rect.columns && still?.rows == rect.rows
    let prepared = isPrepared ? still : nil
    let picture =
      (prepared
      ?? CellPicture(
        image, columns: rect.columns, rows: rect.rows,
        symbols: tolerance == nil ? symbols : .half, depth: depth, isNegative: isNegative))
      .rounded(to: Self.colorStep(of: quality))
    var output = Output(tolerance: tolerance ?? 0)
    for (index, item) in picture.items.enumerated() {
      if let known = shown[index] {
        if known.block == item.block { continue }
        if let tolerance, Self.distance(known.halves, item.halves) <= tolerance { continue }
      }
      shown[index] = output.append(
        item, column: rect.column + index % rect.columns, row: rect.row + index / rect.columns)
    }
    return output.finished()
  }

  /// The distance of the values that colours are rounded to: 1 for all of them.
  ///
  /// Rounding is off by half a step in each channel at most.
  private static func colorStep(of quality: FrameQuality) -> Int {
    guard case .thrifty(let tolerance) = quality else { return 1 }
    return max(1, Int((4 * Double(tolerance) / 3).squareRoot()))
  }

  /// Takes the last frame back, which was not sent.
  mutating func revert() { shown = before }

  /// Forgets what is on the screen, after something else was drawn there.
  mutating func invalidate() { shownRect = nil }

  /// The picture as lines of text, for output without a screen.
  public func lines(_ image: DisplayImage, columns: Int, rows: Int) -> [UInt8] {
    let picture = CellPicture(
      image, columns: columns, rows: rows, symbols: symbols, depth: depth, isNegative: isNegative)
    var bytes: [UInt8] = []
    for row in 0..<rows {
      var output = Output(tolerance: 0)
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

  /// The squared distance within which the colour in use serves for another.
  private let tolerance: Int32

  init(tolerance: Int32) {
    self.tolerance = tolerance
    bytes.reserveCapacity(1 << 16)
    // Attributes of the text around are not the picture's.
    bytes += "\u{1B}[0m".utf8
  }

  /// Draws a cell and returns it as it is shown.
  mutating func append(_ item: CellPicture.Item, column: Int, row: Int) -> CellPicture.Item {
    if column != self.column || row != self.row {
      CellEncoder.move(to: CellPosition(column: column, row: row), into: &bytes)
    }
    (self.column, self.row) = (column + 1, row)
    guard tolerance > 0 else {
      append(item.block)
      return item
    }
    let block = CellPicture.Block(
      scalar: item.block.scalar, foreground: near(item.block.foreground, foreground),
      background: near(item.block.background, background))
    append(block)
    return block == item.block ? item : CellPicture.Item(half: block)
  }

  private func near(_ wanted: TerminalColor, _ current: TerminalColor) -> TerminalColor {
    guard case .rgb(let red, let green, let blue) = wanted,
      case .rgb(let currentRed, let currentGreen, let currentBlue) = current
    else { return wanted }
    let difference = SIMD4<Int32>(
      Int32(red) &- Int32(currentRed), Int32(green) &- Int32(currentGreen),
      Int32(blue) &- Int32(currentBlue), 0)
    return (difference &* difference).wrappedSum() <= tolerance ? current : wanted
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
