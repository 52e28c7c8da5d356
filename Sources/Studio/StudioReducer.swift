import Shading
import TerminalCells

/// Changes `state` as `action` says and returns what the world has to do about it.
///
/// Pure and total: every action is legal in every state, and the same two inputs give the same two
/// outputs. Answers of the world carry a generation; stale ones change nothing.
public func reduce(_ state: inout StudioState, _ action: StudioAction) -> [StudioEffect] {
  let effects = answer(action, in: &state)
  state.repairPicker()
  return effects
}

private func answer(_ action: StudioAction, in state: inout StudioState) -> [StudioEffect] {
  switch action {
  case .key, .paste, .mouse, .resized, .resumed: state.handleInput(action)
  case .command(let name): state.run(name)
  case .edit, .undo, .redo, .adjustSelectedControl, .resetSelectedControl, .resetFocusedPanel,
    .selectLight, .toggleLink, .estimateLight, .lightEstimated, .copyLook, .pasteLook,
    .takeSnapshot:
    state.handleEditing(action)
  case .show, .cycleComparison, .moveWipeEdge, .focus, .focusNext, .navigate, .magnify, .showWhole,
    .pan, .toggleMeter, .moveMeter, .aimLight, .toggleTurntable, .turntableTick, .toggleTour:
    state.handleViewing(action)
  case .present, .dismiss, .accept, .beginFilter, .editText, .removePicked, .comparePicked,
    .folderListed, .filePreviewed, .thumbnailMade:
    state.handleOverlay(action)
  case .switchPortrait, .closePortrait, .portraitShown: state.handlePortraits(action)
  case .open, .reopen, .savePicture, .saveAndQuit, .cancelOrQuit, .cancelTask, .requestQuit, .quit,
    .suspend, .redraw:
    state.handleProgram(action)
  case .photographOpened, .decompositionProgress, .coarsePassesReady, .decompositionFinished,
    .decompositionFailed, .decompositionCancelled, .recoveryFound:
    state.handleDecomposition(action)
  case .previewReady, .previewFailed, .idle: state.handlePreview(action)
  case .saved, .saveProgress, .saveFailed, .saveCancelled, .saveWouldReplace, .lookOpened,
    .lookFailed,
    .environmentFailed,
    .libraryListed:
    state.handleFiles(action)
  case .report(let level, let text): state.say(level, text)
  case .messageExpired(let id): state.expireMessage(id)
  case .keyRested(let count): state.restKey(count)
  }
}

/// How long things wait, in seconds.
enum StudioTiming {
  /// Without an edit for this long, the preview is refined and the open undo step closes.
  static let idle = 0.12
  /// A key that does not repeat for this long was let go.
  static let keyRest = 0.15
  /// A message that needs no answer stays this long.
  static let message = 5.0
}

extension StudioState {
  /// Runs a command, or says why not.
  mutating func run(_ name: String) -> [StudioEffect] {
    guard let command = CommandTable.standard[name] else {
      return say(.error, "there is no command \(name)")
    }
    if let reason = command.disabledReason(in: self) {
      return say(.warning, "\(command.title): \(reason)")
    }
    advanceTour(name)
    return reduce(&self, command.action)
  }

  /// Shows and records a message; notes and successes go away by themselves.
  mutating func say(_ level: MessageLevel, _ text: String) -> [StudioEffect] {
    messages.post(level, text)
    return expiryOfCurrentMessage
  }

  /// Shows what an edit did, without recording it.
  mutating func announce(_ text: String) -> [StudioEffect] {
    messages.announce(text)
    return expiryOfCurrentMessage
  }

  private var expiryOfCurrentMessage: [StudioEffect] {
    guard let current = messages.current, current.level != .error else { return [] }
    return [.after(seconds: StudioTiming.message, .messageExpired(id: current.id))]
  }

  fileprivate mutating func expireMessage(_ id: Int) -> [StudioEffect] {
    messages.expire(id)
    return []
  }

  fileprivate mutating func restKey(_ count: Int) -> [StudioEffect] {
    if interface.held?.count == count { interface.held = nil }
    return []
  }

