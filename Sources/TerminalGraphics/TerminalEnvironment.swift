import TerminalCells

/// What the environment variables say about the terminal.
public struct TerminalEnvironment: Equatable, Sendable {
  /// A program between this one and the terminal, which shows text only.
  public enum Multiplexer: String, Sendable {
    case tmux, screen, zellij
  }

  /// The terminal's type, `TERM`.
  public let type: String
  /// The multiplexer, if any.
  public let multiplexer: Multiplexer?
  /// How many colours the variables promise.
  public let colorDepth: ColorDepth
  /// The protocol that `CHIARO_PROTOCOL` asks for.
  public let requestedGraphics: GraphicsProtocol?
  /// The characters that `CHIARO_SYMBOLS` asks for.
  public let requestedSymbols: CellSymbols?

  /// Reads the variables of a process.
  public init(variables: [String: String]) {
    type = variables["TERM"] ?? ""
    multiplexer = Self.multiplexer(variables)
    colorDepth = Self.colorDepth(variables)
    requestedGraphics = variables["CHIARO_PROTOCOL"].flatMap { GraphicsProtocol(rawValue: $0) }
    requestedSymbols = variables["CHIARO_SYMBOLS"].flatMap { CellSymbols(rawValue: $0) }
  }

  /// Whether the terminal may be sent queries: the plainest ones would show them as text.
  public var takesQueries: Bool { multiplexer == nil && !isPlain }

  /// Whether this is one of the plainest types of terminal.
  var isPlain: Bool {
    ["", "dumb", "unknown", "linux", "eterm", "emacs", "vt52"].contains(type)
  }

  private static func multiplexer(_ variables: [String: String]) -> Multiplexer? {
    let type = variables["TERM"] ?? ""
    if isSet("TMUX", variables) || type.hasPrefix("tmux") { return .tmux }
    if isSet("ZELLIJ", variables) { return .zellij }
    if isSet("STY", variables) || type.hasPrefix("screen") { return .screen }
    return nil
  }

  private static func colorDepth(_ variables: [String: String]) -> ColorDepth {
    let type = variables["TERM"] ?? ""
    // no-color.org: any value that is not empty.
    if isSet("NO_COLOR", variables) || type.isEmpty || type == "dumb" { return .monochrome }
    let promise = variables["COLORTERM"]?.lowercased()
    if promise == "truecolor" || promise == "24bit" || type.hasSuffix("-direct") {
      return .trueColor
    }
    let capable = ["kitty", "foot", "alacritty", "wezterm", "ghostty", "contour"]
    if capable.contains(where: { type.contains($0) }) { return .trueColor }
    return type.contains("256") ? .indexed256 : .ansi16
  }

  private static func isSet(_ name: String, _ variables: [String: String]) -> Bool {
    variables[name].map { !$0.isEmpty } ?? false
  }
}
