import Shading
import TerminalCells

/// The whole session as one value; pixels live elsewhere, keyed by `ImageIdentifier`.
public struct StudioState: Equatable, Sendable {
  /// The screen.
  public var size: TerminalSize
  /// The open portrait and the look given to it.
  public var document: PortraitDocument
  /// The other open portraits, in the order they come next.
  public var others: [PortraitDocument] = []
  /// Focus, selection and overlays.
  public var interface: InterfaceState
  /// Work under way outside.
  public var jobs: JobState
  /// What was said to the user.
  public var messages: MessageLog
  /// Rigs and environments to choose from.
  public var library: LookLibrary
  /// Keys.
  public var keymap: Keymap
  /// The colours that were chosen.
  public var theme: Theme
  /// How many colours the terminal shows.
  public var colorDepth = ColorDepth.trueColor
  /// Small pictures for lists.
  public var thumbnails = ThumbnailShelf()

  /// A session with nothing open.
  public init(
    size: TerminalSize, library: LookLibrary = LookLibrary(), keymap: Keymap = Keymap(),
    theme: Theme = .monochrome
  ) {
    self.size = size
    document = PortraitDocument()
    interface = InterfaceState()
    jobs = JobState()
    messages = MessageLog()
    self.library = library
    self.keymap = keymap
    self.theme = theme
    interface.selectedLight = document.look.rig.lights.first?.id
  }

  /// The look on the screen: the one a picker tries out, or else the document's.
  public var visibleLook: Look { interface.trialLook ?? document.look }

  /// The colours on the screen: those a picker tries out, or else the chosen ones.
  public var visibleTheme: Theme { interface.trialTheme ?? theme }

  /// The light that keys and mouse act on.
  public var selectedLight: Light? {
    visibleLook.rig.lights.first { $0.id == interface.selectedLight }
  }

  /// The view the viewport can really show: without passes there is only the photograph.
  public var effectiveView: ViewMode {
    interface.view.needsPasses && !document.canBeRelit ? .photograph : interface.view
  }

  /// How the view is set against the photograph: the probes have nothing to be set against.
  public var effectiveComparison: Comparison {
    document.canBeRelit && effectiveView != .probes ? interface.comparison : .off
  }

  /// Where keys are looked up right now.
  public var keymapContext: KeymapContext {
    interface.overlays.last?.keymapContext ?? panelContext
  }

  /// Where keys are looked up when no overlay is open.
  var panelContext: KeymapContext {
    switch interface.focus {
    case .viewport: interface.meter == nil ? .viewport : .meter
    case .views: .views
    case .lights: .lights
    case .environment: .environment
    case .material: .material
    case .picture: .picture
    }
  }
}

/// What the studio can load by name.
public struct LookLibrary: Equatable, Sendable {
  /// A material with a name.
  public struct Preset: Equatable, Sendable {
    /// The name in the picker.
    public var name: String
    /// What it sets.
    public var material: Material

    /// Names a material.
    public init(name: String, material: Material) {
      self.name = name
      self.material = material
    }
  }

  /// Lighting set-ups, in the order of the picker.
  public var rigs: [LightRig]
  /// Names of environment maps, in the order of the picker.
  public var environments: [String]
  /// Materials, in the order of the picker.
  public var materials: [Preset]
  /// Colour schemes, in the order of the picker.
  public var themes: [Theme]

  /// Lists what can be picked.
  public init(
    rigs: [LightRig] = [], environments: [String] = [], materials: [Preset] = [],
    themes: [Theme] = []
  ) {
    self.rigs = rigs
    self.environments = environments
    self.materials = materials
    self.themes = themes
  }
}

/// A look put aside under a name, to come back to and to compare with.
public struct LookSnapshot: Equatable, Sendable {
  /// The name in the picker.
  public var name: String
  /// The look as it was.
  public var look: Look

  /// Names a look.
  public init(name: String, look: Look) {
    self.name = name
    self.look = look
  }
}

/// One open portrait.
public struct PortraitDocument: Equatable, Sendable {
  /// The number of the request that opened it: what the runtime keeps its passes under.
  public var generation = 0
  /// The file it came from; nil while nothing is open.
  public var path: String?
  /// The short name on the title line.
  public var title = ""
  /// The photograph's width in pixels, 0 until it is read.
  public var photographWidth = 0
  /// The photograph's height in pixels, 0 until it is read.
  public var photographHeight = 0
  /// How the face was cut out, as `--framing` takes it.
  public var framing = "auto"
  /// Which of the names of saved pictures is this document's, so that earlier pictures stay.
  public var pictureNumber = 1
  /// Files that this session has written for it: those it may write again without asking.
  public var writtenPaths: Set<String> = []
  /// Whether the networks, or a pass folder, have delivered.
  public var hasPasses = false
  /// Whether there is a first impression of passes that are still being made.
  public var hasCoarsePasses = false
  /// The look and how it came about.
  public var history = EditHistory(Look())
  /// The look that is on disk, as a picture or as text; nil before anything was opened.
  public var savedLook: Look?
  /// The look that a crash would leave behind; nil when it would leave nothing.
  public var recoverableLook: Look?
  /// Looks put aside, oldest first.
  public var snapshots: [LookSnapshot] = []

