extension CellGrid {
  /// The grid as text for snapshots: glyph rows, then a map of styles, then its legend.
  ///
  /// `.` marks the terminal's own style, every other style gets a letter in the order of
  /// appearance. Cells under a picture show as `░`.
  /// - Parameters:
  ///   - isSqueezed: whether long runs of one character are counted, as in `─⟨40⟩`: for large screens.
  ///   - name: what a style is called in the legend, such as a theme's role; nil spells the colours out.
  /// - Returns: the rows, each ended by a line feed.
  public func dump(
    isSqueezed: Bool = false, naming name: (CellStyle) -> String? = { _ in nil }
  ) -> String {
    var letters: [CellStyle: Character] = [.standard: "."]
    var legend: [String] = []
    var glyphRows: [String] = []
    var styleRows: [String] = []
    for row in 0..<rows {
      var glyphs = ""
      var styles = ""
      for column in 0..<columns {
        let cell = self[column, row]
        if cell.columns > 0 { glyphs.append(cell.isUnderImage ? "░" : cell.grapheme) }
        let letter = letters[cell.style] ?? Self.letter(letters.count - 1)
        if letters.updateValue(letter, forKey: cell.style) == nil {
          legend.append("\(letter) \(name(cell.style) ?? cell.style.description)")
        }
        styles.append(letter)
      }
      glyphRows.append("|\(isSqueezed ? glyphs.squeezed : glyphs)|")
      styleRows.append("|\(isSqueezed ? styles.squeezed : styles)|")
    }
    return (glyphRows + ["styles"] + styleRows + legend).joined(separator: "\n") + "\n"
  }

  /// Half-block pictures have more styles than letters: those share `*`.
  private static func letter(_ index: Int) -> Character {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    return index < alphabet.count ? alphabet[index] : "*"
  }
}

extension Frame {
  /// The grid's dump with the picture slots and the cursor below it.
  public func dump(
    isSqueezed: Bool = false, naming name: (CellStyle) -> String? = { _ in nil }
  ) -> String {
    var text = grid.dump(isSqueezed: isSqueezed, naming: name)
    for slot in images {
      let rect = slot.rect
      text +=
        "image \(slot.image.rawValue) at \(rect.column),\(rect.row)"
        + " size \(rect.columns)x\(rect.rows)\n"
    }
    if let cursor { text += "cursor at \(cursor.column),\(cursor.row)\n" }
    return text
  }
}

extension String {
  /// The text with runs of more than eight equal characters counted.
  fileprivate var squeezed: String {
    var result = ""
    var rest = self[...]
    while let first = rest.first {
      let run = rest.prefix { $0 == first }
      result += run.count > 8 ? "\(first)⟨\(run.count)⟩" : String(run)
      rest = rest[run.endIndex...]
    }
    return result
  }
}

extension CellStyle: CustomStringConvertible {
  /// Colours and attributes in words, `fg=#ffcc00 bg=7 bold`.
  public var description: String {
    let names: [(CellAttributes, String)] = [
      (.bold, "bold"), (.dim, "dim"), (.italic, "italic"), (.underline, "underline"),
      (.reverse, "reverse"),
    ]
    let attributeNames = names.filter { attributes.contains($0.0) }.map(\.1)
    return (["fg=\(foreground)", "bg=\(background)"] + attributeNames).joined(separator: " ")
  }
}

extension TerminalColor: CustomStringConvertible {
  /// `standard`, a palette index or `#rrggbb`.
  public var description: String {
    switch self {
    case .standard: return "standard"
    case .indexed(let index): return String(index)
    case .rgb(let red, let green, let blue):
      let digits = [red, green, blue].map { component in
        (component < 16 ? "0" : "") + String(component, radix: 16)
      }
      return "#" + digits.joined()
    }
  }
}
