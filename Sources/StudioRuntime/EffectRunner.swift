import Dispatch
import FaceAlignment
import Foundation
import Imaging
import RenderPasses
import Shading
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

  private struct Document {
    var portrait: OpenedPortrait?
    /// All open portraits by the requests that opened them.
    var portraits: [Int: OpenedPortrait] = [:]
    /// The last portrait asked for; results of older ones are dropped.
    var generation = 0
    var cancellation = CancellationFlag()
    /// Stops all saving that was asked for so far.
    var saveCancellation = CancellationFlag()
  }

  private let opener: PortraitOpener
  private let hasScreen: Bool
  private let assets: AssetFolder
  private let environments: EnvironmentLibrary
  private let previews: PreviewRenderer
  private let thumbnailMaker: ThumbnailMaker
  let sessions: SessionFolder?
  /// Counts pictures that the open dialog has asked for.
  let fileRequests = Mutex(0)
  private let document = Mutex(Document())
  private let decompositions = DispatchQueue(label: "chiaro.decomposition", qos: .utility)
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
    // What is shown when there will be no passes.
    var photograph: Image?
    // Edits of a first impression would replace it.
    let recoverable = sessions?.recoverable(request.path)
    func announce(_ extent: ImageExtent, hasCoarsePasses: Bool) {
      mailbox.post(
        .photographOpened(
          OpenedPhotograph(
            generation: generation, title: Self.title(of: request.path), width: extent.width,
            height: extent.height, pictureNumber: Self.freePictureNumber(of: request.path),
            hasCoarsePasses: hasCoarsePasses)))
    }
    do {
      let portrait = try opener.open(
        path: request.path, framing: Framing(parsing: request.framing) ?? .automatic,
        photographRead: { image in
          defer { photograph = image }
          // After a first impression the picture is known.
          guard photograph == nil else { return }
          self.previews.use(PreviewPainter(photograph: image))
          announce(image.extent, hasCoarsePasses: false)
        },
        coarsePassesMade: hasScreen
          ? { impression in
            self.previews.use(PreviewPainter(impression: impression))
            guard photograph == nil else {
              self.mailbox.post(.coarsePassesReady(generation: generation))
              return
            }
            photograph = impression.portrait.converted(to: .sRGB)
            announce(impression.photograph, hasCoarsePasses: true)
          } : nil,
        progress: { progress in
          self.mailbox.post(
            .decompositionProgress(
              generation: generation, stage: progress.stage.rawValue,
              fraction: progress.fractionCompleted, layer: progress.layer))
        },
        isCancelled: { cancellation.isCancelled })
      // The coarse picture stays until the fine one can follow at once.
      let painter = previews.prepared(
        PreviewPainter(portrait: portrait), isCancelled: { cancellation.isCancelled })
      let isCurrent = document.withLock { document in
        guard document.generation == generation else { return false }
        document.portrait = portrait
        document.portraits[generation] = portrait
        return true
      }
      guard isCurrent else { return }
      previews.use(painter)
      mailbox.post(.decompositionFinished(generation: generation, look: nil))
      if let look = recoverable {
        mailbox.post(.recoveryFound(generation: generation, look: look))
      }
      sessions?.remember(request.path)
      opener.remember(portrait)
    } catch {
      // The painter may be that of coarse passes.
      if let photograph { previews.use(PreviewPainter(photograph: photograph)) }
      mailbox.post(
        cancellation.isCancelled
          ? .decompositionCancelled(generation: generation)
          : .decompositionFailed(
            generation: generation, message: ErrorSentences.sentence(for: error)))
    }
  }

  private func show(_ generation: Int) {
    let portrait = document.withLock { document in
      document.portrait = document.portraits[generation]
      return document.portrait
    }
    guard let portrait else { return }
    // Preparing a portrait takes a moment.
    decompositions.async {
      self.previews.use(PreviewPainter(portrait: portrait))
      self.mailbox.post(.portraitShown(generation: generation))
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

  private func save(_ request: SaveRequest) {
    let cancellation = document.withLock { $0.saveCancellation }
    let path = request.path
    files.async {
      do {
        if cancellation.isCancelled { throw StudioRuntimeError.cancelled }
        let target = self.target(of: request)
        if !request.replaces, FileManager.default.fileExists(atPath: target) {
          self.mailbox.post(.saveWouldReplace(request))
          return
        }
        let saved = try self.write(request, to: target) { cancellation.isCancelled }
        self.mailbox.post(.saved(path: path, look: saved))
      } catch StudioRuntimeError.cancelled, PassError.cancelled {
        self.mailbox.post(.saveCancelled(path: path))
      } catch {
        self.mailbox.post(
          .saveFailed(path: path, message: ErrorSentences.sentence(for: error)))
      }
    }
  }

  /// The file a request is about: materials and rigs go among the user's own, by name.
  private func target(of request: SaveRequest) -> String {
    switch request.content {
    case .picture, .passes, .look, .turntable, .contactSheet: request.path
    case .material: assets.userPath(of: .material, named: request.path)
    case .rig: assets.userPath(of: .rig, named: request.path)
    }
  }

  /// Writes a file and returns the look that is safe now, if it holds one.
  private func write(
    _ request: SaveRequest, to path: String, isCancelled: @escaping @Sendable () -> Bool
  ) throws -> Look? {
    switch request.content {
    case .picture(let look):
      try picture(look, path: path, isCancelled: isCancelled).save(to: path)
      return look
    case .passes:
      try requirePortrait().savePasses(to: path, isCancelled: isCancelled)
    case .look(let look):
      try AtomicFile.write(Array(LookFile.text(of: look).utf8), to: path)
      return look
    case .turntable(let look, let turntable):
      var pictures = try self.pictures(look, turntable)
      try pictures.write(
        to: path, isCancelled: isCancelled, progress: progressReport(request.path))
    case .contactSheet(let look, let turntable):
      var pictures = try self.pictures(look, turntable)
      try pictures.writeSheet(
        to: path, isCancelled: isCancelled, progress: progressReport(request.path))
    case .material(let material):
      try keep(MaterialFile.text(of: material), at: path)
    case .rig(var rig):
      rig.name = request.path
      try keep(RigFile.text(of: rig), at: path)
    }
    return nil
  }

  private func pictures(_ look: Look, _ turntable: Turntable) throws -> TurntablePictures {
    TurntablePictures(
      portrait: try requirePortrait(), look: look, turntable: turntable,
      environment: try environments.map(for: look.rig.environment))
  }

  private func progressReport(_ path: String) -> (Double) -> Void {
    { self.mailbox.post(.saveProgress(path: path, fraction: $0)) }
  }

  /// Writes a file among the user's own and lists what can be picked anew.
  private func keep(_ text: String, at path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try AtomicFile.write(Array(text.utf8), to: path)
    mailbox.post(.libraryListed(try assets.library()))
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
