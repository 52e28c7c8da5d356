import Shading
import TerminalCells

/// Everything that can happen; any action is legal in any state.
public indirect enum StudioAction: Equatable, Sendable {
  // MARK: From the terminal

  /// A key went down.
  case key(Key)
  /// Text was pasted.
  case paste(String)
  /// The mouse did something.
  case mouse(MouseEvent)
  /// The screen has a new size.
  case resized(TerminalSize)
  /// The program is back from suspension and the screen is lost.
  case resumed

  // MARK: From commands

  /// Run a command by name, if it exists and is enabled.
  case command(String)
  /// Open a portrait.
  case open(path: String, framing: String)
  /// Change the look.
  case edit(LookEdit)
  /// Take the last edit back.
  case undo
  /// Bring the last undone edit back.
  case redo
  /// Show another view.
  case show(ViewMode)
  /// Go to the next way of comparing with the photograph.
  case cycleComparison
  /// Move the edge of the comparison by a share of the width.
  case moveWipeEdge(by: Float)
  /// Look at the picture from nearer or farther away.
  case magnify(isNearer: Bool)
  /// Show the whole picture.
  case showWhole
  /// Move what is on show by shares of it, right and down.
  case pan(x: Float, y: Float)
  /// Hold the light meter to the picture, or put it away.
  case toggleMeter
  /// Move the meter by hundredths of the picture, right and down.
  case moveMeter(x: Float, y: Float)
  /// Move the selected light to where its highlight falls on the metered spot.
  case aimLight
  /// Select another light, by steps in the list.
  case selectLight(by: Int)
  /// Focus a panel.
  case focus(Panel)
  /// Focus the next panel on the screen, or the one before with −1.
  case focusNext(Int)
  /// Move within the list, row or text that has the focus.
  case navigate(Navigation)
  /// Change the selected control by steps; fine steps are a fifth of a coarse one.
  case adjustSelectedControl(steps: Float)
  /// Make the selected light move with the other linked ones, or no longer.
  case toggleLink
  /// Put the look where `pasteLook` finds it.
  case copyLook
  /// Take over the look that was copied.
  case pasteLook
  /// Put the look aside under a name.
  case takeSnapshot
  /// Remove the picked snapshot.
  case removePicked
  /// Compare with the picked snapshot instead of the photograph.
  case comparePicked
  /// Give the selected control its default.
  case resetSelectedControl
  /// Give all controls of the focused panel their defaults.
  case resetFocusedPanel
  /// Put an overlay on top.
  case present(OverlayKind)
  /// Take the topmost overlay away, or go back to the viewport.
  case dismiss
  /// Do what the topmost overlay offers.
  case accept
  /// Start typing what the rows of the list on top must contain.
  case beginFilter
  /// Edit the text of the topmost overlay.
  case editText(TextEdit)
  /// Let the selected light go around the portrait, or stop it.
  case toggleTurntable
  /// Find out what light the photograph was taken in.
  case estimateLight
  /// Begin the tour, or end it.
  case toggleTour
  /// Show the next open portrait, or the one before with −1.
  case switchPortrait(by: Int)
  /// Close the portrait on show and show another.
  case closePortrait
  /// Read the portrait on show from the disk once more.
  case reopen
  /// Save the picture under its usual name.
  case savePicture
  /// Stop the selected task.
  case cancelTask
  /// Save the picture, then quit.
  case saveAndQuit
  /// Stop the running job, or ask to quit.
  case cancelOrQuit
  /// Quit, asking first when edits would be lost.
  case requestQuit
  /// Quit now.
  case quit
  /// Give the terminal back to the shell.
  case suspend
  /// Paint everything anew.
  case redraw

  // MARK: Results of effects

  /// The photograph is known; the networks may take a while yet.
  case photographOpened(OpenedPhotograph)
  /// The networks got further.
  case decompositionProgress(generation: Int, stage: String, fraction: Double, layer: String)
  /// There are passes at a low resolution to relight until the others are there.
  case coarsePassesReady(generation: Int)
  /// The passes are there. `look` is the look to start with, when there is a better one than now.
  case decompositionFinished(generation: Int, look: Look?)
  /// The passes of an open portrait are those that previews are made of from now on.
  case portraitShown(generation: Int)
  /// The portrait could not be opened or decomposed.
  case decompositionFailed(generation: Int, message: String)
  /// The decomposition stopped as asked.
  case decompositionCancelled(generation: Int)
  /// A preview is there.
  case previewReady(PreviewPicture)
  /// A preview could not be rendered.
  case previewFailed(generation: Int, message: String)
  /// The file to be written exists; nothing was written.
  case saveWouldReplace(SaveRequest)
  /// A session on the portrait ended without leaving, with this look.
  case recoveryFound(generation: Int, look: Look)
  /// The photograph's own light was found.
  case lightEstimated(portrait: String, LightRig)
  /// A folder was listed for the open dialog.
  case folderListed(FolderListing)
  /// The picture selected in the open dialog was read.
  case filePreviewed(path: String, PreviewPicture)
  /// A small picture for a list was made.
  case thumbnailMade(ThumbnailSource, Thumbnail)
  /// A file is on disk. `look` is what it holds, when it holds one.
  case saved(path: String, look: Look?)
  /// A file that takes long is being written.
  case saveProgress(path: String, fraction: Double)
  /// A file could not be written.
  case saveFailed(path: String, message: String)
  /// Writing a file stopped as asked.
  case saveCancelled(path: String)
  /// A look was read from a file.
  case lookOpened(path: String, look: Look)
  /// A look could not be read.
  case lookFailed(message: String)
  /// An environment map could not be read.
  case environmentFailed(name: String, message: String)
  /// The rigs and environments on disk were listed.
  case libraryListed(LookLibrary)
  /// Something is worth saying.
  case report(MessageLevel, String)

  // MARK: Timers

  /// No edit has come for a moment since preview request `generation`.
  case idle(generation: Int)
  /// It is time for the next picture of the turntable.
  case turntableTick
  /// Nothing has come since the `count`th repeat of a held key.
  case keyRested(count: Int)
  /// Message `id` has been on show long enough.
  case messageExpired(id: Int)
}

