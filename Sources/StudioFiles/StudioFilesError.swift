/// What can be wrong with a text file or the folder it should be in.
public enum StudioFilesError: Error, Equatable, Sendable {
  /// The file cannot be read at all.
  case unreadable(path: String, reason: String)
  /// The text is not TOML.
  case malformed(path: String, line: Int, reason: String)
  /// A value is missing, of the wrong kind, or out of range.
  ///
  /// `key` is dotted, such as `rig.light.2.azimuth`; `found` is nil for a missing value.
  case invalidValue(path: String, line: Int?, key: String, expected: String, found: String?)
  /// A key that nothing here is called.
  case unknownKey(path: String, line: Int?, key: String, known: [String])
  /// Themes inherit from each other in a circle.
  case circularInheritance(path: String, names: [String])
  /// A name that no bundled or user's file has.
  case unknownName(kind: AssetKind, name: String, known: [String])
  /// The folder with the program's assets is nowhere.
  case noAssets(searched: [String])
}

/// What the program finds by name.
public enum AssetKind: String, CaseIterable, Sendable, Codable {
  case rig, environment, material, theme, keymap
}
