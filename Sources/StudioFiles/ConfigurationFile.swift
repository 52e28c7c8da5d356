/// The user's choices, from `config.toml`.
public struct StudioConfiguration: Equatable, Sendable {
  /// The theme's name; nil for the one that suits the terminal's colours.
  public var theme: String?
  /// The bundled keymap's name; the user's `keymap.toml` goes over it.
  public var keymap = "default"
  /// How pictures reach the terminal: auto, kitty, sixel, iterm2 or cells.
  public var graphicsProtocol = "auto"

  /// The defaults.
  public init() {}

  /// The names `protocol` takes.
  static let protocols = ["auto", "kitty", "sixel", "iterm2", "cells"]
}

/// The configuration as text.
public enum ConfigurationFile {
  /// Reads a configuration file.
  ///
  /// - Throws: `StudioFilesError` naming file, line, key and value.
  public static func read(_ path: String) throws(StudioFilesError) -> StudioConfiguration {
    try parse(TOMLText.read(path), path: path)
  }

  /// Reads a configuration's text; `path` is for the errors.
  public static func parse(
    _ text: String, path: String
  ) throws(StudioFilesError) -> StudioConfiguration {
    try TOMLText.decode(StudioConfiguration.self, from: text, path: path)
  }
}

extension StudioConfiguration: Decodable {
  /// Reads `theme`, `keymap` and `protocol`; missing keys take defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: FileKey.self)
    try container.refuseKeys(otherThan: ["theme", "keymap", "protocol"])
    theme = try container.decodeIfPresent(String.self, forKey: "theme")
    keymap = try container.decodeIfPresent(String.self, forKey: "keymap") ?? keymap
    graphicsProtocol =
      try container.decodeIfPresent(String.self, forKey: "protocol") ?? graphicsProtocol
    guard Self.protocols.contains(graphicsProtocol) else {
      throw container.failure(
        at: "protocol", expected: "one of \(Self.protocols.joined(separator: ", "))")
    }
  }
}
