import Shading

/// A material as text: the keys of its parameter table.
public enum MaterialFile {
  /// Reads a material file; missing keys take defaults.
  ///
  /// - Throws: `StudioFilesError` naming file, line, key and value.
  public static func read(_ path: String) throws(StudioFilesError) -> Material {
    try TOMLText.decode(Material.self, from: TOMLText.read(path), path: path)
  }

  /// The text of a material.
  public static func text(of material: Material) -> String { TOMLText.encode(material) }
}
