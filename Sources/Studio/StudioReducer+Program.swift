import Shading

extension StudioState {
  // MARK: - Opening, saving, leaving

  /// Actions about portraits, files and the program itself.
  mutating func handleProgram(_ action: StudioAction) -> [StudioEffect] {
    switch action {
    case .open(let path, let framing): return open(path, framing: framing)
    case .reopen:
      guard let path = document.path else { return [] }
      return open(path, framing: document.framing)
    case .savePicture: return savePicture(to: document.defaultPicturePath)
    case .saveAndQuit:
      interface.overlays.removeAll { $0 == .confirmQuit }
      guard document.hasPasses else { return leave() }
      interface.quitsAfterSaving = true
      return savePicture(to: document.defaultPicturePath)
    case .cancelOrQuit:
      return cancelJob() ?? askToQuit()
    case .cancelTask: return cancelSelectedTask()
    case .requestQuit:
      let isModified = document.isModified || others.contains(where: \.isModified)
      return isModified ? askToQuit() : leave()
    case .quit: return leave()
    case .suspend: return [.suspend]
    case .redraw: return [.redraw]
    default: return []
    }
  }

  private mutating func askToQuit() -> [StudioEffect] {
    handleOverlay(.present(.confirmQuit))
  }

  /// Ends the program; whoever leaves in earnest has nothing to recover.
  private func leave() -> [StudioEffect] { forgettingAllRecovery + [.quit] }

  private var forgettingAllRecovery: [StudioEffect] {
    ([document] + others).filter { $0.recoverableLook != nil }.compactMap(\.path)
      .map { .discardRecovery(portrait: $0) }
  }

  /// Stops the decomposition, else the files being written; nil when nothing is left to stop.
  private mutating func cancelJob() -> [StudioEffect]? {
    if let job = jobs.decomposition, !job.isCancelling {
      jobs.decomposition?.isCancelling = true
      return say(.note, "cancelling") + [.cancelDecomposition(generation: job.request.generation)]
    }
    if !jobs.saving.isEmpty, !jobs.isCancellingSaves {
      jobs.isCancellingSaves = true
      return say(.note, "cancelling") + [.cancelSaving]
    }
    return nil
  }

  /// Asks for a portrait; the document stays until the photograph has been read.
  private mutating func open(_ path: String, framing: String) -> [StudioEffect] {
    let cancelling: [StudioEffect] =
      jobs.decomposition.map { [.cancelDecomposition(generation: $0.request.generation)] } ?? []
    jobs.openGeneration += 1
    let request = OpenRequest(generation: jobs.openGeneration, path: path, framing: framing)
    jobs.decomposition = DecompositionJob(request)
    return cancelling + [.openPortrait(request)]
  }

  /// Saves the relit picture.
  mutating func savePicture(to path: String) -> [StudioEffect] {
    guard document.hasPasses else { return say(.warning, "there is no relit picture to save yet") }
    return startSaving(SaveRequest(path: path, content: .picture(document.look)))
  }

  /// Starts writing a file and says so; what this session wrote before it may write again.
  mutating func startSaving(_ request: SaveRequest) -> [StudioEffect] {
    guard !jobs.saving.contains(request.path) else {
      return say(.warning, "\(request.path.lastPathComponent) is still being written")
    }
    var request = request
    if document.writtenPaths.contains(request.path) { request.replaces = true }
    jobs.saving.append(request.path)
    jobs.savedGeneration[request.path] = document.generation
    return announce("writing \(request.path)") + [.save(request)]
  }

  // MARK: - Decomposition

