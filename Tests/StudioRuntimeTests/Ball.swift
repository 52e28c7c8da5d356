import Foundation
import RenderPasses
import Studio
import StudioFiles
import StudioRuntime
import TestSupport

/// A small pass folder, and everything that a runtime needs around it.
struct Ball {
  let folder: String
  let assets: AssetFolder

  static let side = 32

  init() throws {
    folder = NSTemporaryDirectory() + "chiaro-ball-" + UUID().uuidString
    assets = AssetFolder(root: SourceTree.root.path, userFolder: folder + "/user")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try BallPasses.write(to: passes, side: Self.side, radius: 1.5)
  }

  func remove() {
    try? FileManager.default.removeItem(atPath: folder)
  }

  var passes: String { folder + "/ball" }

  /// A photograph that the networks can decompose.
  var portrait: String { assets.path("portraits/sample.png") }

  /// A runner whose results wait in its mailbox.
  func runner(
    cache: DecompositionCache? = nil, wakeUp: @escaping @Sendable () -> Void = {}
  ) -> EffectRunner {
    EffectRunner(
      opener: PortraitOpener(modelsPath: assets.modelsPath, cache: cache), assets: assets,
      mailbox: ActionMailbox(wakeUp: wakeUp))
  }
}

extension EffectRunner {
  /// Everything posted until an action matches; nil when nothing matched for ten seconds.
  func actions(until isLast: (StudioAction) -> Bool) -> [StudioAction]? {
    var all: [StudioAction] = []
    for _ in 0..<2000 {
      all += mailbox.drain()
      if all.contains(where: isLast) { return all }
      Thread.sleep(forTimeInterval: 0.005)
    }
    return nil
  }
}
