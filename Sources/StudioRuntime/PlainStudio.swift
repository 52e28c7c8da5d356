import Dispatch
import Shading
import Studio
import TerminalCells

/// The studio without a screen: one command per line, answers as sentences.
///
/// For scripts and for people who have their screen read to them. The same commands, edits and questions as
/// on the screen; only what is seen, such as views and zoom, says nothing here.
public final class PlainStudio {
  private let runner: EffectRunner
  private let news: DispatchSemaphore
  private let readLine: () -> String?
  private let write: (String) -> Void
  private var state: StudioState
  private var isRunning = true
  private var spokenMessage = 0
  private var failures = 0

  /// - Parameters:
  ///   - state: Where the session starts.
  ///   - readLine: The next line; nil at the end.
  ///   - write: Takes a line of output.
  ///   - makeRunner: Makes what performs effects, given how to wake this up.
  public init(
    state: StudioState, readLine: @escaping () -> String?, write: @escaping (String) -> Void,
    makeRunner: (@escaping @Sendable () -> Void) -> EffectRunner
  ) {
    let news = DispatchSemaphore(value: 0)
    self.news = news
    self.state = state
    self.readLine = readLine
    self.write = write
    runner = makeRunner { news.signal() }
  }

  /// Runs until a command or the end of the input ends the session.
  ///
  /// - Parameter actions: What happens first, such as opening a portrait.
  /// - Returns: How many lines failed.
  public func run(startingWith actions: [StudioAction]) -> Int {
    write("chiaro, one command per line; help lists them, status tells how things stand")
    perform(actions)
    settle()
    while isRunning {
      guard let line = readLine() else { break }
      perform(line: line.trimmed)
      settle()
      answerQuestions()
    }
    if isRunning { perform([.quit]) }
    runner.finish()
    return failures
  }

  // MARK: - Lines

  private func perform(line: String) {
    guard !line.isEmpty, !line.hasPrefix("#") else { return }
    let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
    let argument = parts.count > 1 ? parts[1].trimmed : ""
    switch parts[0] {
    case "help": help(argument)
    case "status": status()
    case "quit", "exit": perform([.quit])
    case "open" where !argument.isEmpty: perform([.open(path: argument, framing: "auto")])
    case "save" where argument.isEmpty: perform([.command("file.save")])
    case "save": ask("file.saveAs", argument)
    case "rig" where !argument.isEmpty: ask("rig.pick", argument)
    case "environment" where !argument.isEmpty: ask("environment.pick", argument)
    case "material" where !argument.isEmpty: ask("material.pick", argument)
    case "light" where !argument.isEmpty: ask("light.enter", argument)
    case "select" where !argument.isEmpty: select(argument)
    case "set" where !argument.isEmpty: set(argument)
    default: command(line)
    }
  }

  /// A command by its name or title.
  private func command(_ text: String) {
    let words = text.lowercased()
    let found = CommandTable.standard.commands.first {
      $0.name == text || $0.title.lowercased() == words
    }
    guard let found else {
      let own = Self.ownCommands.first { $0.hasPrefix("\(text) ") }
      return fail(
        own.map { "more is needed: \($0)" } ?? "there is no command \(text); help lists them")
    }
    perform([.command(found.name)])
  }

  /// Runs a command that asks, and answers it.
  private func ask(_ command: String, _ answer: String) {
    perform([.command(command)])
    if !state.interface.overlays.isEmpty { give(answer) }
  }

  private func select(_ name: String) {
    let lights = state.document.look.rig.lights
    guard let index = lights.firstIndex(where: { $0.name == name }),
      let now = lights.firstIndex(where: { $0.id == state.interface.selectedLight })
    else {
      return fail(
        "there is no light \(name), only \(lights.map(\.name).joined(separator: ", "))")
    }
    perform([.selectLight(by: index - now)])
  }

  /// `set roughness 0.3`: a number by the words beside its slider, or their key.
  private func set(_ text: String) {
    let parts = text.split(separator: " ").map(String.init)
    guard parts.count >= 2, let value = Float(parts[parts.count - 1]), value.isFinite else {
      return fail("set takes a name and a number, such as: set roughness 0.3")
    }
    let name = parts.dropLast().joined(separator: " ").lowercased()
    let panels: [Panel] = [.material, .picture, .environment]
    let controls = panels.flatMap { $0.controls(of: state.document.look) }
    let found = controls.first { control in
      guard case .number = control.value else { return false }
      return control.label.lowercased() == name || control.key == name
    }
    guard let found else {
      let known = controls.compactMap(\.key).joined(separator: ", ")
      return fail("there is no \(name), only \(known)")
    }
    perform([.edit(.set(found.id, value))])
  }

  // MARK: - Questions

  /// Answers what was asked by lines of input until nothing is asked any more.
  private func answerQuestions() {
    while isRunning, let overlay = state.interface.overlays.last {
      guard let question = question(of: overlay) else {
        perform([.dismiss])
        continue
      }
      write(question)
      guard let line = readLine() else {
        perform([.dismiss])
        continue
      }
      give(line.trimmed)
      settle()
    }
  }

