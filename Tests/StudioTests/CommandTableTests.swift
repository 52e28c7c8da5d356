import Shading
import Studio
import TerminalCells
import Testing

@Suite struct CommandTableTests {
  private let table = CommandTable.standard

  @Test("every command has a unique name, a title and a sentence of help")
  func texts() {
    #expect(Set(table.commands.map(\.name)).count == table.commands.count)
    for command in table.commands {
      #expect(!command.title.isEmpty)
      #expect(command.help.hasSuffix("."), "\(command.name)")
      #expect(command.title.count <= 34, "\(command.name) does not fit the palette")
      #expect(table[command.name] == command)
    }
  }

  @Test(
    "every command is reached by a key and by the palette, and the help tells of it",
    arguments: CommandTable.standard.commands)
  func reachable(command: Command) throws {
    let binding = try #require(Sample.keymap.bindings.first { $0.run == command.name })
    var state = Sample.relit()
    _ = reduce(&state, .present(.palette))
    #expect(table.palette(matching: command.name).first?.name == command.name)
    _ = reduce(&state, .paste(command.name))
    #expect(screen(state).contains(command.title), "\(command.name) in the palette")
    var help = HelpOverlay(context: binding.context)
    help.filter = TextField(command.name)
    state.interface.overlays = [.help(help)]
    let text = screen(state)
    #expect(text.contains(command.title), "\(command.name) in the help")
    #expect(text.contains(keys(binding)), "\(command.name)'s key")
    #expect(text.contains(command.help.prefix(12)) || command.disabledReason(in: state) != nil)
  }

  /// The last of the keys as the help shows it; nothing for keys that have a sign of their own.
  private func keys(_ binding: KeyBinding) -> String {
    guard case .character(let character)? = binding.on.last?.symbol, character != " " else {
      return "Help"
    }
    return String(character)
  }

  private func screen(_ state: StudioState) -> String {
    let grid = render(state, theme: Sample.theme).grid
    return (0..<grid.rows).map { row in
      (0..<grid.columns).map { String(grid[$0, row].grapheme) }.joined()
    }.joined(separator: "\n")
  }

  @Test("running a disabled command says why and changes nothing else")
  func disabled() {
    var state = Sample.empty()
    let before = state
    let effects = reduce(&state, .command("file.save"))
    #expect(state.messages.current?.level == .warning)
    #expect(state.messages.current?.text == "Save picture: open a portrait first")
    #expect(effects.withoutTimers.isEmpty)
    state.messages = before.messages
    #expect(state == before)
  }

  @Test("the reason names what is missing")
  func reasons() {
    func reason(_ name: String, _ state: StudioState) -> String? {
      table[name]?.disabledReason(in: state)
    }
    #expect(reason("file.save", Sample.decomposing()) == "the passes are still being made")
    #expect(reason("file.save", Sample.relit()) == nil)
    #expect(reason("edit.undo", Sample.relit()) == "nothing to undo")
    #expect(reason("edit.redo", Sample.relit()) == "nothing to redo")
    #expect(reason("control.reset", Sample.relit()) == "focus a panel of sliders first")
    #expect(reason("view.wipe.left", Sample.relit()) == "turn the wipe on first")
    var dark = Sample.relit()
    for _ in 0..<3 { _ = reduce(&dark, .edit(.removeLight)) }
    #expect(reason("light.left", dark) == "the rig has no light; add one first")
    #expect(reason("light.add", dark) == nil)
  }

  @Test("an unknown command is an error, not a crash")
  func unknown() {
    var state = Sample.relit()
    _ = reduce(&state, .command("light.explode"))
    #expect(state.messages.current?.level == .error)
  }

  @Test("the palette finds by words in any order, titles first")
  func search() {
    #expect(table.palette(matching: "save").first?.title.hasPrefix("Save") == true)
    #expect(table.palette(matching: "light mute").map(\.name).contains("light.mute"))
    #expect(table.palette(matching: "mute light").map(\.name).contains("light.mute"))
    #expect(table.palette(matching: "zzz").isEmpty)
    #expect(table.palette(matching: "").count == table.commands.count)
  }