  /// Nothing open.
  public init() {}

  /// The look as edited.
  public var look: Look { history.present }

  /// Whether there is anything to relight, be it coarse.
  public var canBeRelit: Bool { hasPasses || hasCoarsePasses }

  /// Whether closing now loses edits.
  public var isModified: Bool { canBeRelit && savedLook != nil && savedLook != look }
}

/// What the person is doing, as far as the program can know.
public struct InterfaceState: Equatable, Sendable {
  /// The view asked for; see `StudioState.effectiveView`.
  public var view = ViewMode.relit
  /// The setting against the photograph.
  public var comparison = Comparison.off
  /// The look to compare with instead of the photograph.
  public var reference: LookSnapshot?
  /// The part of the picture on show.
  public var zoom = Zoom()
  /// Where the light meter is held; nil while it is put away.
  public var meter: MeterPoint?
  /// The panel that takes keys.
  public var focus = Panel.viewport
  /// The light that keys act on; nil only when the rig has none.
  public var selectedLight: Light.ID?
  /// Lights that move and change together.
  public var linkedLights: Set<Light.ID> = []
  /// The look that can be pasted, also onto another portrait.
  public var copiedLook: Look?
  /// The selected row per panel of controls.
  public var selectedRow: [Panel: Int] = [:]
  /// Layers over the panels, topmost last.
  public var overlays: [Overlay] = []
  /// The keys of a sequence not yet finished.
  public var pendingKeys: [Key] = []
  /// The key that is being held, as far as repeats tell.
  public var held: HeldKey?
  /// The look a picker tries out; never recorded.
  public var trialLook: Look?
  /// The colours a picker tries out.
  public var trialTheme: Theme?
  /// The light that goes around the portrait, and how many pictures ago it set out.
  public var turning: TurningLight?
  /// The steps of the tour that are to be done, in order and never none; nil without a tour.
  public var tour: [Int]?
  /// What a mouse drag that began earlier keeps changing.
  public var drag: DragTarget?
  /// Whether quitting waits for a save to end.
  public var quitsAfterSaving = false

  /// The start of a session.
  public init() {}
}

/// A turntable on show.
public struct TurningLight: Equatable, Sendable {
  /// What turns.
  public var turntable: Turntable
  /// The picture on show.
  public var frame = 0
}

/// What a held mouse button moves.
public enum DragTarget: Equatable, Sendable {
  /// The selected light, over the picture.
  case lightOnPicture
  /// The selected light, over the hemisphere.
  case lightOnGizmo
  /// The edge between photograph and relit picture.
  case wipeEdge
  /// The knob of a slider.
  case slider(ControlID)
  /// The light meter, over the picture.
  case meter
  /// The part of the picture on show, from the cell where it was grabbed.
  case picture(from: CellPosition)
}

/// Work under way outside; results carry the generation of their request.
public struct JobState: Equatable, Sendable {
  /// The decomposition, while it runs.
  public var decomposition: DecompositionJob?
  /// The number of the last portrait asked for.
  public var openGeneration = 0
  /// The preview.
  public var preview = PreviewJob()
  /// Files being written.
  public var saving: [String] = []
  /// How far those are that tell, 0...1.
  public var savedShare: [String: Double] = [:]
  /// The portraits that they are about, by the requests that opened those.
  public var savedGeneration: [String: Int] = [:]
  /// Whether the user has asked to stop writing them.
  public var isCancellingSaves = false

  /// Nothing under way.
  public init() {}
}

/// Progress of reading and decomposing a portrait.
public struct DecompositionJob: Equatable, Sendable {
  /// What was asked for.
  public var request: OpenRequest
  /// Whether the photograph has arrived, so that the document is already the new one.
  public var isPhotographOpen = false
  /// What is being done: a stage of the decomposition by its identifier, or words of its own.
  public var stage = "reading"
  /// The share of the whole that is done, 0...1.
  public var fraction = 0.0
  /// The layer at work.
  public var layer = ""
  /// Whether the user has asked to stop.
  public var isCancelling = false

  /// A job that has just been asked for.
  public init(_ request: OpenRequest) { self.request = request }
}

/// The picture in the viewport and the request for the next one.
public struct PreviewJob: Equatable, Sendable {
  /// The number of the newest request.
  public var generation = 0
  /// Results older than this show another portrait or another view and are dropped.
  public var oldestAcceptable = 0
  /// Whether the newest request has not been answered at full quality.
  public var isPending = false
  /// The picture on show.
  public var shown: PreviewPicture?

  /// Nothing asked for, nothing shown.
  public init() {}
}
