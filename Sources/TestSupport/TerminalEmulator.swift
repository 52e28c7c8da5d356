import Glibc
import Imaging
import TerminalCells

/// The other end of the line: keeps what a terminal would show and answers what it is asked.
///
/// It knows the sequences that the program and curses send for a true-colour screen; pictures are
/// kept as they came, for the decoders beside this file.
public struct TerminalEmulator: Sendable {
  /// What this terminal can do.
  public struct Traits: Sendable {
    public var showsSixels = false
    public var showsKittyImages = false
    /// Whether it opens the shared memory that kitty's protocol names, as a local terminal does.
    public var readsSharedMemory = false
    public var showsInlineImages = false
    public var name = "emulator"
    public var cell = ImageExtent(width: 10, height: 20)

    public init() {}
  }

  /// One character position.
  public struct Glyph: Equatable, Sendable {
    public var scalar: Unicode.Scalar
    public var style: CellStyle

    public init(scalar: Unicode.Scalar = " ", style: CellStyle = .standard) {
      self.scalar = scalar
      self.style = style
    }
  }

  /// What a program must leave as it found it.
  public struct Condition: Equatable, Sendable {
    /// DEC private modes that are set: 7 wraps lines and 25 shows the cursor from the start.
    public var modes: Set<Int> = [7, 25]
    public var hasApplicationKeypad = false
    public var style = CellStyle.standard
    /// Ids of kitty's pictures that the terminal holds.
    public var images: Set<Int> = []
  }

  public let traits: Traits
  public let columns: Int
  public let rows: Int
  public private(set) var glyphs: [Glyph]
  public private(set) var condition = Condition()
  /// What the terminal has to say to the program; the owner sends and empties it.
  public var replies: [UInt8] = []
  /// Frames that brought pixels, or glyphs into `pictureArea`.
  public private(set) var pictureCount = 0
  /// The sequences of the last picture of pixels.
  public private(set) var lastPicture: [UInt8] = []
  private var lastSharedPicture: DisplayImage?
  /// Where the program is known to show its picture when it is made of cells.
  public var pictureArea: Rect?

  private var cursor = CellPosition(column: 0, row: 0)
  private var savedCursor = CellPosition(column: 0, row: 0)
  private var frameHasPicture = false
  private var kittyTransmission: [UInt8] = []
  private var parser = SequenceParser()

  public init(columns: Int, rows: Int, traits: Traits = Traits()) {
    self.columns = columns
    self.rows = rows
    self.traits = traits
    glyphs = Array(repeating: Glyph(), count: columns * rows)
  }

  public mutating func receive(_ bytes: some Sequence<UInt8>) {
    Array(bytes).withUnsafeBufferPointer { bytes in
      var rest = bytes[...]
      while let item = parser.next(&rest) { perform(item) }
    }
  }

  /// The glyphs of a rectangle, row by row.
  public func glyphs(in area: Rect) -> [Glyph] {
    (area.row..<area.endRow).flatMap { row in
      glyphs[row * columns + area.column..<row * columns + area.endColumn]
    }
  }

  /// The screen's rows.
  public var text: String {
    (0..<rows).map { row in
      var line = String.UnicodeScalarView()
      line.append(contentsOf: glyphs[row * columns..<(row + 1) * columns].map(\.scalar))
      return String(line)
    }.joined(separator: "\n")
  }

  /// The last picture of pixels, read by the decoder of its protocol.
  public var picture: DisplayImage? {
    if let lastSharedPicture { return lastSharedPicture }
    if traits.showsSixels { return DecodedSixel(lastPicture)?.image }
    if traits.showsKittyImages { return KittyCommand.image(in: KittyCommand.all(in: lastPicture)) }
    return InlineImage(lastPicture)?.image
  }

  // MARK: - Sequences

  private mutating func perform(_ item: SequenceParser.Item) {
    switch item {
    case .scalar(let scalar): print(scalar)
    case .control(let byte): control(byte)
    case .escape(let final):
      switch final {
      case UInt8(ascii: "7"): savedCursor = cursor
      case UInt8(ascii: "8"): cursor = savedCursor
      case UInt8(ascii: "="): condition.hasApplicationKeypad = true
      case UInt8(ascii: ">"): condition.hasApplicationKeypad = false
      default: break
      }
    case .sequence(let body, let final): sequence(body, final)
    case .string(let introducer, let body): string(introducer, body)
    }
  }

  private mutating func print(_ scalar: Unicode.Scalar) {
    guard cursor.column < columns, cursor.row < rows else { return }
    if pictureArea?.contains(cursor) == true { frameHasPicture = true }
    glyphs[cursor.row * columns + cursor.column] = Glyph(scalar: scalar, style: condition.style)
    cursor.column += 1
  }

