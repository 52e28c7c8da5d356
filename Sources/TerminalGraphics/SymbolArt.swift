import CSymbolArt
import Imaging
import TerminalCells

/// Pictures as the characters that libchafa finds nearest.
///
/// It compares every character's shape with every cell, which takes tens of milliseconds for a
/// screenful: for pictures that stand still.
enum SymbolArt {
  /// Pixels each way of libchafa's characters.
  private static let side = 8

  /// The blocks of a picture that is stretched over cells, rows from the top.
  static func blocks(
    _ image: DisplayImage, columns: Int, rows: Int, depth: ColorDepth
  ) -> [CellPicture.Block] {
    // As many pixels as its characters have, so that no cell depends on its neighbours.
    let image = image.stretched(width: side * columns, height: side * rows)
    let nothing = symbol_art_cell(scalar: 32, foreground: -1, background: -1)
    var cells = [symbol_art_cell](repeating: nothing, count: columns * rows)
    symbol_art_draw(
      image.bytes, Int32(image.width), Int32(image.height), Int32(columns), Int32(rows),
      colors(of: depth), &cells)
    return cells.map { cell in
      let scalar = Unicode.Scalar(cell.scalar) ?? " "
      // A space has no ink; libchafa gives it any colour.
      return CellPicture.Block(
        scalar: scalar, foreground: scalar == " " ? .standard : color(cell.foreground, depth),
        background: color(cell.background, depth))
    }
  }

  private static func colors(of depth: ColorDepth) -> symbol_art_colors {
    switch depth {
    case .monochrome: SYMBOL_ART_MONOCHROME
    case .ansi16: SYMBOL_ART_ANSI16
    case .indexed256: SYMBOL_ART_INDEXED240
    case .trueColor: SYMBOL_ART_TRUE_COLOR
    }
  }

  private static func color(_ value: Int32, _ depth: ColorDepth) -> TerminalColor {
    guard value >= 0, depth > .monochrome else { return .standard }
    return depth == .trueColor
      ? .rgb(
        UInt8(truncatingIfNeeded: value >> 16), UInt8(truncatingIfNeeded: value >> 8),
        UInt8(truncatingIfNeeded: value)) : .indexed(UInt8(clamping: value))
  }
}
