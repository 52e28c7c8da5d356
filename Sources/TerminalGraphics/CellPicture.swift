import Imaging
import TerminalCells

/// A picture as characters: what each cell shows and the pixels that it stands for.
public struct CellPicture: Sendable {
  /// One cell's character and colours.
  struct Block: Equatable, Sendable {
    var scalar: Unicode.Scalar
    var foreground: TerminalColor
    var background: TerminalColor

    /// The same in 24-bit colours that are multiples of a step.
    func rounded(to step: Int) -> Block {
      func rounded(_ component: UInt8) -> UInt8 {
        UInt8(clamping: (Int(component) + step / 2) / step * step)
      }
      func rounded(_ color: TerminalColor) -> TerminalColor {
        guard case .rgb(let red, let green, let blue) = color else { return color }
        return .rgb(rounded(red), rounded(green), rounded(blue))
      }
      return Block(
        scalar: scalar, foreground: rounded(foreground), background: rounded(background))
    }
  }

  /// One cell.
  struct Item: Sendable {
    var block: Block
    /// The mean colours of the cell's upper and lower half, eight bits each of red, green, blue.
    var halves: SIMD8<Int16>

    init(block: Block, halves: SIMD8<Int16>) {
      self.block = block
      self.halves = halves
    }

    /// A half block or a space, in 24-bit colours.
    init(half block: Block) {
      func components(_ color: TerminalColor) -> SIMD4<Int16>? {
        guard case .rgb(let red, let green, let blue) = color else { return nil }
        return SIMD4(Int16(red), Int16(green), Int16(blue), 0)
      }
      let lower = components(block.background) ?? .zero
      let upper = block.scalar == " " ? lower : components(block.foreground) ?? .zero
      self.init(block: block, halves: SIMD8(lowHalf: upper, highHalf: lower))
    }
  }

  let columns: Int
  let rows: Int
  private(set) var items: [Item]

  /// Divides a picture into cells.
  ///
  /// - Parameters:
  ///   - image: the picture, stretched to fill the cells; larger ones are averaged as light.
  ///   - columns: cells beside each other.
  ///   - rows: cells above each other.
  ///   - symbols: the characters to use; without colour, brightness becomes ink.
  ///   - depth: how many colours the terminal has.
  ///   - isNegative: whether ink is dark, on a light ground: matters without colour.
  init(
    _ image: DisplayImage, columns: Int, rows: Int, symbols: CellSymbols, depth: ColorDepth,
    isNegative: Bool = false
  ) {
    let image = isNegative && depth == .monochrome ? image.negative : image
    self.columns = columns
    self.rows = rows
    items = []
    guard image.width > 0, image.height > 0, columns > 0, rows > 0 else { return }
    if symbols == .best {
      let halves = CellPicture(image, columns: columns, rows: rows, symbols: .half, depth: depth)
      let blocks = SymbolArt.blocks(image, columns: columns, rows: rows, depth: depth)
      items = zip(blocks, halves.items).map { block, item in
        Item(block: block, halves: item.halves)
      }
      return
    }
    let (across, down) = (symbols.columns, symbols.rows)
    let pixels = BoxFilter.reduced(image, width: across * columns, height: down * rows)
    items.reserveCapacity(columns * rows)
    var parts = [SIMD4<Int16>](repeating: .zero, count: across * down)
    pixels.bytes.withUnsafeBufferPointer { bytes in
      for row in 0..<rows {
        for column in 0..<columns {
          for part in parts.indices {
            let y = row * down + part / across
            let pixel = 3 * (y * across * columns + column * across + part % across)
            parts[part] = SIMD4(
              Int16(bytes[pixel]), Int16(bytes[pixel + 1]), Int16(bytes[pixel + 2]), 0)
          }
          items.append(
            Item(
              block: Self.block(parts, symbols: symbols, depth: depth),
              halves: Self.halves(parts, across: across, down: down)))
        }
      }
    }
  }

  /// Divides a picture that stands still, which may take tens of milliseconds.
  ///
  /// - Parameters:
  ///   - image: the picture, stretched to fill the cells.
  ///   - columns: cells beside each other.
  ///   - rows: cells above each other.
  ///   - capabilities: the characters and colours to use.
  public init(
    still image: DisplayImage, columns: Int, rows: Int, capabilities: TerminalCapabilities
  ) {
    self.init(
      image, columns: columns, rows: rows,
      symbols: capabilities.symbols.forStillPictures(depth: capabilities.colorDepth),
      depth: capabilities.colorDepth, isNegative: capabilities.hasLightGround)
  }