  private mutating func control(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\r"): cursor.column = 0
    case UInt8(ascii: "\n"): cursor.row = min(cursor.row + 1, rows - 1)
    case 8: cursor.column = max(0, cursor.column - 1)
    default: break
    }
  }

  private mutating func sequence(_ body: [UInt8], _ final: UInt8) {
    let text = String(decoding: body, as: UTF8.self)
    let isPrivate = text.hasPrefix("?")
    let numbers = text.drop { !$0.isNumber && $0 != ";" }
      .split(separator: ";", omittingEmptySubsequences: false)
      .map { part in Int(part.prefix { $0.isNumber }) }
    switch (Character(Unicode.Scalar(final)), isPrivate) {
    case ("H", false):
      cursor = CellPosition(
        column: (numbers.dropFirst().first.flatMap { $0 } ?? 1) - 1,
        row: (numbers.first.flatMap { $0 } ?? 1) - 1)
    case ("J", false): glyphs = Array(repeating: Glyph(), count: columns * rows)
    case ("m", false) where !text.hasPrefix(">"): selectStyle(numbers.map { $0 ?? 0 })
    case ("h", true): set(numbers.compactMap { $0 }, on: true)
    case ("l", true): set(numbers.compactMap { $0 }, on: false)
    case ("p", true) where numbers.first == 2026: reply("\u{1B}[?2026;2$y")
    case ("S", true) where traits.showsSixels:
      reply(numbers.first == 1 ? "\u{1B}[?1;0;256S" : "\u{1B}[?2;0;4000;4000S")
    case ("q", false) where text.hasPrefix(">"): reply("\u{1B}P>|\(traits.name)\u{1B}\\")
    case ("t", false) where numbers == [16]:
      reply("\u{1B}[6;\(traits.cell.height);\(traits.cell.width)t")
    case ("t", false) where numbers == [14]:
      reply("\u{1B}[4;\(rows * traits.cell.height);\(columns * traits.cell.width)t")
    case ("c", false) where body.isEmpty:
      reply(traits.showsSixels ? "\u{1B}[?62;4c" : "\u{1B}[?62c")
    default: break
    }
  }

  private mutating func set(_ modes: [Int], on isOn: Bool) {
    for mode in modes {
      if isOn { condition.modes.insert(mode) } else { condition.modes.remove(mode) }
      if mode == 2026 && !isOn {
        pictureCount += frameHasPicture ? 1 : 0
        frameHasPicture = false
      }
    }
  }

  private mutating func selectStyle(_ numbers: [Int]) {
    var rest = numbers[...]
    while let number = rest.popFirst() {
      switch number {
      case 0: condition.style = .standard
      case 30...37: condition.style.foreground = .indexed(UInt8(number - 30))
      case 38: condition.style.foreground = Self.color(&rest)
      case 39: condition.style.foreground = .standard
      case 40...47: condition.style.background = .indexed(UInt8(number - 40))
      case 48: condition.style.background = Self.color(&rest)
      case 49: condition.style.background = .standard
      case 90...97: condition.style.foreground = .indexed(UInt8(number - 82))
      case 100...107: condition.style.background = .indexed(UInt8(number - 92))
      default: break
      }
    }
  }

  /// `2;R;G;B` or `5;N`.
  private static func color(_ rest: inout ArraySlice<Int>) -> TerminalColor {
    let values = rest.prefix(rest.first == 2 ? 4 : 2).dropFirst().map { UInt8(clamping: $0) }
    rest = rest.dropFirst(values.count + 1)
    return values.count == 3
      ? .rgb(values[0], values[1], values[2]) : values.first.map { .indexed($0) } ?? .standard
  }

  private mutating func reply(_ text: String) { replies += text.utf8 }

  // MARK: - Pictures

  private mutating func string(_ introducer: UInt8, _ body: [UInt8]) {
    switch introducer {
    case UInt8(ascii: "P") where traits.showsSixels:
      lastPicture = [0x1B, introducer] + body + [0x1B, UInt8(ascii: "\\")]
      frameHasPicture = true
    case UInt8(ascii: "_") where traits.showsKittyImages && body.first == UInt8(ascii: "G"):
      kitty([0x1B, introducer] + body + [0x1B, UInt8(ascii: "\\")])
    case UInt8(ascii: "]") where body.starts(with: "11;?".utf8):
      reply("\u{1B}]11;rgb:1010/1010/1010\u{1B}\\")
    case UInt8(ascii: "]") where traits.showsInlineImages && body.starts(with: "1337;File=".utf8):
      lastPicture = body
      frameHasPicture = true
    default: break
    }
  }

  private mutating func kitty(_ bytes: [UInt8]) {
    // Of a chunk only the control data are read here: payloads are large.
    let control = bytes.prefix { $0 != UInt8(ascii: ";") } + [0x1B, UInt8(ascii: "\\")]
    let keys = KittyCommand.all(in: Array(control)).first?.keys ?? [:]
    switch keys["a"] {
    case "q":
      let isReadable =
        keys["t"] != "s" || (traits.readsSharedMemory && KittyCommand.sharedBytes(of: bytes) != nil)
      reply("\u{1B}_Gi=\(keys["i"] ?? "0");\(isReadable ? "OK" : "EBADF")\u{1B}\\")
    case "d":
      if let identifier = keys["i"].flatMap({ Int($0) }) { condition.images.remove(identifier) }
      if keys["d"] == "A" { condition.images.removeAll() }
    default:
      if let identifier = keys["i"].flatMap({ Int($0) }) { condition.images.insert(identifier) }
      kittyTransmission += bytes
      guard keys["m"] != "1" else { return }
      lastPicture = kittyTransmission
      lastSharedPicture = keys["t"] == "s" ? KittyCommand.sharedImage(of: bytes, keys: keys) : nil
      kittyTransmission.removeAll(keepingCapacity: true)
      frameHasPicture = true
    }
  }
}

