import TerminalCells

/// Characters that divide a cell into parts of two colours.
public enum CellSymbols: String, CaseIterable, Sendable {
  /// `▀`: two parts, one above the other.
  case half
  /// `▘` to `▟`: two by two parts, in every font.
  case quadrants
  /// The block sextants of Unicode 13: two by three parts, in newer fonts only.
  case sextants
  /// Whatever libchafa finds nearest among blocks, quadrants, lines and shades, in every font.
  case best

  /// What shows a picture that stands still: the means of two groups say little in sixteen colours or
  /// none, libchafa's dither does.
  func forStillPictures(depth: ColorDepth) -> CellSymbols {
    depth >= .indexed256 || self == .half ? self : .best
  }

  /// How many parts lie beside each other.
  var columns: Int { self == .half ? 1 : 2 }
  /// How many parts lie above each other.
  var rows: Int { self == .sextants ? 3 : 2 }

  /// The character whose ink covers the parts of a pattern: bit `row · columns + column`.
  func scalar(_ pattern: Int) -> Unicode.Scalar {
    switch self {
    case .half: Self.halves[pattern]
    case .quadrants, .best: Self.fourths[pattern]
    case .sextants: Self.sixths[pattern]
    }
  }

  private static let halves: [Unicode.Scalar] = [" ", "▀", "▄", "█"]

  private static let fourths: [Unicode.Scalar] = [
    " ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█",
  ]

  /// U+1FB00 on, in the order of their bits, without the four that existed before.
  private static let sixths: [Unicode.Scalar] = (0..<64).map { pattern in
    switch pattern {
    case 0: " "
    case 0b010101: "▌"
    case 0b101010: "▐"
    case 63: "█"
    default:
      Unicode.Scalar(
        UInt32(0x1FB00 + pattern - 1 - (pattern > 0b010101 ? 1 : 0) - (pattern > 0b101010 ? 1 : 0))
      ) ?? " "
    }
  }
}
