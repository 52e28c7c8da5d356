/// One line of editable text with a cursor, counted in characters.
public struct TextField: Equatable, Sendable {
  /// The text as typed.
  public private(set) var text: String
  /// Characters left of the cursor, 0...text.count.
  public private(set) var cursor: Int

  /// Starts with `text` and the cursor behind it.
  public init(_ text: String = "") {
    self.text = text
    cursor = text.count
  }

  private var cursorIndex: String.Index { text.index(text.startIndex, offsetBy: cursor) }

  /// Puts printable text in at the cursor; control characters, as in a paste, are dropped.
  public mutating func insert(_ insertion: String) {
    let printable = insertion.filter { character in
      character.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
    let before = text[..<cursorIndex] + printable
    // Inserting a combining mark merges characters, so the cursor is counted after the fact.
    let after = text[cursorIndex...]
    cursor = before.count
    text = String(before + after)
    cursor = min(cursor, text.count)
  }

  /// Removes the character left of the cursor.
  public mutating func deleteBackward() {
    guard cursor > 0 else { return }
    cursor -= 1
    text.remove(at: cursorIndex)
    cursor = min(cursor, text.count)
  }

  /// Removes the character under the cursor.
  public mutating func deleteForward() {
    guard cursor < text.count else { return }
    text.remove(at: cursorIndex)
    cursor = min(cursor, text.count)
  }

  /// Removes back to the start of the word left of the cursor.
  public mutating func deleteWord() {
    let isSeparator: (Character) -> Bool = { $0 == " " || $0 == "/" || $0 == "," }
    var start = cursorIndex
    while start > text.startIndex, isSeparator(text[text.index(before: start)]) {
      start = text.index(before: start)
    }
    while start > text.startIndex, !isSeparator(text[text.index(before: start)]) {
      start = text.index(before: start)
    }
    let remaining = text.distance(from: text.startIndex, to: start)
    text.removeSubrange(start..<cursorIndex)
    cursor = min(remaining, text.count)
  }

  /// Empties the field.
  public mutating func clear() { self = TextField() }

  /// Moves the cursor by characters, staying inside the text.
  public mutating func move(by offset: Int) {
    cursor = max(0, min(text.count, cursor + offset))
  }

  /// Moves the cursor to the start of the line.
  public mutating func moveToStart() { cursor = 0 }

  /// Moves the cursor behind the last character.
  public mutating func moveToEnd() { cursor = text.count }
}
