/// The size of the terminal's window.
public struct TerminalSize: Hashable, Sendable {
  /// The width in cells.
  public let columns: Int
  /// The height in cells.
  public let rows: Int
  /// The width in pixels, 0 when the terminal does not tell.
  public let pixelWidth: Int
  /// The height in pixels, 0 when the terminal does not tell.
  public let pixelHeight: Int

  /// Makes a size.
  public init(columns: Int, rows: Int, pixelWidth: Int = 0, pixelHeight: Int = 0) {
    self.columns = columns
    self.rows = rows
    self.pixelWidth = pixelWidth
    self.pixelHeight = pixelHeight
  }
}

/// Something the mouse did over a cell.
public struct MouseEvent: Hashable, Sendable {
  /// A mouse button.
  public enum Button: Hashable, Sendable {
    case left, middle, right
  }

  /// What happened.
  public enum Kind: Hashable, Sendable {
    case press(Button)
    case release(Button)
    case drag(Button)
    case scrollUp, scrollDown, scrollLeft, scrollRight
  }

  /// What happened.
  public let kind: Kind
  /// The cell under the pointer.
  public let position: CellPosition
  /// The modifier keys held meanwhile.
  public let modifiers: Key.Modifiers

  /// Makes an event.
  public init(kind: Kind, position: CellPosition, modifiers: Key.Modifiers = []) {
    self.kind = kind
    self.position = position
    self.modifiers = modifiers
  }
}

/// Something that reached the program through its terminal.
public enum InputEvent: Hashable, Sendable {
  /// A key was pressed.
  case key(Key)
  /// The mouse was used.
  case mouse(MouseEvent)
  /// The window has a new size; the screen is empty and must be drawn anew.
  case resize(TerminalSize)
  /// Text was pasted.
  case paste(String)
  /// A signal asks the program to stop until it is continued.
  case stop
  /// The program runs again after a stop; the screen is empty and must be drawn anew.
  case resumed
  /// Another thread called `wakeUp`.
  case wakeUp
  /// The terminal answered a query with this control sequence, introducer included.
  case reply([UInt8])
  /// A signal asks the program to end.
  case terminate(signal: Int32)
}
