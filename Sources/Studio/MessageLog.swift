/// How much a message wants attention.
public enum MessageLevel: String, CaseIterable, Sendable, Codable {
  case note, success, warning, error
}

/// One line told to the user.
public struct Message: Equatable, Sendable, Identifiable {
  /// Increases with every message of a session.
  public let id: Int
  /// How much it wants attention.
  public let level: MessageLevel
  /// The sentence.
  public let text: String
}

/// What was said to the user: the line on show and the record behind it.
public struct MessageLog: Equatable, Sendable {
  /// Enough to look back on a long session without growing for ever.
  static let capacity = 200

  /// The message in the status line, until it expires or is replaced.
  public private(set) var current: Message?
  /// Recorded messages, oldest first.
  public private(set) var record: [Message] = []
  private var nextID = 1

  /// An empty log.
  public init() {}

  /// Shows a message and records it.
  public mutating func post(_ level: MessageLevel, _ text: String) {
    let message = show(level, text)
    record.append(message)
    if record.count > Self.capacity { record.removeFirst(record.count - Self.capacity) }
  }

  /// Shows what an edit did without recording it: the undo history already does.
  public mutating func announce(_ text: String) { _ = show(.note, text) }

  /// Clears the status line, unless something newer than `id` is on show.
  public mutating func expire(_ id: Int) {
    if current?.id == id { current = nil }
  }

  /// What was recorded in lines of at most `columns`, each message with its mark.
  func lines(columns: Int) -> [(level: MessageLevel, text: String)] {
    record.flatMap { message in
      message.text.wrapped(columns - 2).enumerated().map { index, line in
        (message.level, "\(index == 0 ? message.level.mark : " ") \(line)")
      }
    }
  }

  private mutating func show(_ level: MessageLevel, _ text: String) -> Message {
    let message = Message(id: nextID, level: level, text: text)
    nextID += 1
    current = message
    return message
  }
}
