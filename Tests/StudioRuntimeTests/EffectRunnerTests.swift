import Foundation
import Glibc
import Imaging
import Shading
import Studio
import StudioRuntime
import Testing

@Suite struct EffectRunnerTests {
  private func open(_ path: String, with runner: EffectRunner) throws -> [StudioAction] {
    runner.perform(
      .openPortrait(OpenRequest(generation: 7, path: path, framing: "auto")))
    return try #require(
      runner.actions { action in
        switch action {
        case .decompositionFinished, .decompositionFailed: true
        default: false
        }
      })
  }

  private func request(_ view: ViewMode, comparison: Comparison = .off) -> PreviewRequest {
    PreviewRequest(
      generation: 3, view: view, comparison: comparison, look: Look(), quality: .final,
      columns: 10, rows: 5)
  }

  private func preview(
    _ request: PreviewRequest, limit: ImageExtent, of runner: EffectRunner
  ) throws -> DisplayImage {
    runner.render(request, limit: limit)
    let posted = try #require(
      runner.actions { action in
        if case .previewReady = action { true } else { false }
      })
    for action in posted {
      if case .previewReady(let picture) = action {
        return try #require(runner.images[picture.image])
      }
    }
    preconditionFailure("the loop above ends with a picture")
  }

  @Test("a pass folder opens without networks: first the picture, then the passes")
  func openPasses() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let posted = try open(ball.passes, with: ball.runner())
    #expect(
      posted == [
        .photographOpened(
          OpenedPhotograph(generation: 7, title: "ball", width: Ball.side, height: Ball.side)),
        .decompositionFinished(generation: 7, look: nil),
      ])
  }

  @Test("small pictures show surroundings as panoramas and portraits whole")
  func thumbnails() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let runner = ball.runner()
    func made(_ source: ThumbnailSource) throws -> Thumbnail {
      runner.perform(.makeThumbnail(source))
      let posted = try #require(
        runner.actions { action in
          if case .thumbnailMade(source, _) = action { true } else { false }
        })
      for case .thumbnailMade(source, let thumbnail) in posted { return thumbnail }
      preconditionFailure("the line above ends with a picture")
    }
    let sky = try made(.environment("overcast"))
    #expect(sky.width == 32 && sky.height == 16)
    func mean(_ rows: Range<Int>) -> Int {
      rows.flatMap { row in sky.bytes[row * 96..<(row + 1) * 96] }.reduce(0) { $0 + Int($1) }
        / (rows.count * 96)
    }
    #expect(mean(0..<8) > mean(8..<16) + 20, "the sky is above")
    let portrait = try made(.file(path: ball.passes))
    #expect(portrait.width == 16 && portrait.height == 16)
    runner.perform(.makeThumbnail(.environment("nowhere")))
    _ = try made(.environment("golden-hour"))
    #expect(runner.mailbox.drain().isEmpty)
  }

  @Test("a photograph can be relit coarsely before the networks are through")
  func coarsePasses() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let runner = ball.runner()
    runner.perform(
      .openPortrait(
        OpenRequest(generation: 7, path: ball.portrait, framing: "none")))
    let first = try #require(
      runner.actions { $0 == .coarsePassesReady(generation: 7) })
    #expect(!first.contains(.decompositionFinished(generation: 7, look: nil)))
    let limit = ImageExtent(width: 64, height: 64)
    let coarse = try preview(request(.relit), limit: limit, of: runner)
    let finished = try #require(
      runner.actions { $0 == .decompositionFinished(generation: 7, look: nil) })
    #expect(!finished.contains(.coarsePassesReady(generation: 7)))
    let fine = try preview(request(.relit), limit: limit, of: runner)
    let photograph = try preview(request(.photograph), limit: limit, of: runner)
    #expect(coarse != fine && coarse != photograph)
  }

  @Test("cancelled after a first impression, the photograph is back")
  func cancelAfterCoarsePasses() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let runner = ball.runner()
    runner.perform(
      .openPortrait(OpenRequest(generation: 7, path: ball.portrait, framing: "none")))
    _ = try #require(runner.actions { $0 == .coarsePassesReady(generation: 7) })
    runner.perform(.cancelDecomposition(generation: 7))
    _ = try #require(runner.actions { $0 == .decompositionCancelled(generation: 7) })
    let limit = ImageExtent(width: 64, height: 64)
    let shown = try preview(request(.relit), limit: limit, of: runner)
    #expect(try preview(request(.photograph), limit: limit, of: runner) == shown)
  }

  @Test("the picture's name is one that no file has")
  func pictureNumber() throws {
    let ball = try Ball()
    defer { ball.remove() }
    for name in ["ball-relit.png", "ball-relit-2.png"] {
      try AtomicFile.write([], to: "\(ball.folder)/\(name)")
    }
    guard case .photographOpened(let photograph)? = try open(ball.passes, with: ball.runner()).first
    else {
      Issue.record("no photograph was opened")
      return
    }
    #expect(photograph.pictureNumber == 3)
  }

  @Test("what waits to be saved is dropped when saving is cancelled")
  func cancelSaving() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let runner = ball.runner()
    _ = try open(ball.passes, with: runner)
    // Nobody reads the pipe yet, so what is written to it holds up what comes behind.
    let pipe = ball.folder + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    let passes = ball.folder + "/copy"
    runner.perform(.save(SaveRequest(path: pipe, content: .picture(Look()), replaces: true)))
    runner.perform(.save(SaveRequest(path: passes, content: .passes)))
    runner.perform(.cancelSaving)
    let reader = Glibc.open(pipe, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    let posted = runner.actions { $0 == .saveCancelled(path: passes) }
    #expect(posted != nil)
    #expect(!FileManager.default.fileExists(atPath: passes))
    // Saving asked for later is not concerned.
    runner.perform(.save(SaveRequest(path: passes, content: .passes)))
    #expect(runner.actions { $0 == .saved(path: passes, look: nil) } != nil)
  }

  @Test("what cannot be opened is a sentence")
  func openNothing() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let posted = try open(ball.folder + "/none.png", with: ball.runner())
    guard case .decompositionFailed(generation: 7, let message) = posted.last else {
      Issue.record("expected a failure, got \(posted)")
      return
    }
    #expect(message.contains("none.png") && message.contains("No such file"))
  }

  @Test("previews fit their limit and keep the proportions")
  func previewExtent() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let runner = ball.runner()
    _ = try open(ball.passes, with: runner)
    let picture = try preview(request(.relit), limit: .init(width: 40, height: 24), of: runner)
    #expect(picture.width == 24 && picture.height == 24)
    let both = try preview(
      request(.relit, comparison: .sideBySide), limit: .init(width: 40, height: 24), of: runner)
    #expect(both.width == 40 && both.height == 20)
  }

  @Test("views show the passes as numbers a person can read")
  func passViews() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let runner = ball.runner()
    _ = try open(ball.passes, with: runner)
    let limit = ImageExtent(width: Ball.side, height: Ball.side)
    let ao = try preview(request(.ao), limit: limit, of: runner)
    #expect(ao.bytes.allSatisfy { $0 == 230 })
    let normal = try preview(request(.normal), limit: limit, of: runner)
    // Red is x and grows to the right, green is y and grows upwards.
    let lowerLeft = 3 * Ball.side * (Ball.side - 1)
    #expect(normal.bytes[3 * (Ball.side - 1)] > normal.bytes[0] + 100)
    #expect(normal.bytes[1] > normal.bytes[lowerLeft + 1] + 100)
  }

  @Test("the wipe shows the photograph left of its edge")
  func wipe() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let runner = ball.runner()
    _ = try open(ball.passes, with: runner)
    let limit = ImageExtent(width: Ball.side, height: Ball.side)
    let photograph = try preview(request(.photograph), limit: limit, of: runner)
    let ao = try preview(request(.ao), limit: limit, of: runner)
    let wiped = try preview(
      request(.ao, comparison: .wipe(edge: 0.5)), limit: limit, of: runner)
    let middle = Ball.side / 2
    #expect(wiped.bytes[..<(3 * middle)] == photograph.bytes[..<(3 * middle)])
    #expect(
      wiped.bytes[(3 * (middle + 1))..<(3 * Ball.side)]
        == ao.bytes[(3 * (middle + 1))..<(3 * Ball.side)])
  }

  @Test("saving before anything is open, and to nowhere, are sentences; to a file, a file")
  func saving() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let runner = ball.runner()
    func outcome(_ effect: StudioEffect) throws -> StudioAction {
      runner.perform(effect)
      let posted = try #require(
        runner.actions { action in
          switch action {
          case .saved, .saveFailed: true
          default: false
          }
        })
      return try #require(posted.last)
    }
    let path = ball.folder + "/out.png"
    let early = try outcome(.save(SaveRequest(path: path, content: .picture(Look()))))
    guard case .saveFailed(path, let message) = early else {
      Issue.record("expected a failure, got \(early)")
      return
    }
    #expect(message.contains("no decomposed portrait"))
    _ = try open(ball.passes, with: runner)
    #expect(
      try outcome(.save(SaveRequest(path: path, content: .picture(Look()))))
        == .saved(path: path, look: Look()))
    #expect(try ImageFile.readPhotograph(at: path).image.width == Ball.side)
    let nowhere = try outcome(
      .save(SaveRequest(path: ball.folder + "/no/out.png", content: .picture(Look()))))
    guard case .saveFailed = nowhere else {
      Issue.record("expected a failure, got \(nowhere)")
      return
    }
    let look = ball.folder + "/look.toml"
    #expect(
      try outcome(.save(SaveRequest(path: look, content: .look(Look()))))
        == .saved(path: look, look: Look()))
    runner.perform(.openLook(path: look))
    let read = try #require(
      runner.actions { action in
        if case .lookOpened = action { true } else { false }
      })
    #expect(read.last == .lookOpened(path: look, look: Look()))
  }
}