  private func question(of overlay: Overlay) -> String? {
    switch overlay {
    case .prompt(let prompt):
      "\(prompt.label) [\(prompt.field.text)\(prompt.present)], or a full stop to leave it:"
    case .picker(let picker):
      "one of \(state.entries(of: picker).map(\.name).joined(separator: ", ")), or a full stop:"
    case .confirmQuit: "there are unsaved changes; save, quit or a full stop:"
    case .confirmReplace(let request): "\(request.path) is there already; replace? yes or no:"
    case .confirmRecovery: "the last session here broke off; take up its look? yes or no:"
    case .help, .palette, .messages, .tasks, .openDialog: nil
    }
  }

  private func give(_ answer: String) {
    guard answer != ".", let overlay = state.interface.overlays.last else {
      return perform([.dismiss])
    }
    switch overlay {
    case .prompt:
      perform(answer.isEmpty ? [.accept] : [.editText(.clear), .paste(answer), .accept])
      if case .prompt(let prompt)? = state.interface.overlays.last, let problem = prompt.problem {
        fail(problem)
        perform([.dismiss])
      }
    case .picker(let picker):
      let names = state.entries(of: picker).map { $0.name.trimmed.lowercased() }
      guard let index = names.firstIndex(of: answer.lowercased()) else {
        fail("there is no ‘\(answer)’ here, only \(names.joined(separator: ", "))")
        return perform([.dismiss])
      }
      let steps = index - picker.selection
      perform(Array(repeating: .navigate(steps > 0 ? .next : .previous), count: abs(steps)))
      perform([.accept])
    case .confirmQuit:
      perform([answer == "save" ? .saveAndQuit : answer == "quit" ? .quit : .dismiss])
    case .confirmReplace, .confirmRecovery:
      perform([answer.lowercased().hasPrefix("y") ? .accept : .dismiss])
    case .help, .palette, .messages, .tasks, .openDialog: perform([.dismiss])
    }
  }

  // MARK: - Telling

  private static let ownCommands = [
    "open PATH", "save [PATH]", "rig NAME", "environment NAME", "material NAME",
    "light az=45,el=30,ev=0", "select LIGHT", "set SLIDER NUMBER", "status", "quit",
  ]

  private func help(_ words: String) {
    if words.isEmpty { Self.ownCommands.forEach { write($0) } }
    for command in CommandTable.standard.palette(matching: words) {
      let reason = command.disabledReason(in: state).map { " (not now: \($0))" } ?? ""
      write("\(command.name): \(command.help)\(reason)")
    }
  }

  private func status() {
    let look = state.document.look
    write("portrait: \(state.document.path ?? "none")")
    write("rig: \(look.rig.name)\(state.document.isModified ? ", changed" : "")")
    for light in look.rig.lights {
      let isSelected = light.id == state.interface.selectedLight
      write("\(isSelected ? "selected light" : "light"): \(light.argumentText)")
    }
    write("environment: \(look.rig.environment.isOn ? look.rig.environment.name : "off")")
    for panel in [Panel.material, .picture] {
      for control in panel.controls(of: look) {
        if case .number(let value, let scale) = control.value {
          write("\(control.label.lowercased()): \(scale.text(value))")
        }
      }
    }
  }

  private func fail(_ text: String) {
    failures += 1
    write("error: \(text)")
  }

  // MARK: - Actions

  private func perform(_ actions: [StudioAction]) {
    for action in actions {
      for effect in reduce(&state, action) { perform(effect) }
      speak()
    }
  }

  private func perform(_ effect: StudioEffect) {
    switch effect {
    case .quit: isRunning = false
    // Nothing is seen here, and nothing waits.
    case .renderPreview, .previewFile, .makeThumbnail, .after, .redraw, .suspend: break
    default: runner.perform(effect)
    }
  }

  /// Says what is new in the status line.
  private func speak() {
    guard let message = state.messages.current, message.id != spokenMessage else { return }
    spokenMessage = message.id
    let isProblem = message.level == .error || message.level == .warning
    if isProblem { failures += 1 }
    write(isProblem ? "error: \(message.text)" : message.text)
  }

  /// Waits for everything under way.
  private func settle() {
    var reported = -1
    while isRunning {
      perform(runner.mailbox.drain())
      if let job = state.jobs.decomposition {
        // Every tenth is enough to know that it lives.
        let tenths = Int(job.fraction * 10)
        if tenths > reported {
          reported = tenths
          write("\(job.stage): \(tenths * 10) %")
        }
      } else if state.jobs.saving.isEmpty {
        return
      }
      news.wait()
    }
  }
}

extension Control {
  /// The key of a number in files and arguments.
  fileprivate var key: String? {
    switch id {
    case .light(let key), .material(let key), .environment(let key), .picture(let key): key
    case .environmentMap, .environmentFlip, .toneMap: nil
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    let front = drop { $0.isWhitespace }
    return String(String(front.reversed()).drop { $0.isWhitespace }.reversed())
  }
}
