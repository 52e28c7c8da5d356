import Shading

/// What a typed path is for.
public enum PathPurpose: String, Equatable, Sendable, Codable {
  case open, openLook, openEnvironment, savePicture, savePasses, saveLook
  case saveTurntable, saveSheet
}

/// A layer that can be put over the panels.
public enum OverlayKind: Equatable, Sendable {
  case help, messages, palette, tasks, openDialog, confirmQuit
  /// A list to pick from.
  case picker(PickerOverlay.Kind)
  /// Ask for a path.
  case path(PathPurpose)
  /// Ask for the selected light's values.
  case lightValues
  /// Ask for the selected light's name.
  case renameLight
  /// Ask for the selected control's value.
  case controlValue
  /// Ask for a name to keep the material under.
  case materialName
  /// Ask for a name to keep the rig under.
  case rigName
}

/// A layer over the panels, with what it remembers while it is open.
public enum Overlay: Equatable, Sendable {
  case help(HelpOverlay)
  /// Rows scrolled up from the newest message.
  case messages(scroll: Int)
  case palette(PaletteOverlay)
  case picker(PickerOverlay)
  case prompt(PromptOverlay)
  /// Work under way, the selected row.
  case tasks(selection: Int)
  case openDialog(OpenDialog)
  case confirmQuit
  /// Whether to write over a file.
  case confirmReplace(SaveRequest)
  /// Whether to take up the look of a session that broke off.
  case confirmRecovery(Look)

  /// Where keys are looked up while the overlay is on top.
  public var keymapContext: KeymapContext {
    switch self {
    case .help: .help
    case .messages: .messages
    case .palette: .palette
    case .picker: .picker
    case .prompt: .prompt
    case .tasks: .tasks
    case .openDialog: .dialog
    case .confirmQuit: .confirm
    case .confirmReplace, .confirmRecovery: .question
    }
  }

  /// The text that printable keys go to; nil when the overlay takes none now.
  public var field: TextField? {
    get {
      switch self {
      case .help(let help): help.isFiltering ? help.filter : nil
      case .palette(let palette): palette.query
      case .prompt(let prompt): prompt.field
      case .openDialog(let dialog): dialog.filter
      case .picker(let picker): picker.isFiltering ? picker.filter : nil
      case .messages, .tasks, .confirmQuit, .confirmReplace, .confirmRecovery: nil
      }
    }
    set {
      guard let newValue else { return }
      switch self {
      case .help(var help):
        help.filter = newValue
        help.scroll = 0
        self = .help(help)
      case .palette(var palette):
        palette.query = newValue
        palette.selection = 0
        self = .palette(palette)
      case .prompt(var prompt):
        prompt.field = newValue
        prompt.problem = nil
        self = .prompt(prompt)
      case .openDialog(var dialog):
        dialog.filter = newValue
        dialog.selection = 0
        self = .openDialog(dialog)
      case .picker(var picker):
        picker.filter = newValue
        picker.selection = 0
        self = .picker(picker)
      case .messages, .tasks, .confirmQuit, .confirmReplace, .confirmRecovery: break
      }
    }
  }
}

/// The list of keys.
public struct HelpOverlay: Equatable, Sendable {
  /// The context whose keys are listed first.
  public var context: KeymapContext
  /// Words every listed row must contain.
  public var filter = TextField()
  /// Whether typing goes to the filter.
  public var isFiltering = false
  /// The first row on show.
  public var scroll = 0

  /// Help for the place where it was asked for.
  public init(context: KeymapContext) { self.context = context }
}

/// The search for a command.
public struct PaletteOverlay: Equatable, Sendable {
  /// What was typed.
  public var query = TextField()
  /// The selected row.
  public var selection = 0

  /// An empty search.
  public init() {}
}

/// A list to pick from, each entry tried out on the portrait.
public struct PickerOverlay: Equatable, Sendable {
  /// What is picked.
  public enum Kind: String, Equatable, Sendable, Codable {
    case rig, environment, material, snapshot, theme
    /// A step of the history.
    case step
  }

  /// What is picked.
  public var kind: Kind
  /// The selected row of those that the filter leaves; −1 keeps the look as it is.
  public var selection: Int
  /// Words every listed row must contain.
  public var filter = TextField()
  /// Whether typing goes to the filter.
  public var isFiltering = false

  /// Whether the filter takes a line above the list.
  var hasFilterLine: Bool { isFiltering || !filter.text.isEmpty }

  /// A picker with an entry selected.
  public init(kind: Kind, selection: Int) {
    self.kind = kind
    self.selection = selection
  }
}

/// A question answered by typing.
public struct PromptOverlay: Equatable, Sendable {
  /// What the answer is for.
  public enum Purpose: Equatable, Sendable {
    case path(PathPurpose)
    case lightValues
    case renameLight
    case controlValue(ControlID)
    case materialName
    case rigName
  }

  /// What the answer is for.
  public var purpose: Purpose
  /// The question.
  public var label: String
  /// The answer so far.
  public var field: TextField
  /// Why the last answer was not taken.
  public var problem: String?
  /// What holds now, shown while nothing is typed; an empty answer leaves it.
  public let present: String

  /// Asks with a suggested answer to be edited, or beside what holds now.
  public init(purpose: Purpose, label: String, text: String = "", present: String = "") {
    self.purpose = purpose
    self.label = label
    self.present = present
    field = TextField(text)
  }
}