  /// Answers about the portrait asked for last; others are stale.
  mutating func handleDecomposition(_ action: StudioAction) -> [StudioEffect] {
    switch action {
    case .photographOpened(let photograph): return replaceDocument(by: photograph)
    case .decompositionProgress(let generation, let stage, let fraction, let layer):
      guard isCurrent(generation) else { return [] }
      jobs.decomposition?.stage = stage
      jobs.decomposition?.fraction = min(max(fraction.isFinite ? fraction : 0, 0), 1)
      jobs.decomposition?.layer = layer
      return []
    case .coarsePassesReady(let generation):
      guard isCurrent(generation), jobs.decomposition?.isPhotographOpen == true else { return [] }
      return relightCoarsely()
    case .decompositionFinished(let generation, let look):
      guard isCurrent(generation), jobs.decomposition?.isPhotographOpen == true else { return [] }
      return finishDecomposition(look)
    case .decompositionFailed(let generation, let message):
      guard isCurrent(generation) else { return [] }
      return say(.error, message) + endDecomposition()
    case .decompositionCancelled(let generation):
      guard isCurrent(generation) else { return [] }
      return say(.note, "decomposition cancelled") + endDecomposition()
    case .recoveryFound(let generation, let look):
      guard generation == jobs.openGeneration, document.hasPasses, look != document.look else {
        return []
      }
      interface.overlays.removeAll { $0.keymapContext == .question }
      interface.overlays.append(.confirmRecovery(look))
      return []
    default: return []
    }
  }

  private func isCurrent(_ generation: Int) -> Bool {
    jobs.decomposition?.request.generation == generation
  }

  private mutating func replaceDocument(by photograph: OpenedPhotograph) -> [StudioEffect] {
    guard isCurrent(photograph.generation), let request = jobs.decomposition?.request else {
      return []
    }
    jobs.decomposition?.isPhotographOpen = true
    // The look goes along to the next portrait: that is how one lights a series alike.
    let closing = setAside(for: request.path)
    var next = PortraitDocument()
    next.generation = request.generation
    // A light on its way around goes along from its place.
    next.history = EditHistory(interface.turning == nil ? visibleLook : document.look)
    next.path = request.path
    next.framing = request.framing
    next.title = photograph.title
    next.photographWidth = photograph.width
    next.photographHeight = photograph.height
    next.pictureNumber = photograph.pictureNumber
    document = next
    interface.trialLook = nil
    interface.turning = nil
    repairSelection()
    interface.zoom = Zoom()
    interface.reference = nil
    jobs.preview.shown = nil
    guard photograph.hasCoarsePasses else {
      return closing + requestPreview(.final, dropsOlder: true)
    }
    return closing + relightCoarsely()
  }

  /// Relights a first impression.
  private mutating func relightCoarsely() -> [StudioEffect] {
    document.hasCoarsePasses = true
    return beginRelighting(.draft)
  }

  private mutating func finishDecomposition(_ look: Look?) -> [StudioEffect] {
    jobs.decomposition = nil
    let hadCoarsePasses = document.hasCoarsePasses
    document.hasPasses = true
    document.hasCoarsePasses = false
    let ready = say(.success, "the six passes of \(document.title) are ready")
    // What was done to the coarse picture goes on with the fine one.
    if hadCoarsePasses { return ready + requestPreview(.final, dropsOlder: true) }
    if let look { document.history = EditHistory(look) }
    return ready + beginRelighting(.final)
  }

  /// Starts from the document's look as one that needs no saving.
  private mutating func beginRelighting(_ quality: PreviewQuality) -> [StudioEffect] {
    document.savedLook = document.look
    interface.trialLook = nil
    repairSelection()
    let environment = document.look.rig.environment
    let loading: [StudioEffect] =
      environment.isOn ? [.loadEnvironment(name: environment.name)] : []
    return loading + requestPreview(quality, dropsOlder: true)
  }

  /// Goes back to the photograph when there will be no passes.
  private mutating func endDecomposition() -> [StudioEffect] {
    jobs.decomposition = nil
    let hadCoarsePasses = document.hasCoarsePasses
    document.hasCoarsePasses = false
    return requestPreview(.final, dropsOlder: hadCoarsePasses)
  }

  // MARK: - Files

