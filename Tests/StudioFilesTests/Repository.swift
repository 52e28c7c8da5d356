import Foundation
import StudioFiles
import TestSupport

/// The source tree's own files, found from this one.
enum Repository {
  static let root = SourceTree.root.path

  /// The bundled assets without any user's files over them.
  static let assets = AssetFolder(root: root, userFolder: "/nonexistent")

  /// A folder of its own for one test; the caller removes it.
  static func makeTemporaryFolder() throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("chiaro-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  static func write(_ text: String, to path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }
}
