import CNcurses
import TerminalCells

/// Translates keys, colours and attributes between curses and cells.
enum CursesMapping {
  /// The keys of a terminal's description (terminfo names) that input is searched for.
  private static let keyCapabilities: [(name: String, key: Key)] =
    [
      ("kcuu1", Key(.up)), ("kcud1", Key(.down)), ("kcub1", Key(.left)), ("kcuf1", Key(.right)),
      ("khome", Key(.home)), ("kend", Key(.end)), ("kpp", Key(.pageUp)), ("knp", Key(.pageDown)),
      ("kich1", Key(.insert)), ("kdch1", Key(.delete)), ("kbs", Key(.backspace)),
      ("kcbt", Key(.tab, modifiers: .shift)), ("kLFT", Key(.left, modifiers: .shift)),
      ("kRIT", Key(.right, modifiers: .shift)),
    ] + (1...12).map { ("kf\($0)", Key(.function($0))) }

  /// What the terminal's keys send, by its description.
  static func keySequences() -> [[UInt8]: Key] {
    var sequences: [[UInt8]: Key] = [:]
    for (name, key) in keyCapabilities {
      if let bytes = capability(name), !bytes.isEmpty { sequences[bytes] = key }
    }
    return sequences
  }

  /// A string of the terminal's description; nil when it has none or wants delays inside.
  static func capability(_ name: String) -> [UInt8]? {
    guard let value = curses_capability(name) else { return nil }
    let text = String(cString: value)
    return text.contains("$<") ? nil : Array(text.utf8)
  }

  private static let attributes: [(CellAttributes, attr_t)] = [
    (.bold, curses_bold), (.dim, curses_dim), (.italic, curses_italic),
    (.underline, curses_underline), (.reverse, curses_reverse),
  ]

  /// How many colours curses can show, at most the wanted number.
  static func depth(wanted: ColorDepth) -> ColorDepth {
    let available: ColorDepth =
      switch curses_color_count() {
      case 256...: .indexed256
      case 8...: .ansi16
      default: .monochrome
      }
    return min(wanted, available)
  }

  /// The curses cell of a grapheme.
  static func curseCell(_ cell: Cell, depth: ColorDepth) -> cchar_t {
    var attributes = curses_normal
    for (attribute, bits) in Self.attributes where cell.style.attributes.contains(attribute) {
      attributes |= bits
    }
    let foreground = number(of: cell.style.foreground.reduced(to: depth))
    let background = number(of: cell.style.background.reduced(to: depth))
    if foreground.isBright { attributes |= curses_bold }
    let isPlain = foreground.number < 0 && background.number < 0
    // Pairs are recycled by curses when there are more combinations than pairs.
    let pair = isPlain ? 0 : max(0, alloc_pair(foreground.number, background.number))
    var result = cchar_t()
    let text = cell.grapheme.unicodeScalars.map { wchar_t(bitPattern: $0.value) }
    if curses_make_cell(&result, text + [0], attributes, pair) != OK {
      // Curses holds five scalars per cell; of a longer sequence the base is shown.
      _ = curses_make_cell(&result, [text[0], 0], attributes, pair)
    }
    return result
  }

  /// A curses colour number, -1 for the terminal's own; bright ones become bold where there
  /// are only eight colours.
  private static func number(of color: TerminalColor) -> (number: Int32, isBright: Bool) {
    guard case .indexed(let index) = color else { return (-1, false) }
    let isBeyond = curses_color_count() <= 8 && index >= 8
    return (Int32(isBeyond ? index - 8 : index), isBeyond)
  }
}
