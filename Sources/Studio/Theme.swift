import TerminalCells

/// What a theme says about one role; what it leaves open comes from the role's fallback.
public struct RoleStyle: Equatable, Sendable {
  /// The colour of the glyphs.
  public var foreground: TerminalColor?
  /// The colour behind them.
  public var background: TerminalColor?
  /// Bold, dim and so on; nil inherits, an empty set clears.
  public var attributes: CellAttributes?

  /// Says nothing unless told.
  public init(
    foreground: TerminalColor? = nil, background: TerminalColor? = nil,
    attributes: CellAttributes? = nil
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

/// A colour scheme with every role resolved.
public struct Theme: Equatable, Sendable {
  /// The theme's name, as the configuration gives it.
  public let name: String
  private let styles: [ThemeRole: CellStyle]

  /// Resolves `roles`, keyed by role name or a prefix of one such as `panel`.
  public init(name: String, roles: [String: RoleStyle]) {
    self.name = name
    var styles: [ThemeRole: CellStyle] = [:]
    let base = roles[ThemeRole.background.rawValue]?.background ?? .standard
    for role in ThemeRole.allCases {
      let chain = role.fallbackChain.compactMap { roles[$0] }
      styles[role] = CellStyle(
        foreground: chain.lazy.compactMap(\.foreground).first ?? .standard,
        background: chain.lazy.compactMap(\.background).first ?? base,
        attributes: chain.lazy.compactMap(\.attributes).first ?? [])
    }
    self.styles = styles
  }

  /// The style of a role.
  public subscript(role: ThemeRole) -> CellStyle { styles[role] ?? CellStyle() }

  /// Names in `roles` that are neither a role nor a prefix of one.
  public static func unknownRoles(in names: some Sequence<String>) -> [String] {
    let known = Set(ThemeRole.allCases.flatMap(\.fallbackChain))
    return names.filter { !known.contains($0) }
  }
}

extension Theme {
  /// The theme without colours, for terminals that have none and when no theme file is found.
  public static let monochrome = Theme(
    name: "monochrome",
    roles: [
      "text.strong": RoleStyle(attributes: .bold),
      "text.dim": RoleStyle(attributes: .dim),
      "text.accent": RoleStyle(attributes: .bold),
      "title": RoleStyle(attributes: .bold),
      "panel.border.focused": RoleStyle(attributes: .bold),
      "panel.title.focused": RoleStyle(attributes: [.bold, .underline]),
      "list.selected": RoleStyle(attributes: .underline),
      "list.selected.focused": RoleStyle(attributes: .reverse),
      "list.muted": RoleStyle(attributes: .dim),
      "hint.key": RoleStyle(attributes: .bold),
      "status.warning": RoleStyle(attributes: .bold),
      "status.error": RoleStyle(attributes: .reverse),
      "overlay.title": RoleStyle(attributes: .bold),
      "overlay.key": RoleStyle(attributes: .bold),
      "overlay.selected": RoleStyle(attributes: .reverse),
      "overlay.heading": RoleStyle(attributes: .bold),
    ])
}
