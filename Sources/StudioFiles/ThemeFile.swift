import Studio
import TerminalCells

/// A theme as text: a palette of named colours and what each role looks like.
///
/// ```toml
/// inherits = "dark"
/// [palette]
/// ember = "#ff9e64"
/// [roles]
/// "panel.border.focused" = "ember"
/// "text.strong" = { foreground = "ember", attributes = ["bold"] }
/// ```
struct ThemeFile {
  /// The theme this one starts from.
  var inherits: String?
  /// Colours by name.
  var palette: [String: String] = [:]
  /// Styles by role or prefix of a role, colours still by name.
  var roles: [String: RoleSource] = [:]

  /// A style whose colours are names or notations.
  struct RoleSource: Equatable {
    var foreground: String?
    var background: String?
    var attributes: CellAttributes?
  }

  /// Reads a theme's text; `path` is for the errors.
  static func parse(_ text: String, path: String) throws(StudioFilesError) -> ThemeFile {
    try TOMLText.decode(ThemeFile.self, from: text, path: path)
  }

  /// This theme with what it leaves open taken from its parent.
  ///
  /// Palettes join by name before roles are resolved, so a child may repaint its parent by giving
  /// other colours to the same names.
  func inheriting(from parent: ThemeFile) -> ThemeFile {
    ThemeFile(
      inherits: parent.inherits, palette: parent.palette.merging(palette) { $1 },
      roles: parent.roles.merging(roles) { $1 })
  }

  /// The theme with every colour looked up.
  ///
  /// - Throws: `StudioFilesError.invalidValue` for a colour that is neither in the palette nor a
  ///   notation.
  func resolved(name: String, path: String) throws(StudioFilesError) -> Theme {
    var styles: [String: RoleStyle] = [:]
    for (role, source) in roles {
      styles[role] = RoleStyle(
        foreground: try color(source.foreground, role: role, path: path),
        background: try color(source.background, role: role, path: path),
        attributes: source.attributes)
    }
    return Theme(name: name, roles: styles)
  }

  private func color(
    _ name: String?, role: String, path: String
  ) throws(StudioFilesError) -> TerminalColor? {
    guard let name else { return nil }
    guard let color = TerminalColor(notation: palette[name] ?? name) else {
      throw .invalidValue(
        path: path, line: nil, key: "roles.\(role)",
        expected: "a name in the palette, #rrggbb, a number from 0 to 255, or standard",
        found: name)
    }
    return color
  }
}

extension ThemeFile: Decodable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: FileKey.self)
    try container.refuseKeys(otherThan: ["inherits", "palette", "roles"])
    inherits = try container.decodeIfPresent(String.self, forKey: "inherits")
    palette = try container.decodeIfPresent([String: String].self, forKey: "palette") ?? [:]
    guard container.contains("roles") else { return }
    let table = try container.nestedContainer(keyedBy: FileKey.self, forKey: "roles")
    for key in table.allKeys {
      guard Theme.unknownRoles(in: [key.stringValue]).isEmpty else {
        try table.refuseKeys(otherThan: ThemeRole.allCases.map(\.rawValue))
        continue
      }
      roles[key.stringValue] = try table.decode(RoleSource.self, forKey: key)
    }
  }
}

extension ThemeFile.RoleSource: Decodable {
  private static let attributeNames: [String: CellAttributes] = [
    "bold": .bold, "dim": .dim, "italic": .italic, "underline": .underline, "reverse": .reverse,
  ]

  init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      foreground = name
      return
    }
    let container = try decoder.container(keyedBy: FileKey.self)
    try container.refuseKeys(otherThan: ["foreground", "background", "attributes"])
    foreground = try container.decodeIfPresent(String.self, forKey: "foreground")
    background = try container.decodeIfPresent(String.self, forKey: "background")
    guard let names = try container.decodeIfPresent([String].self, forKey: "attributes") else {
      return
    }
    var attributes: CellAttributes = []
    for name in names {
      guard let attribute = Self.attributeNames[name] else {
        throw container.failure(
          at: "attributes", expected: "a list of bold, dim, italic, underline and reverse")
      }
      attributes.insert(attribute)
    }
    self.attributes = attributes
  }
}

extension TerminalColor {
  /// Reads `#rrggbb`, a palette index in decimal, or `standard`; nil for anything else.
  init?(notation: String) {
    if notation == "standard" {
      self = .standard
    } else if let index = UInt8(notation) {
      self = .indexed(index)
    } else if notation.hasPrefix("#"), notation.count == 7,
      let value = UInt32(notation.dropFirst(), radix: 16)
    {
      self = .rgb(UInt8(value >> 16), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF))
    } else {
      return nil
    }
  }
}
