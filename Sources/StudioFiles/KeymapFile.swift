import Studio
import TerminalCells

/// A keymap as text: `[[lights]]` `on = "j"` `run = "list.next"`, one row per binding; `inherits` names
/// the keymap that the rows go over.
public enum KeymapFile {
  /// Reads a keymap file.
  ///
  /// - Throws: `StudioFilesError` naming file, line, key and value.
  public static func read(_ path: String) throws(StudioFilesError) -> Keymap {
    try parse(TOMLText.read(path), path: path)
  }

  /// Reads a keymap's text; `path` is for the errors.
  public static func parse(_ text: String, path: String) throws(StudioFilesError) -> Keymap {
    Keymap(try TOMLText.decode(Rows.self, from: text, path: path).bindings)
  }

  /// A file's rows, and the keymap that they go over; nil when they stand alone.
  ///
  /// - Throws: `StudioFilesError` naming file, line, key and value.
  static func heir(_ path: String) throws(StudioFilesError) -> (own: Keymap, parent: String?) {
    let rows = try TOMLText.decode(Rows.self, from: TOMLText.read(path), path: path)
    return (Keymap(rows.bindings), rows.inherits)
  }

  private struct Rows: Decodable {
    var inherits: String?
    var bindings: [KeyBinding] = []

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: FileKey.self)
      try container.refuseKeys(otherThan: ["inherits"] + KeymapContext.allCases.map(\.rawValue))
      inherits = try container.decodeIfPresent(String.self, forKey: "inherits")
      for context in KeymapContext.allCases {
        let key = FileKey(stringValue: context.rawValue)
        let rows = try container.decodeIfPresent([Row].self, forKey: key) ?? []
        bindings += rows.map { KeyBinding(context: context, on: $0.on, run: $0.run) }
      }
    }
  }

  private struct Row: Decodable {
    let on: [Key]
    let run: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: FileKey.self)
      try container.refuseKeys(otherThan: ["on", "run"])
      let notation = try container.decode(String.self, forKey: "on")
      guard let keys = Key.sequence(parsing: notation) else {
        throw container.failure(at: "on", expected: "keys such as j, gg, <C-s> or <S-Left>")
      }
      on = keys
      run = try container.decode(String.self, forKey: "run")
      guard run == Keymap.unbound || CommandTable.standard[run] != nil else {
        throw container.failure(
          at: "run", expected: "a command's name (see chiaro list keys) or \"\(Keymap.unbound)\"")
      }
    }
  }
}
