import TerminalCells

/// What was found out about a terminal, in words, and what to set to have it better.
public struct TerminalReport: Equatable, Sendable {
  /// One thing that was looked at.
  public struct Finding: Equatable, Sendable {
    /// What it is about.
    public let subject: String
    /// Whether nothing needs to be done.
    public let isGood: Bool
    /// What was found, and what to do.
    public let text: String
  }

  /// Everything, the most important first.
  public let findings: [Finding]

  /// Describes a terminal.
  ///
  /// - Parameters:
  ///   - capabilities: what was concluded.
  ///   - environment: what the variables say.
  ///   - screen: the terminal's size.
  public init(
    _ capabilities: TerminalCapabilities, environment: TerminalEnvironment, screen: TerminalSize
  ) {
    findings = [
      Self.terminal(capabilities, environment, screen), Self.pictures(capabilities),
      Self.colors(capabilities, environment), Self.pixels(capabilities, screen),
      Self.frames(capabilities),
    ].compactMap { $0 }
  }

  private static func terminal(
    _ capabilities: TerminalCapabilities, _ environment: TerminalEnvironment, _ screen: TerminalSize
  ) -> Finding {
    let type = environment.type.isEmpty ? "not set" : environment.type
    let isRoomy = screen.columns >= 80 && screen.rows >= 24
    return Finding(
      subject: "terminal", isGood: isRoomy,
      text:
        "\(capabilities.name ?? "unnamed"), TERM=\(type), \(screen.columns)×\(screen.rows) cells"
        + (isRoomy ? "" : "; panels need 80×24"))
  }

  private static func pictures(_ capabilities: TerminalCapabilities) -> Finding {
    let isLocal = capabilities.sharesMemory && capabilities.graphics == .kitty
    let kind =
      switch capabilities.graphics {
      case .kitty: "kitty's protocol" + (isLocal ? " through shared memory" : " as base64")
      case .sixel: "sixels"
      case .iterm2: "iTerm2's inline images"
      case .cells: "characters (\(capabilities.symbols.rawValue))"
      }
    return Finding(
      subject: "pictures", isGood: capabilities.graphics != .cells,
      text: "\(kind), \(reason(capabilities))")
  }

  private static func reason(_ capabilities: TerminalCapabilities) -> String {
    switch capabilities.reason {
    case .requested: "as --protocol, CHIARO_PROTOCOL or the configuration asks"
    case .answered: "as the terminal says it can"
    case .multiplexer(let multiplexer):
      "because \(multiplexer.rawValue) passes text only. Run outside of \(multiplexer.rawValue) for "
        + "pixels; where it was built with sixels, CHIARO_PROTOCOL=sixel uses them"
    case .notAsked: "because this type of terminal shows queries as text"
    case .silent:
      "because the terminal did not answer. If it shows pixels all the same, set "
        + "CHIARO_PROTOCOL=sixel or kitty"
    case .textOnly: "because the terminal shows no pixels. \(alternative(to: capabilities.name))"
    case .withoutColor: "without colour, as NO_COLOR or TERM say"
    }
  }

  private static func alternative(to name: String?) -> String {
    name?.hasPrefix("XTerm") == true
      ? "xterm does as ‘xterm -ti vt340’ or with ‘XTerm*decTerminalID: vt340’ in ~/.Xresources"
      : "kitty, foot, WezTerm, Konsole, mlterm and ‘xterm -ti vt340’ do"
  }

  private static func colors(
    _ capabilities: TerminalCapabilities, _ environment: TerminalEnvironment
  ) -> Finding {
    let isAll = capabilities.colorDepth == .trueColor
    let count =
      switch capabilities.colorDepth {
      case .trueColor: "24-bit"
      case .indexed256: "256"
      case .ansi16: "16"
      case .monochrome: "none"
      }
    let advice =
      capabilities.colorDepth == .monochrome
      ? "; unset NO_COLOR or set TERM to have some"
      : isAll ? "" : "; if the terminal shows more, set COLORTERM=truecolor"
    return Finding(subject: "colours", isGood: isAll, text: count + advice)
  }

  /// Only where there are pixels.
  private static func pixels(
    _ capabilities: TerminalCapabilities, _ screen: TerminalSize
  ) -> Finding? {
    guard capabilities.graphics != .cells else { return nil }
    let cell = capabilities.cellSize(for: screen)
    var parts = ["cells of \(cell.width)×\(cell.height)"]
    var isGood = true
    if capabilities.graphics == .sixel {
      parts.append("\(capabilities.colorRegisters) colour registers")
      if capabilities.colorRegisters < 256 {
        isGood = false
        parts.append("in xterm set ‘XTerm*numColorRegisters: 256’ for better colours")
      }
      if let limit = capabilities.sixelLimit {
        parts.append("pictures up to \(limit.width)×\(limit.height)")
        if limit.width < screen.columns * cell.width / 2 {
          isGood = false
          parts.append("in xterm set ‘XTerm*maxGraphicSize: 4000x4000’ for larger ones")
        }
      }
    }
    return Finding(subject: "pixels", isGood: isGood, text: parts.joined(separator: ", "))
  }

  private static func frames(_ capabilities: TerminalCapabilities) -> Finding {
    guard let milliseconds = capabilities.roundTrip else {
      return Finding(
        subject: "frames", isGood: false,
        text: "at most 20 a second, because the terminal does not answer")
    }
    let isFar = milliseconds >= 40
    return Finding(
      subject: "frames", isGood: true,
      text: "paced by the terminal's answers, which took \(milliseconds) ms"
        + (isFar ? "; that is a long way, so moving pictures are coarser" : "")
        + (capabilities.knowsSynchronizedOutput ? "; each appears at once" : ""))
  }
}