  // MARK: - Previews

  /// Asks for the picture the viewport should show now.
  ///
  /// - Parameters:
  ///   - quality: a draft is refined by itself once edits pause.
  ///   - dropsOlder: whether pictures asked for earlier would show the wrong thing.
  /// - Returns: nothing while there is no portrait or no room for it.
  mutating func requestPreview(
    _ quality: PreviewQuality, dropsOlder: Bool = false
  ) -> [StudioEffect] {
    guard document.path != nil, document.photographWidth > 0 else { return [] }
    let area = StudioLayout(self).picture
    guard !area.isEmpty else { return [] }
    jobs.preview.generation += 1
    jobs.preview.isPending = true
    if dropsOlder { jobs.preview.oldestAcceptable = jobs.preview.generation }
    let request = previewRequest(quality, area: area)
    guard quality == .draft else { return [.renderPreview(request)] }
    return [
      .renderPreview(request),
      .after(seconds: StudioTiming.idle, .idle(generation: request.generation)),
    ]
  }

  private func previewRequest(_ quality: PreviewQuality, area: Rect) -> PreviewRequest {
    var request = PreviewRequest(
      generation: jobs.preview.generation, view: effectiveView,
      comparison: effectiveComparison, look: visibleLook,
      quality: quality, columns: area.columns, rows: area.rows)
    if effectiveView != .probes { request.region = interface.zoom.region }
    request.meter = document.canBeRelit && effectiveView != .probes ? interface.meter : nil
    request.reference = interface.reference?.look
    switch effectiveView {
    case .falseColor: request.look.toneMap = .falseColor
    case .light: request.look.rig = request.look.rig.only(interface.selectedLight)
    case .shadow: request.light = selectedLight
    default: break
    }
    return request
  }

  /// What the meter says about the picture on show.
  var reading: MeterReading? { interface.meter == nil ? nil : jobs.preview.shown?.reading }

  fileprivate mutating func handlePreview(_ action: StudioAction) -> [StudioEffect] {
    switch action {
    case .idle(let generation):
      guard generation == jobs.preview.generation else { return [] }
      document.history.closeStep()
      let keeping = keepForRecovery()
      let area = StudioLayout(self).picture
      guard jobs.preview.isPending, !area.isEmpty else { return keeping }
      return keeping + [.renderPreview(previewRequest(.final, area: area))]
    case .previewReady(let picture): accept(picture)
    case .previewFailed(let generation, let message):
      guard generation == jobs.preview.generation else { return [] }
      jobs.preview.isPending = false
      return say(.error, message)
    default: break
    }
    return []
  }

  /// Writes down unsaved edits once they pause, so that no crash takes them along.
  mutating func keepForRecovery() -> [StudioEffect] {
    guard document.isModified, let path = document.path, document.recoverableLook != document.look
    else { return [] }
    document.recoverableLook = document.look
    return [.keepRecovery(portrait: path, look: document.look)]
  }

  /// Shows a picture unless a better or newer one is on show.
  ///
  /// A picture of an older edit is still shown while a key is held, as long as it is newer than
  /// the one on show: the eye follows the light although the renderer lags behind the keys.
  private mutating func accept(_ picture: PreviewPicture) {
    guard picture.generation >= jobs.preview.oldestAcceptable,
      picture.generation <= jobs.preview.generation
    else { return }
    if let shown = jobs.preview.shown {
      guard picture.generation >= shown.generation else { return }
      if picture.generation == shown.generation, shown.quality == .final,
        picture.quality == .draft
      {
        return
      }
    }
    jobs.preview.shown = picture
    if picture.generation == jobs.preview.generation, picture.quality == .final {
      jobs.preview.isPending = false
    }
  }
}

extension LightRig {
  /// The rig with one light alone, however it was switched.
  func only(_ light: Light.ID?) -> LightRig {
    var rig = self
    rig.lights = lights.filter { $0.id == light }
    for index in rig.lights.indices {
      rig.lights[index].isOn = true
      rig.lights[index].isSolo = false
    }
    rig.environment.isOn = false
    return rig
  }
}
