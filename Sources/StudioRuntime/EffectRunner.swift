import Dispatch
import FaceAlignment
import Foundation
import Imaging
import RenderPasses
import Shading
import Studio
import StudioFiles
import Synchronization

/// Performs the studio's effects on threads of their own and posts what comes of them.
public final class EffectRunner: Sendable {
  /// Where results go.
  public let mailbox: ActionMailbox
  /// The pixels that results name.
  public let images = ImageStore()

  private struct Document {
    var portrait: OpenedPortrait?
    /// The last portrait asked for; results of older ones are dropped.
    var generation = 0
    var cancellation = CancellationFlag()
    /// Stops all saving that was asked for so far.
    var saveCancellation = CancellationFlag()
  }

  private let opener: PortraitOpener
  private let assets: AssetFolder
  private let environments: EnvironmentLibrary
  private let previews: PreviewRenderer
  private let document = Mutex(Document())
  private let decompositions = DispatchQueue(label: "chiaro.decomposition", qos: .utility)
  private let files = DispatchQueue(label: "chiaro.files", qos: .userInitiated)

  /// - Parameters:
  ///   - opener: Reads and decomposes portraits.
  ///   - assets: Rigs and environments by name.
  ///   - mailbox: Where results go.
  public init(opener: PortraitOpener, assets: AssetFolder, mailbox: ActionMailbox) {
    self.opener = opener
    self.assets = assets
    self.mailbox = mailbox
    environments = EnvironmentLibrary(assets: assets)
    previews = PreviewRenderer(
      images: images, environments: environments, post: { mailbox.post($0) })
  }

  /// Starts an effect that needs no screen.
  public func perform(_ effect: StudioEffect) {
    switch effect {
    case .openPortrait(let request): open(request)
    case .cancelDecomposition(let generation):
      document.withLock { document in
        if document.generation == generation { document.cancellation.cancel() }
      }
    case .loadEnvironment(let name):
      files.async { self.loadEnvironment(name) }
    case .saveRender(let path, let look):
      save(path, look: look) { isCancelled in
        try self.picture(look, path: path, isCancelled: isCancelled).save(to: path)
      }
    case .savePasses(let path):
      save(path, look: nil) { isCancelled in
        try self.requirePortrait().savePasses(to: path, isCancelled: isCancelled)
      }
    case .saveLook(let path, let look):
      save(path, look: look) { _ in
        try AtomicFile.write(Array(LookFile.text(of: look).utf8), to: path)
      }
    case .cancelSaving:
      document.withLock { document in
        document.saveCancellation.cancel()
        document.saveCancellation = CancellationFlag()
      }
    case .openLook(let path):
      files.async { self.openLook(path) }
    case .renderPreview, .after, .redraw, .suspend, .quit:
      preconditionFailure("\(effect) belongs to the loop")
    }
  }

  /// Renders a preview of at most `limit` pixels.
  public func render(_ request: PreviewRequest, limit: ImageExtent) {
    previews.render(request, limit: limit)
  }

  /// Stops long work and waits until no file is half written.
  public func finish() {
    document.withLock { $0.cancellation.cancel() }
    files.sync {}
  }

  // MARK: - Portraits

  private func open(_ request: OpenRequest) {
    let cancellation = CancellationFlag()
    document.withLock { document in
      document.cancellation.cancel()
      document.cancellation = cancellation
      document.generation = request.generation
    }
    decompositions.async { self.open(request, cancellation: cancellation) }
  }

  private func open(_ request: OpenRequest, cancellation: CancellationFlag) {
    let generation = request.generation
    do {
      let portrait = try opener.open(
        path: request.path, framing: Framing(parsing: request.framing) ?? .automatic,
        photographRead: { photograph in
          self.previews.use(PreviewPainter(photograph: photograph))
          self.mailbox.post(
            .photographOpened(
              OpenedPhotograph(
                generation: generation, title: Self.title(of: request.path),
                width: photograph.width, height: photograph.height,
                pictureNumber: Self.freePictureNumber(of: request.path))))
        },
        progress: { progress in
          self.mailbox.post(
            .decompositionProgress(
              generation: generation, stage: progress.stage.rawValue,
              fraction: progress.fractionCompleted, layer: progress.layer))
        },
        isCancelled: { cancellation.isCancelled })
      let isCurrent = document.withLock { document in
        guard document.generation == generation else { return false }
        document.portrait = portrait
        return true
      }
      guard isCurrent else { return }
      previews.use(PreviewPainter(portrait: portrait))
      mailbox.post(.decompositionFinished(generation: generation, look: nil))
      opener.remember(portrait)
    } catch {
      mailbox.post(
        cancellation.isCancelled
          ? .decompositionCancelled(generation: generation)
          : .decompositionFailed(
            generation: generation, message: ErrorSentences.sentence(for: error)))
    }
  }

  private static func title(of path: String) -> String {
    URL(fileURLWithPath: path).lastPathComponent
  }

  /// The first number whose picture would replace no file.
  private static func freePictureNumber(of portrait: String) -> Int {
    var number = 1
    while FileManager.default.fileExists(
      atPath: PortraitDocument.picturePath(of: portrait, number: number))
    {
      number += 1
    }
    return number
  }

  // MARK: - Files

  private func requirePortrait() throws -> OpenedPortrait {
    guard let portrait = document.withLock({ $0.portrait }) else {
      throw StudioRuntimeError.nothingOpen
    }
    return portrait
  }

  private func picture(
    _ look: Look, path: String, isCancelled: () -> Bool
  ) throws -> FinishedPicture {
    try FinishedPicture(
      portrait: requirePortrait(), look: look,
      environment: environments.map(for: look.rig.environment), isCropOnly: false,
      bitDepth: FinishedPicture.bitDepth(forFileAt: path), isCancelled: isCancelled)
  }

  private func save(
    _ path: String, look: Look?,
    work: @escaping @Sendable (@escaping @Sendable () -> Bool) throws -> Void
  ) {
    let cancellation = document.withLock { $0.saveCancellation }
    files.async {
      do {
        if cancellation.isCancelled { throw StudioRuntimeError.cancelled }
        try work { cancellation.isCancelled }
        self.mailbox.post(.saved(path: path, look: look))
      } catch StudioRuntimeError.cancelled, PassError.cancelled {
        self.mailbox.post(.saveCancelled(path: path))
      } catch {
        self.mailbox.post(
          .saveFailed(path: path, message: ErrorSentences.sentence(for: error)))
      }
    }
  }

  private func loadEnvironment(_ name: String) {
    do {
      _ = try environments.map(named: name)
    } catch {
      mailbox.post(
        .environmentFailed(name: name, message: ErrorSentences.sentence(for: error)))
    }
  }

  private func openLook(_ path: String) {
    do {
      mailbox.post(.lookOpened(path: path, look: try assets.look(named: path)))
    } catch {
      mailbox.post(.lookFailed(message: ErrorSentences.sentence(for: error)))
    }
  }
}
