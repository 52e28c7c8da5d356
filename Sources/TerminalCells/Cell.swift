/// A colour as a terminal understands it.
public enum TerminalColor: Hashable, Sendable {
  /// The terminal's own foreground or background.
  case standard
  /// An entry of the 256-colour palette; 0–15 follow the user's colour scheme.
  case indexed(UInt8)
  /// A 24-bit sRGB colour.
  case rgb(UInt8, UInt8, UInt8)
}

/// The ways a cell's glyph can be emphasised.
public struct CellAttributes: OptionSet, Hashable, Sendable {
  /// One bit per attribute.
  public let rawValue: UInt8

  /// Makes a set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Heavier or brighter strokes.
  public static let bold = CellAttributes(rawValue: 1 << 0)
  /// Weaker strokes.
  public static let dim = CellAttributes(rawValue: 1 << 1)
  /// Slanted strokes.
  public static let italic = CellAttributes(rawValue: 1 << 2)
  /// A line below the glyph.
  public static let underline = CellAttributes(rawValue: 1 << 3)
  /// Foreground and background exchanged.
  public static let reverse = CellAttributes(rawValue: 1 << 4)
}

/// Colours and emphasis of one cell.
public struct CellStyle: Hashable, Sendable {
  /// The colour of the glyph.
  public var foreground: TerminalColor
  /// The colour behind the glyph.
  public var background: TerminalColor
  /// The emphasis of the glyph.
  public var attributes: CellAttributes

  /// Makes a style; everything left out follows the terminal.
  public init(
    foreground: TerminalColor = .standard, background: TerminalColor = .standard,
    attributes: CellAttributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  /// The terminal's own colours without emphasis.
  public static let standard = CellStyle()
}

/// One character position of the screen.
///
/// A grapheme two columns wide owns its cell (`columns == 2`) and is followed by a cell
/// with `columns == 0`, which draws nothing.
public struct Cell: Hashable, Sendable {
  /// What is drawn: a space in a blank or a continuation cell.
  public private(set) var grapheme: Character
  /// How it is drawn.
  public var style: CellStyle
  /// 1, 2 for a wide grapheme, 0 for the cell behind a wide one.
  public let columns: Int

  /// Makes a cell; a grapheme without width or a control character becomes U+FFFD, because
  /// a control character from a file's name must never reach the terminal.
  public init(_ grapheme: Character, style: CellStyle = .standard) {
    let columns = grapheme.terminalColumns
    self.grapheme = columns == 0 ? "\u{FFFD}" : grapheme
    self.columns = max(1, columns)
    self.style = style
  }

  /// Makes a cell of a scalar that is a grapheme of one column.
  init(plain scalar: Unicode.Scalar, style: CellStyle) {
    grapheme = Character(scalar)
    columns = 1
    self.style = style
  }

  private init(continuationWith style: CellStyle) {
    grapheme = " "
    columns = 0
    self.style = style
  }

  /// A space in the terminal's own colours.
  public static let blank = Cell(" ")

  /// A cell that lies under a picture.
  ///
  /// It holds U+00A0 because curses takes plain blanks for erasable and would wipe the
  /// picture with erase-line sequences (measured: TerminalGraphics' notes on placement).
  public static func underImage(style: CellStyle = .standard) -> Cell {
    Cell("\u{A0}", style: style)
  }

  /// Whether a picture shows through this cell.
  public var isUnderImage: Bool { grapheme == "\u{A0}" }

  /// The second half of a wide grapheme.
  static func continuation(style: CellStyle) -> Cell { Cell(continuationWith: style) }
}
