/// Why a terminal cannot be used.
public enum TerminalDeviceError: Error, Equatable, Sendable {
  /// Standard input or output is not a terminal.
  case notATerminal(stream: String)
  /// The terminal library has no description of this TERM.
  case unknownTerminalType(String)
  /// The terminal named by TERM cannot move its cursor.
  case insufficientTerminalType(String)
  /// The operating system refused.
  case systemCall(name: String, errorNumber: Int32)
}

/// A screen with a keyboard: curses in the program, a script in tests.
///
/// All calls but `wakeUp` come from one thread. The caller draws whole frames, keeps the
/// last one and hands the differences to `present`; after `.resize` and `.resumed` the screen
/// is empty and the difference is the whole frame.
public protocol TerminalDevice: AnyObject {
  /// Takes the terminal over and clears it.
  func open() throws(TerminalDeviceError)

  /// Gives the terminal back as it was; harmless when it is not open.
  func close()

  /// The size at the last `open` or `.resize` event.
  var size: TerminalSize { get }

  /// Waits for something to happen.
  /// - Parameter timeoutMilliseconds: the longest wait; negative waits without end.
  /// - Returns: the event, or nil when the time is over.
  func nextEvent(timeoutMilliseconds: Int) -> InputEvent?

  /// Draws cells and puts the cursor to its place, or hides it.
  func present(_ runs: [CellRun], cursor: CellPosition?)

  /// Sends bytes such as an encoded picture as one write, behind everything presented.
  func write(_ bytes: [UInt8])

  /// Makes `nextEvent` return `.wakeUp`; to be called from any thread.
  var wakeUp: @Sendable () -> Void { get }

  /// Gives the terminal back, stops the process until the shell continues it, takes the
  /// terminal over again; the next event is `.resumed`.
  func suspend()
}
