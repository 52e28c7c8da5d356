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
  /// Start typing a filter in the help.
  case beginFilter
  /// Edit the text of the topmost overlay.
  case editText(TextEdit)
  /// Save the picture under its usual name.
  case savePicture
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

  /// The photograph was read; the networks may take a while yet.
  case photographOpened(OpenedPhotograph)
  /// The networks got further.
  case decompositionProgress(generation: Int, stage: String, fraction: Double, layer: String)
  /// The passes are there. `look` is the look to start with, when there is a better one than now.
  case decompositionFinished(generation: Int, look: Look?)
  /// The portrait could not be opened or decomposed.
  case decompositionFailed(generation: Int, message: String)
  /// The decomposition stopped as asked.
  case decompositionCancelled(generation: Int)
  /// A preview is there.
  case previewReady(PreviewPicture)
  /// A preview could not be rendered.
  case previewFailed(generation: Int, message: String)
  /// A file is on disk. `look` is what it holds, when it holds one.
  case saved(path: String, look: Look?)
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

  /// Describes a photograph that was read.
  public init(generation: Int, title: String, width: Int, height: Int, pictureNumber: Int = 1) {
    self.pictureNumber = pictureNumber
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
    case .wakeUp, .reply, .terminate: return nil
    }
  }
}
