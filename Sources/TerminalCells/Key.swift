/// A key with its modifiers, as keymaps write it: `a`, `<C-s>`, `<S-Left>`, `<F1>`.
///
/// Keys that terminals cannot tell apart have one canonical value: `<C-i>` is `<Tab>`,
/// `<C-m>` is `<Enter>`, `<C-[>` is `<Esc>`, `<S-a>` is `A`.
public struct Key: Hashable, Sendable {
  /// What is printed on the key.
  public enum Symbol: Hashable, Sendable {
    case character(Character)
    case left, right, up, down
    case home, end, pageUp, pageDown
    case insert, delete, backspace
    case tab, enter, escape
    case function(Int)
  }

  /// Keys held meanwhile.
  public struct Modifiers: OptionSet, Hashable, Sendable {
    /// One bit per modifier.
    public let rawValue: UInt8

    /// Makes a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The shift key; never set for characters, which carry it in their case.
    public static let shift = Modifiers(rawValue: 1)
    /// The alt or meta key.
    public static let alt = Modifiers(rawValue: 2)
    /// The control key.
    public static let control = Modifiers(rawValue: 4)
  }

  /// What is printed on the key.
  public let symbol: Symbol
  /// The keys held meanwhile.
  public let modifiers: Modifiers

  /// Makes a key in its canonical form.
  public init(_ symbol: Symbol, modifiers: Modifiers = []) {
    guard case .character(let character) = symbol else {
      self.symbol = symbol
      self.modifiers = modifiers
      return
    }
    if modifiers.contains(.control) {
      let letter = Character(character.lowercased())
      let synonyms: [Character: Symbol] = ["i": .tab, "m": .enter, "[": .escape]
      self.symbol = synonyms[letter] ?? .character(letter)
      self.modifiers =
        synonyms[letter] == nil
        ? modifiers.subtracting(.shift) : modifiers.subtracting([.control, .shift])
    } else {
      let upper = character.uppercased()
      let isShifted = modifiers.contains(.shift) && upper.count == 1
      self.symbol = .character(isShifted ? Character(upper) : character)
      self.modifiers = modifiers.subtracting(.shift)
    }
  }

  /// Makes the key of a printable character.
  public init(_ character: Character) { self.init(.character(character)) }
}

// MARK: - Notation

extension Key: CustomStringConvertible {
  private static let modifierLetters: [(Modifiers, Character)] = [
    (.control, "C"), (.alt, "A"), (.shift, "S"),
  ]

  private static let names: [(Symbol, String)] = [
    (.left, "Left"), (.right, "Right"), (.up, "Up"), (.down, "Down"), (.home, "Home"),
    (.end, "End"), (.pageUp, "PageUp"), (.pageDown, "PageDown"), (.insert, "Insert"),
    (.delete, "Del"), (.backspace, "BS"), (.tab, "Tab"), (.enter, "Enter"), (.escape, "Esc"),
    (.character(" "), "Space"), (.character("<"), "lt"),
  ]

  /// The canonical notation, which `init(parsing:)` reads back.
  public var description: String {
    let prefix = Self.modifierLetters.filter { modifiers.contains($0.0) }.map { "\($0.1)-" }
    switch symbol {
    case .function(let number): return "<\(prefix.joined())F\(number)>"
    case .character(let character) where Self.name(of: symbol) == nil:
      return prefix.isEmpty ? String(character) : "<\(prefix.joined())\(character)>"
    default: return "<\(prefix.joined())\(Self.name(of: symbol) ?? "")>"
    }
  }

  /// Reads one key, names in any case; nil when the notation is wrong.
  public init?(parsing notation: String) {
    guard let first = notation.first else { return nil }
    if notation.count == 1 {
      guard first.terminalColumns > 0, first != " " else { return nil }
      self.init(first)
      return
    }
    guard first == "<", notation.last == ">" else { return nil }
    var rest = notation.dropFirst().dropLast()
    var modifiers: Modifiers = []
    while rest.count > 2, rest.dropFirst().first == "-" {
      let letter = rest.first.map { Character($0.uppercased()) }
      guard
        let row = Self.modifierLetters.first(where: {
          $0.1 == letter || ($0.1, letter) == ("A", "M")
        }),
        !modifiers.contains(row.0)
      else { return nil }
      modifiers.insert(row.0)
      rest = rest.dropFirst(2)
    }
    guard let symbol = Self.symbol(named: String(rest), isPlain: modifiers.isEmpty) else {
      return nil
    }
    self.init(symbol, modifiers: modifiers)
  }

  /// Reads keys written one after the other, `gg` or `<C-x><C-s>`; nil when one is wrong or
  /// there is none.
  public static func sequence(parsing notation: String) -> [Key]? {
    var keys: [Key] = []
    var rest = notation[...]
    while let first = rest.first {
      var length = 1
      if first == "<" {
        guard let close = rest.dropFirst().firstIndex(of: ">") else { return nil }
        length = rest.distance(from: rest.startIndex, to: close) + 1
        // `<C->>`: the bracket itself with a modifier.
        if rest.dropFirst(length - 2).first == "-", rest.dropFirst(length).first == ">" {
          length += 1
        }
      }
      guard let key = Key(parsing: String(rest.prefix(length))) else { return nil }
      keys.append(key)
      rest = rest.dropFirst(length)
    }
    return keys.isEmpty ? nil : keys
  }

  private static func name(of symbol: Symbol) -> String? {
    names.first { $0.0 == symbol }?.1
  }

  private static func symbol(named name: String, isPlain: Bool) -> Symbol? {
    let lowered = name.lowercased()
    if let row = names.first(where: { $0.1.lowercased() == lowered }) { return row.0 }
    if lowered.first == "f", let number = Int(lowered.dropFirst()), (1...24).contains(number) {
      return .function(number)
    }
    // `<a>` is not a notation: a plain character stands for itself.
    guard !isPlain, name.count == 1, let character = name.first else { return nil }
    return .character(character)
  }
}