  /// The same in 24-bit colours that are multiples of a step.
  func rounded(to step: Int) -> CellPicture {
    guard step > 1 else { return self }
    var rounded = self
    for index in items.indices { rounded.items[index].block = items[index].block.rounded(to: step) }
    return rounded
  }

  // MARK: - Colours

  private static func block(
    _ parts: [SIMD4<Int16>], symbols: CellSymbols, depth: ColorDepth
  ) -> Block {
    guard depth > .monochrome else { return ink(parts) }
    let (pattern, light, dark) = symbols == .half ? (1, parts[0], parts[1]) : split(parts)
    let block = Block(
      scalar: symbols.scalar(pattern),
      foreground: color(light).reduced(to: depth),
      background: color(dark).reduced(to: depth))
    guard block.foreground != block.background else {
      return Block(scalar: " ", foreground: .standard, background: block.background)
    }
    return block
  }

  private static func color(_ value: SIMD4<Int16>) -> TerminalColor {
    .rgb(UInt8(value.x), UInt8(value.y), UInt8(value.z))
  }

  /// The parts in two groups, each of one colour, by two means (Lloyd, 1957) that start from the
  /// parts farthest from the mean and from each other.
  private static func split(
    _ parts: [SIMD4<Int16>]
  ) -> (pattern: Int, light: SIMD4<Int16>, dark: SIMD4<Int16>) {
    var light = mean(of: parts, pattern: (1 << parts.count) - 1)
    light = farthest(from: light, in: parts)
    var dark = farthest(from: light, in: parts)
    var pattern = 0
    for _ in 0..<3 {
      var next = 0
      for (index, part) in parts.enumerated() where distance(part, light) < distance(part, dark) {
        next |= 1 << index
      }
      if next == pattern { break }
      pattern = next
      light = mean(of: parts, pattern: pattern)
      dark = mean(of: parts, pattern: ~pattern & ((1 << parts.count) - 1))
    }
    // The larger group is the background: some fonts leave gaps around the ink.
    let all = (1 << parts.count) - 1
    return 2 * pattern.nonzeroBitCount > parts.count
      ? (~pattern & all, dark, light)
      : (pattern, light, dark)
  }

  private static func mean(of parts: [SIMD4<Int16>], pattern: Int) -> SIMD4<Int16> {
    var sum = SIMD4<Int16>.zero
    var count: Int16 = 0
    for (index, part) in parts.enumerated() where pattern & (1 << index) != 0 {
      sum &+= part
      count += 1
    }
    return count == 0 ? .zero : (sum &+ SIMD4(repeating: count / 2)) / SIMD4(repeating: count)
  }

  private static func farthest(
    from color: SIMD4<Int16>, in parts: [SIMD4<Int16>]
  ) -> SIMD4<Int16> {
    parts.max { distance($0, color) < distance($1, color) } ?? color
  }

  private static func distance(_ left: SIMD4<Int16>, _ right: SIMD4<Int16>) -> Int32 {
    let difference = SIMD4<Int32>(truncatingIfNeeded: left &- right)
    return (difference &* difference).wrappedSum()
  }

  private static func halves(
    _ parts: [SIMD4<Int16>], across: Int, down: Int
  ) -> SIMD8<Int16> {
    // The middle row of three belongs to both.
    let half = across * ((down + 1) / 2)
    let upper = mean(of: parts, pattern: (1 << half) - 1)
    let lower = mean(of: parts, pattern: ((1 << half) - 1) << (parts.count - half))
    return SIMD8(lowHalf: upper, highHalf: lower)
  }

  // MARK: - Ink

  /// Characters by the ink they lay on a dark ground.
  private static let ramp: [Unicode.Scalar] = Array(" .:-=+*#%@".unicodeScalars)

  /// Brightness with the weights of Rec.709, in whole numbers.
  private static func ink(_ parts: [SIMD4<Int16>]) -> Block {
    let sum = parts.reduce(0) { sum, part in
      sum + (54 * Int(part.x) + 183 * Int(part.y) + 19 * Int(part.z)) >> 8
    }
    let brightness = sum / parts.count
    return Block(
      scalar: ramp[brightness * ramp.count / 256], foreground: .standard, background: .standard)
  }
}

extension DisplayImage {
  /// Bright where the picture is dark.
  fileprivate var negative: DisplayImage {
    DisplayImage(width: width, height: height, bytes: bytes.map { 255 - $0 })
  }
}
