import Imaging
import TerminalCells

/// A way to show pictures in a terminal.
public enum GraphicsProtocol: String, CaseIterable, Sendable {
  /// kitty's graphics protocol: exact pixels.
  case kitty
  /// DEC's sixels: exact pixels in 255 colours.
  case sixel
  /// iTerm2's inline images: a file in base64.
  case iterm2
  /// Characters in colour, in any terminal.
  case cells
}

/// Everything the program has to know about a terminal to draw pictures in it.
public struct TerminalCapabilities: Equatable, Sendable {
  /// Why the protocol was chosen.
  public enum Reason: Equatable, Sendable {
    /// A flag or a variable asked for it.
    case requested
    /// The terminal said that it understands it.
    case answered
    /// A multiplexer passes text only.
    case multiplexer(TerminalEnvironment.Multiplexer)
    /// The type of terminal is one that shows queries as text.
    case notAsked
    /// The queries were not answered in time.
    case silent
    /// The terminal answered and understands no pixels.
    case textOnly
    /// `NO_COLOR` or the terminal's type rules colours out.
    case withoutColor
  }

  /// The protocol to use.
  public let graphics: GraphicsProtocol
  /// Why this one.
  public let reason: Reason
  /// How many colours text can have.
  public let colorDepth: ColorDepth
  /// The characters of pictures of cells that stand still.
  public let symbols: CellSymbols
  /// Sixel colour registers.
  public let colorRegisters: Int
  /// The largest sixel picture the terminal takes; nil when it names no limit.
  public let sixelLimit: ImageExtent?
  /// The terminal's own statement of the size of its cells.
  public let reportedCell: ImageExtent?
  /// The terminal's own statement of the size of its text area.
  public let reportedWindow: ImageExtent?
  /// Whether frames can be bracketed by mode 2026.
  public let knowsSynchronizedOutput: Bool
  /// The colour behind the text.
  public let background: TerminalColor?
  /// Whether the terminal has said that it writes on a light ground.
  public var hasLightGround: Bool {
    guard case .rgb(let red, let green, let blue)? = background else { return false }
    // Rec. 709's weights of encoded colours: near enough to tell light from dark.
    return 213 * Int(red) + 715 * Int(green) + 72 * Int(blue) > 127_500
  }
  /// The terminal's name and version.
  public let name: String?
  /// Whether queries get answers, so that frames can be paced by them.
  public let answersQueries: Bool
  /// Whether the terminal has read the program's memory, so that it is on the same machine.
  public let sharesMemory: Bool
  /// Milliseconds that the answers took; nil when there were none.
  public let roundTrip: Int?

  /// Concludes from the environment and the answers.
  /// - Parameters:
  ///   - environment: what the variables say.
  ///   - replies: what the terminal answered; empty when it was not asked.
  ///   - requested: the user's choice by flag; it goes before the environment's.
  ///   - symbols: the user's choice of characters by flag; it goes before the environment's.
  ///   - roundTrip: milliseconds that the answers took.
  public init(
    environment: TerminalEnvironment, replies: TerminalReplies,
    requested: GraphicsProtocol? = nil, symbols: CellSymbols? = nil, roundTrip: Int? = nil
  ) {
    (graphics, reason) = Self.choose(
      environment: environment, replies: replies,
      requested: requested ?? environment.requestedGraphics)
    colorDepth = Self.depth(environment: environment, replies: replies)
    self.symbols = symbols ?? environment.requestedSymbols ?? .best
    colorRegisters = min(max(replies.colorRegisters ?? 256, 16), 65_536)
    sixelLimit = graphics == .sixel ? replies.sixelLimit : nil
    reportedCell = replies.cell
    reportedWindow = replies.window
    knowsSynchronizedOutput = replies.knowsSynchronizedOutput
    background = replies.background
    name = replies.name
    answersQueries = replies.isComplete
    sharesMemory = replies.sharesMemory
    self.roundTrip = replies.isComplete ? roundTrip : nil
  }

  /// Device attribute 4: sixel graphics (DEC STD 070).
  private static let sixelAttribute = 4

  private static func choose(
    environment: TerminalEnvironment, replies: TerminalReplies, requested: GraphicsProtocol?
  ) -> (GraphicsProtocol, Reason) {
    if let requested { return (requested, .requested) }
    if environment.colorDepth == .monochrome { return (.cells, .withoutColor) }
    if let multiplexer = environment.multiplexer { return (.cells, .multiplexer(multiplexer)) }
    if !environment.takesQueries { return (.cells, .notAsked) }
    guard let attributes = replies.deviceAttributes else { return (.cells, .silent) }
    if replies.understandsKitty { return (.kitty, .answered) }
    // The first parameter is the terminal's class: VT340 is a 63, older ones a plain number.
    if attributes.dropFirst().contains(sixelAttribute) { return (.sixel, .answered) }
    if replies.showsInlineImages { return (.iterm2, .answered) }
    return (.cells, .textOnly)
  }

  /// A terminal that draws pixels draws 24-bit text as well, whatever TERM says.
  private static func depth(
    environment: TerminalEnvironment, replies: TerminalReplies
  ) -> ColorDepth {
    let drawsPixels =
      replies.understandsKitty
      || replies.deviceAttributes?.dropFirst().contains(sixelAttribute) == true
    // A multiplexer that understands sixels does not say what the terminal behind it can show.
    let isColored = environment.colorDepth > .monochrome && environment.multiplexer == nil
    return drawsPixels && isColored ? .trueColor : environment.colorDepth
  }
}
