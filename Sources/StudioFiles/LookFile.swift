import Shading

/// A look as text: lights, environment, material and picture settings.
public enum LookFile {
  /// Reads a look file, or a rig file as a look with that rig and default materials.
  ///
  /// - Throws: `StudioFilesError` naming file, line, key and value.
  public static func read(_ path: String) throws(StudioFilesError) -> Look {
    try parse(TOMLText.read(path), path: path)
  }

  /// Reads a look's or a rig's text; `path` is for the errors.
  public static func parse(_ text: String, path: String) throws(StudioFilesError) -> Look {
    switch try TOMLText.decode(LookOrRig.self, from: text, path: path) {
    case .look(let look): look
    case .rig(let rig): Look(rig: rig)
    }
  }

  /// The text of a look, which `read` takes back and `chiaro relight --rig` takes as well.
  public static func text(of look: Look) -> String { TOMLText.encode(look) }
}

/// A lighting set-up as text.
public enum RigFile {
  /// Reads a rig file.
  ///
  /// - Throws: `StudioFilesError` naming file, line, key and value.
  public static func read(_ path: String) throws(StudioFilesError) -> LightRig {
    try parse(TOMLText.read(path), path: path)
  }

  /// Reads a rig's text; `path` is for the errors.
  public static func parse(_ text: String, path: String) throws(StudioFilesError) -> LightRig {
    try TOMLText.decode(LightRig.self, from: text, path: path)
  }

  /// The text of a rig.
  public static func text(of rig: LightRig) -> String { TOMLText.encode(rig) }
}

/// Tells the two kinds of file apart: a rig lists lights at its top level, a look never does.
private enum LookOrRig: Decodable {
  case look(Look)
  case rig(LightRig)

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: FileKey.self).allKeys.map(\.stringValue)
    let rigKeys: Set = ["name", "frame", "light", "environment"]
    if keys.contains(where: rigKeys.contains) {
      self = .rig(try LightRig(from: decoder))
    } else {
      self = .look(try Look(from: decoder))
    }
  }
}
