import Dispatch
import Foundation
import Imaging
import Studio
import StudioFiles
import Synchronization
import TerminalGraphics

/// Performs the studio's effects on threads of their own and posts what comes of them.
public final class EffectRunner: Sendable {
  /// Where results go.
  public let mailbox: ActionMailbox
  /// The pixels that results name.
  public let images = ImageStore()

  struct Document {
    var portrait: OpenedPortrait?
    /// All open portraits by the requests that opened them.
    var portraits: [Int: OpenedPortrait] = [:]
    /// The last portrait asked for; results of older ones are dropped.
    var generation = 0
    var cancellation = CancellationFlag()
    /// Stops all saving that was asked for so far.
    var saveCancellation = CancellationFlag()
  }

  let opener: PortraitOpener
  let hasScreen: Bool
  let assets: AssetFolder
  let environments: EnvironmentLibrary
  let previews: PreviewRenderer
  private let thumbnailMaker: ThumbnailMaker
  let sessions: SessionFolder?
  /// Counts pictures that the open dialog has asked for.
  let fileRequests = Mutex(0)
  let document = Mutex(Document())
  let decompositions = DispatchQueue(label: "chiaro.decomposition", qos: .utility)
  let files = DispatchQueue(label: "chiaro.files", qos: .userInitiated)
  private let thumbnails = DispatchQueue(label: "chiaro.thumbnails", qos: .utility)

  /// - Parameters:
  ///   - opener: Reads and decomposes portraits.
  ///   - assets: Rigs and environments by name.
  ///   - mailbox: Where results go.
  ///   - sessions: What outlives a session; nil to leave nothing behind.
  ///   - environmentCache: Where prepared environments are kept; nil to keep none.
  ///   - hasScreen: Whether previews are seen, so that a first impression is worth making.
  public init(
    opener: PortraitOpener, assets: AssetFolder, mailbox: ActionMailbox,
    sessions: SessionFolder? = nil, environmentCache: EnvironmentCache? = nil,
    hasScreen: Bool = true
  ) {
    self.opener = opener
    self.hasScreen = hasScreen
    self.sessions = sessions
    self.assets = assets
    self.mailbox = mailbox
    environments = EnvironmentLibrary(assets: assets, cache: environmentCache)
    thumbnailMaker = ThumbnailMaker(assets: assets)
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
    case .save(let request): save(request)
    case .showPortrait(let generation): show(generation)
    case .closePortrait(let generation):
      document.withLock { $0.portraits[generation] = nil }
    case .estimateLight(let portrait):
      files.async { self.estimateLight(portrait) }
    case .keepRecovery(let portrait, let look):
      files.async { self.sessions?.keep(look, of: portrait) }
    case .discardRecovery(let portrait):
      files.async { self.sessions?.discard(portrait) }
    case .listFolder(let path):
      files.async { self.mailbox.post(.folderListed(self.listing(of: path))) }
    case .makeThumbnail(let source):
      thumbnails.async {
        guard let thumbnail = try? self.thumbnailMaker.thumbnail(of: source) else { return }
        self.mailbox.post(.thumbnailMade(source, thumbnail))
      }
    case .cancelSaving:
      document.withLock { document in
        document.saveCancellation.cancel()
        document.saveCancellation = CancellationFlag()
      }
    case .openLook(let path):
      files.async { self.openLook(path) }
    case .renderPreview, .previewFile, .after, .redraw, .suspend, .quit:
      preconditionFailure("\(effect) belongs to the loop")
    }
  }

  /// Lists what can be picked; the first screen need not wait for it.
  public func listLibrary() {
    files.async {
      do {
        self.mailbox.post(.libraryListed(try self.assets.library()))
      } catch {
        self.mailbox.post(.report(.error, ErrorSentences.sentence(for: error)))
      }
    }
  }

  /// Renders a preview of at most `limit` pixels, which `division` then divides into cells.
  public func render(
    _ request: PreviewRequest, limit: ImageExtent,
    division: (@Sendable (DisplayImage) -> CellPicture?)? = nil
  ) {
    previews.render(request, limit: limit, division: division)
  }

  /// Stops long work and waits until no file is half written.
  public func finish() {
    document.withLock { $0.cancellation.cancel() }
    files.sync {}
  }

  // MARK: - Looks

  func requirePortrait() throws -> OpenedPortrait {
    guard let portrait = document.withLock({ $0.portrait }) else {
      throw StudioRuntimeError.nothingOpen
    }
    return portrait
  }

  private func loadEnvironment(_ name: String) {
    do {
      _ = try environments.map(named: name)
    } catch {
      mailbox.post(
        .environmentFailed(name: name, message: ErrorSentences.sentence(for: error)))
    }
  }

  private func estimateLight(_ portrait: String) {
    do {
      var rig = try requirePortrait().estimatedRig(path: portrait)
      rig.name = "original"
      mailbox.post(.lightEstimated(portrait: portrait, rig))
    } catch {
      mailbox.post(.lookFailed(message: ErrorSentences.sentence(for: error)))
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
