/// Writes cells as control sequences of ECMA-48 terminals, with colours by SGR.
///
/// Remembers the style that the terminal has, so only what differs is sent.
public struct CellEncoder: Sendable {
  private let depth: ColorDepth
  private var current: CellStyle?

  /// Makes an encoder for a terminal of this many colours.
  public init(depth: ColorDepth) { self.depth = depth }

  /// Forgets what the terminal is thought to have, after another writer used it.
  public mutating func invalidate() { current = nil }

  /// Appends the bytes that draw runs at their places on the screen.
  public mutating func encode(_ runs: [CellRun], into bytes: inout [UInt8]) {
    for run in runs {
      Self.move(to: CellPosition(column: run.column, row: run.row), into: &bytes)
      var column = run.column
      for cell in run.cells {
        encode(cell, into: &bytes)
        column += cell.columns
        // Terminals disagree about the width of composed graphemes: say where to go on.
        if cell.grapheme.unicodeScalars.count > 1 {
          Self.move(to: CellPosition(column: column, row: run.row), into: &bytes)
        }
      }
    }
  }

  /// Appends one line of cells at the cursor, for output without a screen.
  public mutating func encode(_ cells: [Cell], into bytes: inout [UInt8]) {
    for cell in cells { encode(cell, into: &bytes) }
  }

  /// Appends the return to the terminal's own style.
  public mutating func reset(into bytes: inout [UInt8]) {
    bytes.append(contentsOf: "\u{1B}[0m".utf8)
    current = .standard
  }

  /// Appends the sequence that moves the cursor.
  public static func move(to position: CellPosition, into bytes: inout [UInt8]) {
    bytes.append(contentsOf: "\u{1B}[".utf8)
    append(position.row + 1, to: &bytes)
    bytes.append(UInt8(ascii: ";"))
    append(position.column + 1, to: &bytes)
    bytes.append(UInt8(ascii: "H"))
  }

  // MARK: - One cell

  private mutating func encode(_ cell: Cell, into bytes: inout [UInt8]) {
    guard cell.columns > 0 else { return }
    select(cell.style, into: &bytes)
    bytes.append(contentsOf: cell.grapheme.utf8)
  }

  private mutating func select(_ style: CellStyle, into bytes: inout [UInt8]) {
    let wanted = CellStyle(
      foreground: style.foreground.reduced(to: depth),
      background: style.background.reduced(to: depth), attributes: style.attributes)
    guard wanted != current else { return }
    var known = current ?? .standard
    if current == nil || known.attributes != wanted.attributes {
      // Attributes are switched off only by a reset, which takes the colours along. It stands
      // alone: mlterm takes ten parameters, and two colours have as many.
      bytes.append(contentsOf: "\u{1B}[0".utf8)
      known = .standard
      for (attribute, code) in Self.attributeCodes where wanted.attributes.contains(attribute) {
        bytes.append(UInt8(ascii: ";"))
        Self.append(code, to: &bytes)
      }
      bytes.append(UInt8(ascii: "m"))
    }
    let hasForeground = known.foreground != wanted.foreground
    let hasBackground = known.background != wanted.background
    if hasForeground || hasBackground {
      bytes.append(contentsOf: "\u{1B}[".utf8)
      if hasForeground { Self.append(wanted.foreground, offset: 30, to: &bytes) }
      if hasBackground { Self.append(wanted.background, offset: 40, to: &bytes) }
      // Every colour ends with a semicolon; the last gives way to the final byte.
      bytes[bytes.count - 1] = UInt8(ascii: "m")
    }
    current = wanted
  }

  private static let attributeCodes: [(CellAttributes, Int)] = [
    (.bold, 1), (.dim, 2), (.italic, 3), (.underline, 4), (.reverse, 7),
  ]

  /// Colour parameters: offset 30 for the foreground, 40 for the background.
  private static func append(_ color: TerminalColor, offset: Int, to bytes: inout [UInt8]) {
    switch color {
    case .standard: append(offset + 9, to: &bytes)
    case .indexed(let index) where index < 8: append(offset + Int(index), to: &bytes)
    case .indexed(let index) where index < 16: append(offset + 52 + Int(index), to: &bytes)
    case .indexed(let index):
      append(offset + 8, to: &bytes)
      bytes.append(contentsOf: ";5;".utf8)
      append(Int(index), to: &bytes)
    case .rgb(let red, let green, let blue):
      append(offset + 8, to: &bytes)
      bytes.append(contentsOf: ";2;".utf8)
      append(Int(red), to: &bytes)
      bytes.append(UInt8(ascii: ";"))
      append(Int(green), to: &bytes)
      bytes.append(UInt8(ascii: ";"))
      append(Int(blue), to: &bytes)
    }
    bytes.append(UInt8(ascii: ";"))
  }

  /// Decimal digits without the detour over a string: a true-colour picture has many.
  private static func append(_ number: Int, to bytes: inout [UInt8]) {
    if number >= 10 { append(number / 10, to: &bytes) }
    bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
  }
}