  /// A state in which every command makes sense: everything open, copied, put aside, undone, held.
  private func busy(_ command: Command) -> StudioState {
    var state = Sample.relit()
    press("]][u", &state)
    _ = reduce(&state, .edit(.set(.light("distance"), 5)))
    _ = reduce(&state, .edit(.set(.environment("blur"), 10)))
    _ = reduce(&state, .edit(.set(.environment("rotation"), 30)))
    _ = reduce(&state, .undo)
    _ = reduce(&state, .takeSnapshot)
    _ = reduce(&state, .copyLook)
    _ = reduce(&state, .edit(.mirrorRig))
    _ = reduce(&state, .edit(.set(.material("roughness"), 0.6)))
    _ = reduce(&state, .undo)
    _ = reduce(&state, .show(.normal))
    switch command.requirement {
    case .wipe: _ = reduce(&state, .cycleComparison)
    case .zoom: for _ in 0..<3 { _ = reduce(&state, .magnify(isNearer: true)) }
    case .controlPanel, .typedControl:
      _ = reduce(&state, .focus(.material))
      _ = reduce(&state, .edit(.set(.material("roughness"), 0.7)))
    case .meter, .reading:
      _ = reduce(&state, .toggleMeter)
      Sample.answerPreview(&state, reading: Sample.reading)
    case .pickedSnapshot:
      _ = reduce(&state, .present(.picker(.snapshot)))
      _ = reduce(&state, .navigate(.next))
    case .filter: _ = reduce(&state, .present(.help))
    case .quitQuestion: _ = reduce(&state, .present(.confirmQuit))
    case .task:
      _ = reduce(&state, .savePicture)
      _ = reduce(&state, .present(.tasks))
    case .otherPortrait: Sample.open("/photos/ben.png", &state)
    default: break
    }
    if command.name.hasPrefix("text.") {
      _ = reduce(&state, .present(.path(.savePicture)))
      _ = reduce(&state, .editText(.left))
    } else if command.name.hasPrefix("list.") {
      _ = reduce(&state, .focus(.material))
      _ = reduce(&state, .navigate(.next))
    } else if command.name.hasPrefix("overlay.") {
      _ = reduce(&state, .present(.help))
    } else if command.name == "focus.viewport" {
      _ = reduce(&state, .focus(.lights))
    }
    // What comes now is a step of its own.
    _ = reduce(&state, .idle(generation: state.jobs.preview.generation))
    return state
  }

  @Test(
    "every command does something where it makes sense, and one undo takes every edit back",
    arguments: CommandTable.standard.commands)
  func works(command: Command) {
    var state = busy(command)
    #expect(command.disabledReason(in: state) == nil, "\(command.name)")
    let before = state
    let effects = reduce(&state, .command(command.name)).withoutTimers
    var plain = state
    plain.messages = before.messages
    #expect(plain != before || !effects.isEmpty, "\(command.name) does nothing")
    let change = state.document.look != before.document.look
    if case .edit = command.action { #expect(change, "\(command.name) edits nothing") }
    let isStep: [StudioAction] = [.undo, .redo]
    guard change, !isStep.contains(command.action), command.requirement != .otherPortrait else {
      return
    }
    _ = reduce(&state, .undo)
    #expect(state.document.look == before.document.look, "\(command.name) cannot be undone")
  }

  @Test(
    "every command runs in every kind of state",
    arguments: CommandTable.standard.commands.map(\.name))
  func total(name: String) throws {
    let command = try #require(table[name])
    for state in [Sample.empty(), Sample.decomposing(), Sample.relit()] {
      for panel in Panel.allCases {
        var state = state
        state.interface.focus = panel
        _ = reduce(&state, command.action)
        let frame = render(state, theme: Sample.theme)
        #expect(frame.grid.columns == state.size.columns)
      }
    }
  }
}