/// A photograph that was read.
public struct OpenedPhotograph: Equatable, Sendable {
  /// The generation of the request it answers.
  public var generation: Int
  /// The short name for the title line.
  public var title: String
  /// The width in pixels.
  public var width: Int
  /// The height in pixels.
  public var height: Int
  /// The first of `PortraitDocument.picturePath`'s numbers that is not taken by a file.
  public var pictureNumber: Int
  /// Whether there are passes at a low resolution already.
  public var hasCoarsePasses: Bool

  /// Describes a photograph that was read.
  public init(
    generation: Int, title: String, width: Int, height: Int, pictureNumber: Int = 1,
    hasCoarsePasses: Bool = false
  ) {
    self.pictureNumber = pictureNumber
    self.hasCoarsePasses = hasCoarsePasses
    self.generation = generation
    self.title = title
    self.width = width
    self.height = height
  }
}

/// A move within a list or a text.
public enum Navigation: String, Equatable, Sendable, Codable {
  case next, previous, pageDown, pageUp, first, last
}

/// A change of the text in an overlay.
public enum TextEdit: Equatable, Sendable {
  case deleteBackward, deleteForward, deleteWord, clear
  case left, right, start, end
}

extension StudioAction {
  /// What a terminal event means to the studio; nil for events that only the runtime needs.
  public init?(_ event: InputEvent) {
    switch event {
    case .key(let key): self = .key(key)
    case .mouse(let mouse): self = .mouse(mouse)
    case .resize(let size): self = .resized(size)
    case .paste(let text): self = .paste(text)
    case .resumed: self = .resumed
    case .stop, .wakeUp, .reply, .terminate: return nil
    }
  }
}
