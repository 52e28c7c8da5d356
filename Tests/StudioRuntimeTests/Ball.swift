import Foundation
import Imaging
import RenderPasses
import StudioFiles
import StudioRuntime

/// A small pass folder, and everything that a runtime needs around it.
struct Ball {
  let folder: String
  let assets: AssetFolder

  static let side = 32

  init() throws {
    folder = NSTemporaryDirectory() + "chiaro-ball-" + UUID().uuidString
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    assets = AssetFolder(root: root, userFolder: folder + "/user")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try PassFolder.write(Self.stack(), PassManifest(), to: passes)
  }

  func remove() {
    try? FileManager.default.removeItem(atPath: folder)
  }

  var passes: String { folder + "/ball" }

  /// A runner whose results wait in its mailbox.
  func runner(wakeUp: @escaping @Sendable () -> Void = {}) -> EffectRunner {
    EffectRunner(
      opener: PortraitOpener(modelsPath: assets.modelsPath), assets: assets,
      mailbox: ActionMailbox(wakeUp: wakeUp))
  }

  static func stack() throws -> PassStack {
    func plain(_ values: [Float], _ encoding: ColorEncoding) -> Image {
      Image(
        width: side, height: side, channels: values.count, encoding: encoding,
        samples: values.flatMap { [Float](repeating: $0, count: side * side) })
    }
    var normal = plain([0, 0, 1], .data)
    for y in 0..<side {
      for x in 0..<side {
        normal[0, x, y] = (Float(x) - 15.5) / 16
        // Every row has a light of its own, so that half blocks need both of their colours.
        normal[1, x, y] = (15.5 - Float(y)) / 16
      }
    }
    return try PassStack(
      passes: [
        .albedo: plain([0.5, 0.35, 0.25], .linear), .normal: normal.normalizedVectors(),
        .specular: plain([0.35], .data), .translucency: plain([0.1], .data),
        .ao: plain([0.9], .data), .diffuse: plain([0.25, 0.18, 0.12], .linear),
      ], skin: plain([1], .data), subject: plain([1], .data))
  }
}
