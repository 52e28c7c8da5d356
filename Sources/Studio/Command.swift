/// What a command is about; help and palette list commands in this order.
public enum CommandGroup: String, CaseIterable, Sendable, Codable {
  case lights, environment, controls, picture, views, files, edits, program, moving, text

  /// The heading in the help.
  public var title: String {
    switch self {
    case .lights: "Lights"
    case .environment: "Environment"
    case .controls: "Sliders"
    case .picture: "Picture"
    case .views: "Views"
    case .files: "Files"
    case .edits: "Undo"
    case .program: "Program"
    case .moving: "Moving about"
    case .text: "Typing"
    }
  }
}

/// What must be there for a command to make sense.
public enum CommandRequirement: Equatable, Sendable {
  case nothing
  /// A portrait is open.
  case portrait
  /// The passes are there.
  case passes
  /// The passes are there, be it coarsely.
  case coarsePasses
  /// A light is selected.
  case light
  /// A light is selected and the passes are there.
  case turntable
  /// More than one light.
  case severalLights
  /// Something can be undone.
  case undoableStep
  /// Something can be redone.
  case redoableStep
  /// A panel of controls has the focus.
  case controlPanel
  /// The selected control has a number, or names to choose among.
  case typedControl
  /// An environment map is chosen.
  case environment
  /// The wipe is on.
  case wipe
  /// A look was copied.
  case copiedLook
  /// A look was put aside.
  case snapshot
  /// The picker lists snapshots.
  case pickedSnapshot
  /// Materials are listed.
  case materials
  /// Themes are listed.
  case themes
  /// The picture is magnified.
  case zoom
  /// The meter is held to the picture.
  case meter
  /// The meter is held to the picture and says something.
  case reading
  /// Something is under way.
  case task
  /// Another portrait is open and nothing keeps it from being shown.
  case otherPortrait
  /// What has the keys is a list.
  case list
  /// The list on top can be filtered.
  case filter
  /// Something is being typed.
  case text
  /// The studio has asked whether to quit.
  case quitQuestion
}

/// A named user operation: the one source of help, palette, hints and the key sheet.
public struct Command: Equatable, Sendable {
  /// The name in keymaps, such as `light.left`.
  public let name: String
  /// A few words for lists.
  public let title: String
  /// One sentence on what it does.
  public let help: String
  /// What it is about.
  public let group: CommandGroup
  /// What it does.
  public let action: StudioAction
  /// What must be there.
  public let requirement: CommandRequirement
  /// One or two words for the hint line; nil keeps it out of there.
  public let hint: String?

  /// Whether it moves within panels, lists and texts, which says little where it has no key.
  var isMove: Bool { group == .moving || group == .text }

  /// Why the command cannot run in `state`; nil when it can.
  public func disabledReason(in state: StudioState) -> String? {
    switch requirement {
    case .nothing: nil
    case .portrait: state.document.path == nil ? "open a portrait first" : nil
    case .passes: Self.reasonWithoutPasses(in: state)
    case .coarsePasses:
      state.document.hasCoarsePasses ? nil : Self.reasonWithoutPasses(in: state)
    case .light:
      state.selectedLight == nil ? "the rig has no light; add one first" : nil
    case .turntable:
      Self.reasonWithoutPasses(in: state)
        ?? (state.selectedLight == nil ? "the rig has no light; add one first" : nil)
    case .severalLights:
      state.visibleLook.rig.lights.count < 2 ? "the rig has no other light" : nil
    case .undoableStep: state.document.history.canUndo ? nil : "nothing to undo"
    case .redoableStep: state.document.history.canRedo ? nil : "nothing to redo"
    case .controlPanel:
      state.selectedControl == nil ? "focus a panel of sliders first" : nil
    case .typedControl: Self.reasonAgainstTyping(in: state)
    case .environment:
      state.visibleLook.rig.environment.name.isEmpty ? "choose an environment first" : nil
    case .wipe:
      if case .wipe = state.interface.comparison { nil } else { "turn the wipe on first" }
    case .copiedLook: state.interface.copiedLook == nil ? "copy a look first" : nil
    case .snapshot: state.document.snapshots.isEmpty ? "put a look aside first" : nil
    case .pickedSnapshot:
      state.pickedSnapshot == nil ? "select one among the looks put aside first" : nil
    case .materials: state.library.materials.isEmpty ? "no materials were found" : nil
    case .themes: state.library.themes.isEmpty ? "no themes were found" : nil
    case .zoom: state.interface.zoom.factor == 1 ? "zoom in first" : nil
    case .meter:
      state.interface.meter == nil ? "hold the meter to the picture first" : nil
    case .reading: Self.reasonWithoutReading(in: state)
    case .otherPortrait: state.reasonAgainstSwitching
    case .task: state.tasks.isEmpty ? "nothing is under way" : nil
    case .list, .filter, .text, .quitQuestion: reasonAgainstMove(in: state)
    }
  }

  private func reasonAgainstMove(in state: StudioState) -> String? {
    let top = state.interface.overlays.last
    switch (requirement, top) {
    case (.list, nil): return state.interface.focus == .viewport ? "focus a list first" : nil
    case (.list, .prompt), (.list, .confirmQuit), (.list, .confirmReplace),
      (.list, .confirmRecovery):
      return "there is no list here"
    case (.filter, .help), (.filter, .picker), (.quitQuestion, .confirmQuit): return nil
    case (.filter, _): return "there is no list to filter here"
    case (.text, _): return top?.field == nil ? "nothing is being typed" : nil
    case (.quitQuestion, _): return "quit first; it asks"
    default: return nil
    }
  }

  private static func reasonAgainstTyping(in state: StudioState) -> String? {
    switch state.selectedControl {
    case nil: "focus a panel of sliders first"
    case let control? where control.id == .environmentMap: nil
    case let control?:
      if case .number = control.value {
        nil
      } else {
        "\(control.label) has no number; enter changes it"
      }
    }
  }

  private static func reasonWithoutReading(in state: StudioState) -> String? {
    if state.interface.meter == nil { return "hold the meter to the picture first" }
    return state.reading == nil ? "there is nobody where the meter is" : nil
  }

  private static func reasonWithoutPasses(in state: StudioState) -> String? {
    if state.document.hasPasses { return nil }
    if state.document.path == nil { return "open a portrait first" }
    return state.jobs.decomposition == nil
      ? "this portrait has no passes" : "the passes are still being made"
  }
}

/// All commands, by name and in the order of the help.
public struct CommandTable: Equatable, Sendable {
  /// Every command.
  public let commands: [Command]
  private let indices: [String: Int]

  /// A table of the given commands.
  /// - Precondition: names are unique.
  public init(_ commands: [Command]) {
    self.commands = commands
    indices = Dictionary(uniqueKeysWithValues: commands.enumerated().map { ($1.name, $0) })
  }

  /// The command with this name.
  public subscript(name: String) -> Command? { indices[name].map { commands[$0] } }

  /// The commands the palette offers for a query, best match first.
  ///
  /// All words of the query must occur in name or title; without a query the table's order holds.
  public func palette(matching query: String) -> [Command] {
    let words = query.lowercased().split(separator: " ").map(String.init)
    guard !words.isEmpty else { return commands }
    let scored = commands.enumerated().compactMap { index, command -> (Int, Int, Command)? in
      let title = command.title.lowercased()
      let text = title + " " + command.name.lowercased()
      guard words.allSatisfy({ text.contains($0) }) else { return nil }
      // A title that starts with the query is what the person was typing.
      return (title.hasPrefix(words[0]) ? 0 : 1, index, command)
    }
    return scored.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }
}
