import Shading
import TerminalCells

/// Everything the studio may ask of the world; answers come back as actions.
public indirect enum StudioEffect: Equatable, Sendable {
  /// Read a portrait or a pass folder and decompose it if it has no passes yet.
  ///
  /// Answers: `photographOpened`, `decompositionProgress`, then one of `decompositionFinished`,
  /// `decompositionFailed` and `decompositionCancelled`, all with the request's generation.
  case openPortrait(OpenRequest)
  /// Make previews and files of another open portrait from now on. Answers: `portraitShown`.
  case showPortrait(generation: Int)
  /// Forget the passes of a portrait.
  case closePortrait(generation: Int)
  /// Stop the decomposition with this generation.
  case cancelDecomposition(generation: Int)
  /// Render what the viewport shows; the newest request wins. Answers: `previewReady`,
  /// `previewFailed`.
  case renderPreview(PreviewRequest)
  /// Read an environment map ahead of its use. Answers: `environmentFailed` when it cannot be read.
  case loadEnvironment(name: String)
  /// Write a file. Answers: `saved`, `saveFailed`, `saveCancelled`, `saveWouldReplace`; a material
  /// or a rig is followed by `libraryListed`.
  case save(SaveRequest)
  /// Find the lamps that the portrait was taken in. Answers: `lightEstimated`, `lookFailed`.
  case estimateLight(portrait: String)
  /// Keep the look for the case that the program ends without asking. No answer.
  case keepRecovery(portrait: String, look: Look)
  /// Forget what was kept: the look is safe, or not wanted. No answer.
  case discardRecovery(portrait: String)
  /// List a folder for the open dialog. Answers: `folderListed`.
  case listFolder(path: String)
  /// Read a picture for the open dialog, as large as some cells; the newest request wins. Answers:
  /// `filePreviewed`, or nothing for what is no picture.
  case previewFile(path: String, columns: Int, rows: Int)
  /// Make a small picture for a list. Answers: `thumbnailMade`, or nothing for what is no picture.
  case makeThumbnail(ThumbnailSource)
  /// Stop writing what is being written and what waits to be.
  case cancelSaving
  /// Read a look or a rig from a text file. Answers: `lookOpened`, `lookFailed`.
  case openLook(path: String)
  /// Perform `action` after some seconds; nothing cancels it, so it must be harmless when late.
  case after(seconds: Double, StudioAction)
  /// Paint everything anew, as after another program wrote on the screen.
  case redraw
  /// Give the terminal back to the shell until resumed.
  case suspend
  /// End the program.
  case quit
}

/// A portrait to open.
public struct OpenRequest: Equatable, Sendable {
  /// The number its answers carry.
  public var generation: Int
  /// A photograph, a pass folder or a passes file.
  public var path: String
  /// How to cut the face out, as `--framing` takes it.
  public var framing: String

  /// Describes a portrait to open.
  public init(generation: Int, path: String, framing: String) {
    self.generation = generation
    self.path = path
    self.framing = framing
  }
}

/// How much time a preview may take.
public enum PreviewQuality: String, Equatable, Sendable, Codable {
  /// Within a key repeat: fewer pixels, faster encoding.
  case draft
  /// All the pixels the slot has.
  case final
}

/// A picture to render for the viewport.
public struct PreviewRequest: Equatable, Sendable {
  /// The number its answer carries; draft and final of one state share it.
  public var generation: Int
  /// What to show.
  public var view: ViewMode
  /// How to set it against the photograph.
  public var comparison: Comparison
  /// Lights, materials and picture settings.
  public var look: Look
  /// How much time it may take.
  public var quality: PreviewQuality
  /// The cells there are for it; the picture keeps its aspect inside.
  public var columns: Int
  /// The cells there are for it; the picture keeps its aspect inside.
  public var rows: Int
  /// The part of the picture to show.
  public var region = PictureRegion.whole
  /// Where to measure the light; marked in the picture.
  public var meter: MeterPoint?
  /// The light whose shadow the shadow view shows.
  public var light: Light?
  /// The look to compare with; nil for the photograph.
  public var reference: Look?

  /// Describes a picture to render.
  public init(
    generation: Int, view: ViewMode, comparison: Comparison, look: Look, quality: PreviewQuality,
    columns: Int, rows: Int
  ) {
    self.generation = generation
    self.view = view
    self.comparison = comparison
    self.look = look
    self.quality = quality
    self.columns = columns
    self.rows = rows
  }
}

/// A rendered picture, by reference.
public struct PreviewPicture: Equatable, Sendable {
  /// The generation of the request it answers.
  public var generation: Int
  /// The pixels, in the runtime's store.
  public var image: ImageIdentifier
  /// The picture's width in pixels.
  public var width: Int
  /// The picture's height in pixels.
  public var height: Int
  /// The quality it was rendered at.
  public var quality: PreviewQuality
  /// What rendering took.
  public var milliseconds: Double
  /// What the meter says; nil where none was asked for, or where there is no subject.
  public var reading: MeterReading?

  /// Describes a rendered picture.
  public init(
    generation: Int, image: ImageIdentifier, width: Int, height: Int, quality: PreviewQuality,
    milliseconds: Double, reading: MeterReading? = nil
  ) {
    self.reading = reading
    self.generation = generation
    self.image = image
    self.width = width
    self.height = height
    self.quality = quality
    self.milliseconds = milliseconds
  }
}
