import TerminalCells

extension Float {
  /// The number with a fixed count of decimals and, when asked for, a plus sign.
  ///
  /// A value that rounds to zero has no sign, so that sliders never show −0.
  func text(digits: Int, signed: Bool = false) -> String {
    guard isFinite else { return "–" }
    let scale = (0..<digits).reduce(Float(1)) { product, _ in product * 10 }
    let scaled = (magnitude * scale).rounded()
    guard scaled < 1e9 else { return self < 0 ? "−∞" : "∞" }
    let units = Int(scaled)
    let sign = units == 0 ? "" : self < 0 ? "−" : signed ? "+" : ""
    guard digits > 0 else { return sign + String(units) }
    let divisor = Int(scale)
    let decimals = String(units % divisor)
    let padding = String(repeating: "0", count: digits - decimals.count)
    return "\(sign)\(units / divisor).\(padding)\(decimals)"
  }
}

extension String {
  /// The text shortened to `columns` terminal columns, an ellipsis telling that it was.
  func fitted(_ columns: Int) -> String {
    guard terminalColumns > columns else { return self }
    guard columns > 0 else { return "" }
    var result = ""
    var width = 0
    for character in self {
      width += character.terminalColumns
      if width > columns - 1 { break }
      result.append(character)
    }
    return result + "…"
  }

  /// The text shortened at its front, as paths want it: the end tells files apart.
  func fittedKeepingEnd(_ columns: Int) -> String {
    guard terminalColumns > columns else { return self }
    guard columns > 0 else { return "" }
    return "…" + String(String(reversed()).fitted(columns).dropLast().reversed())
  }

  /// The text followed by blanks up to `columns`, or shortened to them.
  func padded(_ columns: Int) -> String {
    let text = fitted(columns)
    return text + String(repeating: " ", count: max(0, columns - text.terminalColumns))
  }

  /// The text behind blanks up to `columns`, or shortened to them.
  func leftPadded(_ columns: Int) -> String {
    let text = fitted(columns)
    return String(repeating: " ", count: max(0, columns - text.terminalColumns)) + text
  }
}
