import Decomposition
import FaceAlignment
import Foundation
import Imaging
import RenderPasses
import Shading
import Studio
import StudioRuntime
import TestSupport
import Testing

/// A photograph whose passes are in the cache: a first look before it is decoded, then all of it.
@Suite struct CachedOpeningTests {
  private let ball: Ball
  private let cache: DecompositionCache
  private let key: String
  private let photograph: Photograph
  private static let side = 64

  init() throws {
    ball = try Ball()
    cache = DecompositionCache(folder: ball.folder + "/cache")
    photograph = try ImageFile.readPhotograph(at: ball.portrait)
    key = DecompositionCache.key(
      photograph: photograph.digest, framing: .none,
      weights: try ModelBundle.statedDigests(in: ball.assets.modelsPath))
  }

  /// Passes that the networks would not make.
  private func storePasses() throws {
    let extent = photograph.image.extent
    let manifest = PassManifest(
      crop: .init(
        centerX: Double(extent.width) / 2, centerY: Double(extent.height) / 2,
        size: Double(extent.width), angleDegrees: 0),
      photograph: extent, sourceDigest: photograph.digest)
    cache.store(try BallPasses.stack(side: Self.side, radius: 0.9), manifest, for: key)
  }

  private func storeImpression() throws {
    let stack = try BallPasses.stack(side: 32, radius: 0.5)
    cache.store(
      FirstImpression(
        stack: stack, portrait: photograph.image.resized(width: 32, height: 32),
        photograph: photograph.image.extent),
      for: key)
  }

  /// What is posted until the portrait is open, or fails to.
  private func open(_ runner: EffectRunner) throws -> [StudioAction] {
    runner.perform(.openPortrait(OpenRequest(generation: 7, path: ball.portrait, framing: "none")))
    return try #require(
      runner.actions { action in
        switch action {
        case .decompositionFinished, .decompositionFailed: true
        default: false
        }
      })
  }

  private func opened(_ posted: [StudioAction]) -> [OpenedPhotograph] {
    posted.compactMap { if case .photographOpened(let photograph) = $0 { photograph } else { nil } }
  }

  private func picture(_ view: ViewMode, of runner: EffectRunner) throws -> DisplayImage {
    runner.render(
      PreviewRequest(
        generation: 3, view: view, comparison: .off, look: Look(), quality: .final, columns: 10,
        rows: 5), limit: ImageExtent(width: 32, height: 32))
    let posted = try #require(
      runner.actions { if case .previewReady = $0 { true } else { false } })
    for case .previewReady(let picture) in posted {
      return try #require(runner.images[picture.image])
    }
    preconditionFailure("the line above ends with a picture")
  }

  @Test("the first look comes with the photograph's extent, then the passes, without networks")
  func firstLook() throws {
    defer { ball.remove() }
    try storePasses()
    try storeImpression()
    let runner = ball.runner(cache: cache)
    let posted = try open(runner)
    let extent = photograph.image.extent
    #expect(
      opened(posted) == [
        OpenedPhotograph(
          generation: 7, title: "sample.png", width: extent.width, height: extent.height,
          hasCoarsePasses: true)
      ])
    #expect(!posted.contains(.coarsePassesReady(generation: 7)))
    #expect(posted.last == .decompositionFinished(generation: 7, look: nil))
    // The albedo on show is that of the full passes: a ball of another radius.
    let full = try BallPasses.stack(side: Self.side, radius: 0.9)
    let shown = try picture(.subject, of: runner)
    let expected = DisplayImage(full.subject.resized(width: 32, height: 32))
    #expect(shown == expected)
  }

  @Test(
    "a first look that is missing or damaged is made again from the passes",
    arguments: [true, false])
  func lostImpression(isDamaged: Bool) throws {
    defer { ball.remove() }
    try storePasses()
    if isDamaged {
      try AtomicFile.write([1, 2, 3], to: "\(cache.folder)/\(key)-small.exr")
    }
    let runner = ball.runner(cache: cache)
    let posted = try open(runner)
    #expect(opened(posted).map(\.hasCoarsePasses) == [false])
    #expect(posted.last == .decompositionFinished(generation: 7, look: nil))
    var kept: FirstImpression?
    for _ in 0..<1000 where kept == nil {
      Thread.sleep(forTimeInterval: 0.005)
      kept = cache.impression(for: key)
    }
    let impression = try #require(kept)
    #expect(impression.stack.width == Self.side && impression.photograph == photograph.image.extent)
  }

  @Test("a first look without passes is shown while the networks make them")
  func lostPasses() throws {
    defer { ball.remove() }
    try storeImpression()
    let runner = ball.runner(cache: cache)
    let posted = try open(runner)
    #expect(opened(posted).map(\.hasCoarsePasses) == [true])
    #expect(!posted.contains(.coarsePassesReady(generation: 7)))
    #expect(posted.last == .decompositionFinished(generation: 7, look: nil))
    #expect(try picture(.subject, of: runner) != picture(.photograph, of: runner))
  }

  @Test("cancelled after the first look, what it was made of is shown")
  func cancelled() throws {
    defer { ball.remove() }
    try storeImpression()
    let runner = ball.runner(cache: cache)
    runner.perform(.openPortrait(OpenRequest(generation: 7, path: ball.portrait, framing: "none")))
    _ = try #require(
      runner.actions { if case .photographOpened = $0 { true } else { false } })
    runner.perform(.cancelDecomposition(generation: 7))
    _ = try #require(runner.actions { $0 == .decompositionCancelled(generation: 7) })
    #expect(try picture(.relit, of: runner) == picture(.photograph, of: runner))
  }

  @Test("another photograph under the same name has no first look")
  func anotherPhotograph() throws {
    defer { ball.remove() }
    try storePasses()
    try storeImpression()
    let path = ball.folder + "/portrait.png"
    try ImageFile.write(photograph.image.resized(width: 200, height: 200), to: path)
    let runner = ball.runner(cache: cache)
    runner.perform(.openPortrait(OpenRequest(generation: 7, path: path, framing: "none")))
    let posted = try #require(
      runner.actions { if case .photographOpened = $0 { true } else { false } })
    #expect(opened(posted).map(\.hasCoarsePasses) == [false])
    runner.perform(.cancelDecomposition(generation: 7))
    runner.finish()
  }
}
