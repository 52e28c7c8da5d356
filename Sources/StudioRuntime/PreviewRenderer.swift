import Dispatch
import Imaging
import RenderPasses
import Shading
import Studio
import Synchronization
import TerminalGraphics

/// Renders previews on a thread of its own; of several requests only the newest is rendered.
final class PreviewRenderer: Sendable {
  private struct Job {
    var request: PreviewRequest
    var limit: ImageExtent
    var division: (@Sendable (DisplayImage) -> CellPicture?)?
  }

  private struct Waiting {
    var newest: Job?
    /// The last one asked for, rendered or not.
    var last: Job?
    var isRunning = false
  }

  private let waiting = Mutex(Waiting())
  private let painter = Mutex<PreviewPainter?>(nil)
  private let queue = DispatchQueue(label: "chiaro.preview", qos: .userInteractive)
  private let images: ImageStore
  private let environments: EnvironmentLibrary
  private let post: @Sendable (StudioAction) -> Void

  init(
    images: ImageStore, environments: EnvironmentLibrary,
    post: @escaping @Sendable (StudioAction) -> Void
  ) {
    self.images = images
    self.environments = environments
    self.post = post
  }

  /// Shows another portrait from the next request on.
  func use(_ newPainter: PreviewPainter) {
    painter.withLock { $0 = newPainter }
  }

  /// Lets a painter paint what was asked for last, so that its next picture takes no longer than any other.
  ///
  /// Meanwhile the painter in use goes on.
  func prepared(_ newPainter: PreviewPainter, isCancelled: () -> Bool) -> PreviewPainter {
    var painter = newPainter
    if let job = waiting.withLock({ $0.last }),
      let environments = try? environments(of: job.request)
    {
      _ = painter.paint(
        job.request, limit: job.limit, environments: environments, isCancelled: isCancelled)
    }
    return painter
  }

  /// Renders a picture soon, unless another request comes first.
  func render(
    _ request: PreviewRequest, limit: ImageExtent,
    division: (@Sendable (DisplayImage) -> CellPicture?)?
  ) {
    let mustStart = waiting.withLock { waiting in
      waiting.newest = Job(request: request, limit: limit, division: division)
      waiting.last = waiting.newest
      defer { waiting.isRunning = true }
      return !waiting.isRunning
    }
    if mustStart { queue.async { self.work() } }
  }

  private func work() {
    while let job = takeNewest() { perform(job) }
  }

  private func takeNewest() -> Job? {
    waiting.withLock { waiting in
      defer { waiting.newest = nil }
      if waiting.newest == nil { waiting.isRunning = false }
      return waiting.newest
    }
  }

  private func perform(_ job: Job) {
    let request = job.request
    let start = DispatchTime.now().uptimeNanoseconds
    do {
      let environments = try environments(of: request)
      // A draft is always finished, so that something moves while a key is held.
      let (picture, reading) = painter.withLock { painter in
        let picture = painter?.paint(
          request, limit: job.limit, environments: environments,
          isCancelled: { request.quality == .final && self.hasNewer })
        return (picture, painter?.measure(request, environment: environments.shown))
      }
      guard let picture else { return }
      let stored = StoredPicture(image: picture, cells: job.division?(picture))
      let nanoseconds = DispatchTime.now().uptimeNanoseconds - start
      post(
        .previewReady(
          PreviewPicture(
            generation: request.generation, image: images.insert(stored), width: picture.width,
            height: picture.height, quality: request.quality,
            milliseconds: Double(nanoseconds) / 1e6, reading: reading)))
    } catch {
      post(
        .previewFailed(generation: request.generation, message: ErrorSentences.sentence(for: error))
      )
    }
  }

  /// The panoramas that a request needs.
  private func environments(
    of request: PreviewRequest
  ) throws -> PreviewPainter.Environments {
    let isShown = request.view.dependsOnLook || request.meter != nil
    return PreviewPainter.Environments(
      shown: isShown ? try environments.map(for: request.look.rig.environment) : nil,
      reference: try request.reference.flatMap { try environments.map(for: $0.rig.environment) })
  }

  private var hasNewer: Bool { waiting.withLock { $0.newest != nil } }
}
