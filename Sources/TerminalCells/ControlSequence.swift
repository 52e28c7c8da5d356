/// One control sequence (ECMA-48 §5.4) that a terminal sent, and what it means.
struct ControlSequence {
  /// Introduces private parameters: `?`, `>`, `=` or `<`.
  private let marker: UInt8?
  private let parameters: [Int?]
  private let hasIntermediates: Bool
  private let final: UInt8

  init(body: ArraySlice<UInt8>, final: UInt8) {
    let marker = body.first.flatMap { (0x3C...0x3F).contains($0) ? $0 : nil }
    let digits = body.drop { (0x3C...0x3F).contains($0) }.prefix { $0 >= 0x30 }
    // Sub-parameters behind a colon (kitty's alternate keys) are of no use here.
    parameters = digits.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
      .map { part in Int(String(decoding: part.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)) }
    hasIntermediates = body.contains { $0 < 0x30 }
    self.marker = marker
    self.final = final
  }

  var isPasteStart: Bool {
    marker == nil && final == UInt8(ascii: "~") && parameters.first == 200
  }

  /// Whether this answers a query: private markers other than the mouse's, reports of modes
  /// with an intermediate byte, and window reports (`t`).
  var isReply: Bool {
    if let marker { return marker != UInt8(ascii: "<") }
    return hasIntermediates || final == UInt8(ascii: "t")
  }

  var event: InputEvent? {
    if marker == UInt8(ascii: "<") { return mouseEvent.map { .mouse($0) } }
    return key.map { .key($0) }
  }

  // MARK: - Keys

  /// Final letters of CSI and SS3 sequences (xterm's ctlseqs, "PC-Style Function Keys").
  static let letterKeys: [UInt8: Key.Symbol] = [
    UInt8(ascii: "A"): .up, UInt8(ascii: "B"): .down, UInt8(ascii: "C"): .right,
    UInt8(ascii: "D"): .left, UInt8(ascii: "H"): .home, UInt8(ascii: "F"): .end,
    UInt8(ascii: "P"): .function(1), UInt8(ascii: "Q"): .function(2),
    UInt8(ascii: "R"): .function(3), UInt8(ascii: "S"): .function(4),
    UInt8(ascii: "M"): .enter,
  ]

  /// First parameters of sequences that end with a tilde.
  private static let numberedKeys: [Int: Key.Symbol] = [
    1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
    11: .function(1), 12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5),
    17: .function(6), 18: .function(7), 19: .function(8), 20: .function(9), 21: .function(10),
    23: .function(11), 24: .function(12), 25: .function(13), 26: .function(14),
    28: .function(15), 29: .function(16), 31: .function(17), 32: .function(18),
    33: .function(19), 34: .function(20),
  ]

  private var key: Key? {
    let number = (parameters.first ?? nil) ?? 1
    switch final {
    case UInt8(ascii: "Z"): return Key(.tab, modifiers: .shift)
    case UInt8(ascii: "M"): return nil
    case UInt8(ascii: "~") where number == 27:
      // xterm's modifyOtherKeys: CSI 27 ; modifiers ; code ~
      return key(code: parameter(2))
    case UInt8(ascii: "~"): return Self.numberedKeys[number].map { Key($0, modifiers: modifiers) }
    case UInt8(ascii: "u"): return key(code: number)
    default: return Self.letterKeys[final].map { Key($0, modifiers: modifiers) }
    }
  }

  private func key(code: Int?) -> Key? {
    guard let code, let scalar = Unicode.Scalar(UInt32(clamping: code)) else { return nil }
    switch code {
    case 9: return Key(.tab, modifiers: modifiers)
    case 13: return Key(.enter, modifiers: modifiers)
    case 27: return Key(.escape, modifiers: modifiers)
    case 8, 127: return Key(.backspace, modifiers: modifiers)
    // The private use area holds kitty's codes for keys that are of no use here.
    case ..<32, 0xE000...0xF8FF: return nil
    default: return Key(.character(Character(scalar)), modifiers: modifiers)
    }
  }

  /// The second parameter is one more than the bits shift 1, alt 2, control 4.
  private var modifiers: Key.Modifiers {
    let bits = max(0, (parameter(1) ?? 1) - 1)
    return Key.Modifiers(rawValue: UInt8(bits & 7))
  }

  private func parameter(_ index: Int) -> Int? {
    index < parameters.count ? parameters[index] : nil
  }

  // MARK: - Mouse

  /// SGR mouse reports (xterm mode 1006): CSI < code ; column ; row M, or m for a release.
  private var mouseEvent: MouseEvent? {
    guard let code = parameter(0), let column = parameter(1), let row = parameter(2),
      column > 0, row > 0, let kind = mouseKind(code: code)
    else { return nil }
    var modifiers: Key.Modifiers = []
    if code & 4 != 0 { modifiers.insert(.shift) }
    if code & 8 != 0 { modifiers.insert(.alt) }
    if code & 16 != 0 { modifiers.insert(.control) }
    let position = CellPosition(column: column - 1, row: row - 1)
    return MouseEvent(kind: kind, position: position, modifiers: modifiers)
  }

  private func mouseKind(code: Int) -> MouseEvent.Kind? {
    let wheel: [MouseEvent.Kind] = [.scrollUp, .scrollDown, .scrollLeft, .scrollRight]
    let buttons: [MouseEvent.Button] = [.left, .middle, .right]
    if code & 64 != 0 { return final == UInt8(ascii: "M") ? wheel[code & 3] : nil }
    // Button 3 is movement without a button.
    guard code & 3 < 3, code & 128 == 0 else { return nil }
    let button = buttons[code & 3]
    if final == UInt8(ascii: "m") { return .release(button) }
    return code & 32 != 0 ? .drag(button) : .press(button)
  }
}
