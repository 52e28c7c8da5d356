/// Turns the bytes of a terminal into events: keys, mouse, pastes and answers to queries.
///
/// Bytes may arrive in pieces of any size. An escape sequence that stays unfinished waits for
/// more; when the caller has waited long enough it calls `flush`, and a lone escape byte
/// becomes the escape key. Sequences that mean nothing are dropped, so a late answer of the
/// terminal is never taken for typing.
public struct InputDecoder: Sendable {
  private let keySequences: [[UInt8]: Key]
  private var buffer: [UInt8] = []
  private var isFlushing = false
  private var isPasting = false

  /// Makes a decoder.
  /// - Parameter keySequences: what the terminal's description says its keys send, for keys
  ///   outside the sequences that xterm has made common.
  public init(keySequences: [[UInt8]: Key] = [:]) { self.keySequences = keySequences }

  /// Whether bytes wait for the rest of their sequence.
  public var isIncomplete: Bool { !buffer.isEmpty }

  /// Takes bytes from the terminal.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    buffer.append(contentsOf: bytes)
    isFlushing = false
  }

  /// Ends the wait for the rest of a sequence: what stands is all there is.
  public mutating func flush() { isFlushing = !isPasting }

  /// The next event, or nil when more bytes are needed.
  public mutating func next() -> InputEvent? {
    while !buffer.isEmpty {
      switch step() {
      case .event(let event, let length):
        buffer.removeFirst(length)
        return event
      case .nothing(let length): buffer.removeFirst(length)
      case .incomplete: return nil
      }
    }
    isFlushing = false
    return nil
  }

  // MARK: - Steps

  private enum Step {
    case event(InputEvent, length: Int)
    case nothing(length: Int)
    case incomplete
  }

  private static let pasteEnd = Array("\u{1B}[201~".utf8)

  private mutating func step() -> Step {
    if isPasting { return paste() }
    if let step = describedKey() { return step }
    return buffer[0] == 0x1B ? escape() : character(at: 0)
  }

  private mutating func paste() -> Step {
    guard let end = buffer.firstRange(of: Self.pasteEnd) else { return .incomplete }
    isPasting = false
    let text = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
    // Terminals send line ends as carriage returns.
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return .event(.paste(lines.joined(separator: "\n")), length: end.upperBound)
  }

  /// The longest sequence of the terminal's description at the start of the buffer.
  private func describedKey() -> Step? {
    var match: (key: Key, length: Int)?
    for (sequence, key) in keySequences {
      if buffer.starts(with: sequence) {
        if sequence.count > match?.length ?? 0 { match = (key, sequence.count) }
      } else if !isFlushing && buffer.count > 1 && sequence.starts(with: buffer) {
        return .incomplete
      }
    }
    return match.map { .event(.key($0.key), length: $0.length) }
  }

  private mutating func escape() -> Step {
    guard buffer.count > 1 else {
      return isFlushing ? .event(.key(Key(.escape)), length: 1) : .incomplete
    }
    switch buffer[1] {
    case UInt8(ascii: "["): return controlSequence()
    case UInt8(ascii: "O"): return singleShift()
    case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "_"), UInt8(ascii: "^"):
      return stringSequence()
    case 0x1B: return .event(.key(Key(.escape)), length: 1)
    default:
      guard case .event(.key(let key), let length) = character(at: 1) else {
        return character(at: 1)
      }
      let altered = Key(key.symbol, modifiers: key.modifiers.union(.alt))
      return .event(.key(altered), length: length)
    }
  }

  /// The two bytes of an unfinished sequence's start, taken as a key pressed with alt.
  private func alteredIntroducer() -> Step {
    guard isFlushing else { return .incomplete }
    guard buffer.count == 2 else { return .nothing(length: buffer.count) }
    let symbol = Key.Symbol.character(Character(Unicode.Scalar(buffer[1])))
    return .event(.key(Key(symbol, modifiers: .alt)), length: 2)
  }

  private mutating func controlSequence() -> Step {
    // The Linux console's first function keys: CSI [ A to E.
    if buffer.count > 2, buffer[2] == UInt8(ascii: "[") {
      guard buffer.count > 3 else { return alteredIntroducer() }
      let number = Int(buffer[3]) - 0x40
      return (1...5).contains(number)
        ? .event(.key(Key(.function(number))), length: 4) : .nothing(length: 4)
    }
    guard let end = buffer.dropFirst(2).firstIndex(where: { !(0x20...0x3F).contains($0) }) else {
      return alteredIntroducer()
    }
    // A control or high byte inside breaks the sequence off.
    guard (0x40...0x7E).contains(buffer[end]) else { return .nothing(length: end) }
    let sequence = ControlSequence(body: buffer[2..<end], final: buffer[end])
    let length = end + 1
    if sequence.isPasteStart {
      isPasting = true
      return .nothing(length: length)
    }
    if sequence.isReply { return .event(.reply(Array(buffer[..<length])), length: length) }
    return sequence.event.map { .event($0, length: length) } ?? .nothing(length: length)
  }

  private func singleShift() -> Step {
    guard buffer.count > 2 else { return alteredIntroducer() }
    guard let symbol = ControlSequence.letterKeys[buffer[2]] else { return .nothing(length: 3) }
    return .event(.key(Key(symbol)), length: 3)
  }

  /// DCS, OSC, APC or PM: an answer that ends with ST, or BEL as xterm allows.
  private func stringSequence() -> Step {
    for index in buffer.indices.dropFirst(2) {
      if buffer[index] == 0x07 {
        return .event(.reply(Array(buffer[...index])), length: index + 1)
      }
      if buffer[index] == UInt8(ascii: "\\") && buffer[index - 1] == 0x1B && index > 2 {
        return .event(.reply(Array(buffer[...index])), length: index + 1)
      }
    }
    return alteredIntroducer()
  }

  // MARK: - Characters

  private func character(at index: Int) -> Step {
    let byte = buffer[index]
    let end = index + 1
    switch byte {
    case 0x00: return .event(.key(Key(.character(" "), modifiers: .control)), length: end)
    case 0x09: return .event(.key(Key(.tab)), length: end)
    case 0x0D: return .event(.key(Key(.enter)), length: end)
    case 0x7F: return .event(.key(Key(.backspace)), length: end)
    case 0x01...0x1F:
      // Control clears the upper bits: 0x01 is control with 0x41, "A".
      let character = Character(Unicode.Scalar(byte | 0x40))
      return .event(.key(Key(.character(character), modifiers: .control)), length: end)
    case 0x20..<0x7F: return .event(.key(Key(Character(Unicode.Scalar(byte)))), length: end)
    default: return multibyteCharacter(at: index)
    }
  }

  private func multibyteCharacter(at index: Int) -> Step {
    let length: Int
    switch buffer[index] {
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF: length = 3
    case 0xF0...0xF4: length = 4
    default: return .nothing(length: index + 1)
    }
    guard buffer.count >= index + length else {
      return isFlushing ? .nothing(length: buffer.count) : .incomplete
    }
    guard let text = String(validating: buffer[index..<index + length], as: UTF8.self),
      let character = text.first, !text.unicodeScalars.contains(where: { $0.value < 0xA0 })
    else { return .nothing(length: index + 1) }
    return .event(.key(Key(character)), length: index + length)
  }
}