/// Cuts a terminal's input into characters, control sequences (ECMA-48 §5.4) and control strings.
struct SequenceParser: Sendable {
  enum Item {
    case scalar(Unicode.Scalar)
    case control(UInt8)
    case escape(UInt8)
    case sequence([UInt8], UInt8)
    case string(UInt8, [UInt8])
  }

  private enum State {
    case ground, escape, designation, sequence
    case string(UInt8)
    case stringEscape(UInt8)
    case bell(UInt8)
  }

  private var state = State.ground
  private var body: [UInt8] = []

  /// The next whole item; nil when the bytes are used up.
  mutating func next(_ bytes: inout Slice<UnsafeBufferPointer<UInt8>>) -> Item? {
    while let byte = bytes.first {
      if case .string(let introducer) = state {
        takeString(introducer, &bytes)
        guard case .bell = state else { continue }
        state = .ground
        defer { body.removeAll() }
        return .string(introducer, body)
      }
      bytes = bytes.dropFirst()
      if let item = take(byte) { return item }
    }
    return nil
  }

  /// Strings are long: up to their end at once.
  private mutating func takeString(
    _ introducer: UInt8, _ bytes: inout Slice<UnsafeBufferPointer<UInt8>>
  ) {
    let part = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes))
    func distance(to byte: Int32, within count: Int) -> Int? {
      part.baseAddress.flatMap { start in
        memchr(start, byte, count).map { UnsafeRawPointer($0) - start }
      }
    }
    let escape = distance(to: 0x1B, within: part.count)
    // BEL ends operating system commands (xterm's ctlseqs).
    let bell =
      introducer == UInt8(ascii: "]") ? distance(to: 7, within: escape ?? part.count) : nil
    let length = bell ?? escape
    body.append(contentsOf: part.prefix(length ?? part.count))
    bytes = bytes.dropFirst(length.map { $0 + 1 } ?? part.count)
    if bell != nil {
      state = .bell(introducer)
    } else if escape != nil {
      state = .stringEscape(introducer)
    }
  }

  private mutating func take(_ byte: UInt8) -> Item? {
    switch state {
    case .ground: return takeText(byte)
    case .escape: return takeEscape(byte)
    case .designation: state = .ground
    case .sequence:
      guard (0x40...0x7E).contains(byte) else {
        body.append(byte)
        return nil
      }
      state = .ground
      defer { body.removeAll() }
      return .sequence(body, byte)
    case .stringEscape(let introducer):
      guard byte == UInt8(ascii: "\\") else {
        // Cut off: the escape starts the next sequence.
        body.removeAll()
        return takeEscape(byte)
      }
      state = .ground
      defer { body.removeAll() }
      return .string(introducer, body)
    case .string, .bell: break
    }
    return nil
  }

  private mutating func takeText(_ byte: UInt8) -> Item? {
    if byte == 0x1B {
      body.removeAll()
      state = .escape
      return nil
    }
    guard byte >= 0x20 else { return .control(byte) }
    body.append(byte)
    let length = body[0] < 0x80 ? 1 : body[0] < 0xE0 ? 2 : body[0] < 0xF0 ? 3 : 4
    guard body.count == length else { return nil }
    defer { body.removeAll() }
    return String(decoding: body, as: UTF8.self).unicodeScalars.first.map { .scalar($0) }
  }

  private mutating func takeEscape(_ byte: UInt8) -> Item? {
    state = .ground
    switch byte {
    case UInt8(ascii: "["): state = .sequence
    case UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "]"), UInt8(ascii: "^"):
      state = .string(byte)
    case UInt8(ascii: "("), UInt8(ascii: ")"): state = .designation
    default: return .escape(byte)
    }
    return nil
  }
}