  /// Answers about files.
  mutating func handleFiles(_ action: StudioAction) -> [StudioEffect] {
    switch action {
    case .saved(let path, let look):
      // Another portrait may have been opened meanwhile.
      let effects = note(saved: look, at: path, of: jobs.savedGeneration[path])
      endSaving(path)
      return interface.quitsAfterSaving && jobs.saving.isEmpty
        ? leave() : say(.success, "wrote \(path)") + effects
    case .saveWouldReplace(let request):
      endSaving(request.path)
      interface.quitsAfterSaving = false
      interface.overlays.removeAll { $0.keymapContext == .question }
      interface.overlays.append(.confirmReplace(request))
      return []
    case .saveProgress(let path, let fraction):
      guard jobs.saving.contains(path) else { return [] }
      jobs.savedShare[path] = min(max(fraction.isFinite ? fraction : 0, 0), 1)
      return []
    case .saveFailed(let path, let message):
      endSaving(path)
      interface.quitsAfterSaving = false
      return say(.error, message)
    case .saveCancelled(let path):
      endSaving(path)
      interface.quitsAfterSaving = false
      return say(.note, "did not write \(path)")
    case .lookOpened(let path, let look):
      return perform(.useLook(look, name: path.lastPathComponent))
    case .lookFailed(let message): return say(.error, message)
    case .environmentFailed(let name, let message):
      return say(.error, "environment \(name): \(message)")
    case .libraryListed(let listed):
      library = listed
      return []
    default: return []
    }
  }

  /// Takes down that a portrait's look is safe in a file.
  private mutating func note(
    saved look: Look?, at path: String, of generation: Int?
  ) -> [StudioEffect] {
    if document.generation == generation { return document.noteSaved(look, at: path) }
    guard let index = others.firstIndex(where: { $0.generation == generation }) else { return [] }
    return others[index].noteSaved(look, at: path)
  }

  private mutating func endSaving(_ path: String) {
    jobs.saving.removeAll { $0 == path }
    jobs.savedShare[path] = nil
    jobs.savedGeneration[path] = nil
    if jobs.saving.isEmpty { jobs.isCancellingSaves = false }
  }
}

extension PortraitDocument {
  /// Takes down that a look is safe in a file; a crash would then leave nothing behind.
  fileprivate mutating func noteSaved(_ look: Look?, at path: String) -> [StudioEffect] {
    writtenPaths.insert(path)
    guard let look else { return [] }
    savedLook = look
    guard !isModified, recoverableLook != nil, let portrait = self.path else { return [] }
    recoverableLook = nil
    return [.discardRecovery(portrait: portrait)]
  }

  /// Where `w` writes: beside the portrait, under its name, over no picture of an earlier session.
  public var defaultPicturePath: String {
    Self.picturePath(of: path ?? "portrait", number: pictureNumber)
  }
  /// The names that relit pictures of a portrait have by default: `-relit.png`, `-relit-2.png`, ….
  public static func picturePath(of portrait: String, number: Int) -> String {
    stem(of: portrait) + (number == 1 ? "-relit.png" : "-relit-\(number).png")
  }
  /// Where the passes go when nothing else is typed.
  public var defaultPassesPath: String { Self.stem(of: path ?? "portrait") + "-passes" }
  /// Where the look goes when nothing else is typed.
  public var defaultLookPath: String { Self.stem(of: path ?? "portrait") + "-look.toml" }

  /// Another file of the portrait's, beside it.
  func defaultPath(_ suffix: String) -> String {
    Self.stem(of: path ?? "portrait") + "-" + suffix
  }

  private static func stem(of path: String) -> String {
    let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
    let name = trimmed.lastPathComponent
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return trimmed }
    return String(trimmed.dropLast(name.distance(from: dot, to: name.endIndex)))
  }
}

extension String {
  /// What stands behind the last slash.
  var lastPathComponent: String {
    let name = split(separator: "/").last.map(String.init)
    return name ?? self
  }
}
