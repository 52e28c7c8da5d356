import Imaging
import TerminalCells

/// What a terminal answered to the batch of queries, taken apart.
public struct TerminalReplies: Equatable, Sendable {
  /// Name and version (XTVERSION).
  public internal(set) var name: String?
  /// The parameters of the primary device attributes (DA1); nil when it never answered.
  public internal(set) var deviceAttributes: [Int]?
  /// Whether kitty's graphics query was answered with OK.
  public internal(set) var understandsKitty = false
  /// Whether kitty's graphics query by shared memory was answered with OK.
  public internal(set) var sharesMemory = false
  /// Whether synchronised output (mode 2026) is known: set or reset, not permanently so.
  public internal(set) var knowsSynchronizedOutput = false
  /// Sixel colour registers (XTSMGRAPHICS 1).
  public internal(set) var colorRegisters: Int?
  /// The largest sixel picture (XTSMGRAPHICS 2).
  public internal(set) var sixelLimit: ImageExtent?
  /// The size of a cell (`CSI 16 t`).
  public internal(set) var cell: ImageExtent?
  /// The size of the text area (`CSI 14 t`).
  public internal(set) var window: ImageExtent?
  /// The background colour (OSC 11).
  public internal(set) var background: TerminalColor?

  /// Reads answers; anything else between them, such as typed keys, is skipped.
  public init(parsing bytes: [UInt8] = []) {
    var decoder = InputDecoder()
    decoder.append(bytes)
    while let event = decoder.next() {
      if case .reply(let reply) = event { read(String(decoding: reply, as: UTF8.self)) }
    }
  }

  /// Whether the terminal's name is one of those that show iTerm2's inline images.
  var showsInlineImages: Bool {
    ["iTerm2", "WezTerm", "mintty", "Konsole"].contains { name?.hasPrefix($0) == true }
  }

  /// Whether the answer to the last query is there, so that nothing more will come.
  public var isComplete: Bool { deviceAttributes != nil }

  private mutating func read(_ reply: String) {
    let body = reply.dropFirst(2)
    if reply.hasPrefix("\u{1B}P>|") {
      name = String(body.dropFirst(2).prefix { $0 != "\u{1B}" && $0 != "\u{7}" })
    } else if reply.hasPrefix("\u{1B}_G") {
      guard reply.contains(";OK") else { return }
      if reply.contains("i=\(TerminalProbe.sharedMemoryQuery)") {
        sharesMemory = true
      } else {
        understandsKitty = true
      }
    } else if reply.hasPrefix("\u{1B}]11;") {
      background = Self.color(body.dropFirst(3))
    } else if reply.hasPrefix("\u{1B}[?"), let final = reply.last {
      let numbers = Self.numbers(body.dropFirst())
      switch final {
      case "c": deviceAttributes = numbers
      case "y": knowsSynchronizedOutput = numbers == [2026, 1] || numbers == [2026, 2]
      case "S": readGraphicsAttribute(numbers)
      default: break
      }
    } else if reply.hasPrefix("\u{1B}["), reply.hasSuffix("t") {
      readWindowReport(Self.numbers(body))
    }
  }

  /// XTSMGRAPHICS: item; status, 0 for success; values.
  private mutating func readGraphicsAttribute(_ numbers: [Int]) {
    guard numbers.count >= 3, numbers[1] == 0 else { return }
    if numbers[0] == 1 { colorRegisters = numbers[2] }
    if numbers[0] == 2, numbers.count >= 4, numbers[2] > 0, numbers[3] > 0 {
      sixelLimit = ImageExtent(width: numbers[2], height: numbers[3])
    }
  }

  /// Heights come before widths here.
  private mutating func readWindowReport(_ numbers: [Int]) {
    guard numbers.count == 3, numbers[1] > 0, numbers[2] > 0 else { return }
    let extent = ImageExtent(width: numbers[2], height: numbers[1])
    if numbers[0] == 6 { cell = extent }
    if numbers[0] == 4 { window = extent }
  }

  private static func numbers(_ text: Substring) -> [Int] {
    text.split(separator: ";").map { part in Int(part.prefix { $0.isNumber }) ?? 0 }
  }

  /// `rgb:RRRR/GGGG/BBBB`, with one to four hexadecimal digits each.
  private static func color(_ text: Substring) -> TerminalColor? {
    guard text.hasPrefix("rgb:") else { return nil }
    let parts = text.dropFirst(4).split(separator: "/").map { part in
      part.prefix { $0.isHexDigit }
    }
    let components = parts.compactMap { digits -> UInt8? in
      guard (1...4).contains(digits.count), let value = Int(digits, radix: 16) else { return nil }
      return UInt8(value * 255 / ((1 << (4 * digits.count)) - 1))
    }
    guard parts.count == 3, components.count == 3 else { return nil }
    return .rgb(components[0], components[1], components[2])
  }
}
