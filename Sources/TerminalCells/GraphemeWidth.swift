extension Character {
  /// How many columns a terminal gives this grapheme: 0, 1 or 2.
  ///
  /// The base scalar decides (Unicode Annex 11: wide and fullwidth take two); a variation
  /// selector 16 or a second regional indicator makes an emoji of a narrow base. Controls,
  /// format characters and marks without a base take none.
  public var terminalColumns: Int {
    // Most text is ASCII; a line break of two scalars is as well, and a control like the others.
    if let ascii = asciiValue { return (0x20..<0x7F).contains(ascii) ? 1 : 0 }
    let scalars = unicodeScalars
    guard let base = scalars.first else { return 0 }
    if base.isPlain && scalars.count == 1 { return 1 }
    switch base.properties.generalCategory {
    case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator,
      .nonspacingMark, .enclosingMark:
      return 0
    default: break
    }
    if WideScalars.contain(base) { return 2 }
    let isEmojiSequence = scalars.dropFirst().contains { scalar in
      scalar.value == 0xFE0F || (0x1F1E6...0x1F1FF).contains(scalar.value)
    }
    return isEmojiSequence ? 2 : 1
  }
}

extension String {
  /// The number of columns that drawing this text takes.
  public var terminalColumns: Int {
    plainColumns ?? reduce(0) { $0 + $1.terminalColumns }
  }

  /// The number of columns of text whose scalars are a grapheme and a column each; nil of other text.
  var plainColumns: Int? {
    var count = 0
    for scalar in unicodeScalars {
      guard scalar.isPlain else { return nil }
      count += 1
    }
    return count
  }
}

extension Unicode.Scalar {
  /// Whether this is printable ASCII, or one of the lines, blocks and shapes that frames and gauges
  /// are drawn of: next to each other they do not combine, and asking for properties takes its time.
  fileprivate var isPlain: Bool {
    (0x20..<0x7F).contains(value) || (0x2500..<0x25FD).contains(value)
  }
}

/// The scalars of East Asian width W and F, from Unicode 14.0.0, gaps of unassigned scalars closed.
private enum WideScalars {
  static func contain(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    guard value >= 0x1100 else { return false }
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(value)
  }

  private static let ranges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0,
    0x23F3...0x23F3, 0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F,
    0x2693...0x2693, 0x26A1...0x26A1, 0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5,
    0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA, 0x26F2...0x26F3, 0x26F5...0x26F5,
    0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B, 0x2728...0x2728,
    0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
    0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55,
    0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4C6, 0xA960...0xA97C,
    0xAC00...0xD7A3, 0xF900...0xFAD9, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60,
    0xFFE0...0xFFE6, 0x16FE0...0x1B2FB, 0x1F004...0x1F004, 0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E,
    0x1F191...0x1F19A, 0x1F200...0x1F320, 0x1F32D...0x1F335, 0x1F337...0x1F37C, 0x1F37E...0x1F393,
    0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0, 0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E,
    0x1F440...0x1F440, 0x1F442...0x1F4FC, 0x1F4FF...0x1F53D, 0x1F54B...0x1F54E, 0x1F550...0x1F567,
    0x1F57A...0x1F57A, 0x1F595...0x1F596, 0x1F5A4...0x1F5A4, 0x1F5FB...0x1F64F, 0x1F680...0x1F6C5,
    0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6DF, 0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC,
    0x1F7E0...0x1F7F0, 0x1F90C...0x1F93A, 0x1F93C...0x1F945, 0x1F947...0x1F9FF, 0x1FA70...0x1FAF6,
    0x20000...0x3FFFD,
  ]
}
