import TerminalCells

/// The six things that one has to know, each shown until it has been done.
public enum Tour {
  /// One thing.
  struct Step {
    /// What it is about.
    let title: String
    /// What there is to do; `‹command›` stands for the command's key.
    let text: String
    /// The commands any of which is doing it.
    let commands: Set<String>
  }

  static let steps: [Step] = [
    Step(
      title: "Turn the light",
      text: "‹light.left› ‹light.right› ‹light.up› ‹light.down› move it, or drag on the picture.",
      commands: ["light.left", "light.right", "light.up", "light.down"]),
    Step(
      title: "How bright",
      text: "‹light.brighter› brightens it, ‹light.darker› darkens it, by a third of a stop.",
      commands: ["light.brighter", "light.darker"]),
    Step(
      title: "Named rigs",
      text: "‹rig.pick› shows set-ups such as Rembrandt on the portrait; enter takes one.",
      commands: ["rig.pick"]),
    Step(
      title: "Before and after",
      text: "‹view.compare› sets the photograph against it; drag the edge.",
      commands: ["view.compare"]),
    Step(
      title: "Nothing is lost",
      text: "‹edit.undo› takes a step back, ‹edit.history› shows all of them.",
      commands: ["edit.undo", "edit.history"]),
    Step(
      title: "Take it home",
      text: "‹file.save› saves. ‹palette.show› finds every command, ‹help.show› every key.",
      commands: ["file.save", "palette.show", "help.show"]),
  ]

  /// A frame and three lines.
  static let rows = 5

  /// All steps, none of them done.
  public static let start: [Int] = Array(steps.indices)

  /// The cells of the card; none while something else needs them.
  static func rect(_ state: StudioState, layout: StudioLayout) -> Rect {
    guard state.interface.tour != nil,
      state.document.hasPasses, state.interface.meter == nil, layout.sidebar.rows >= rows,
      state.interface.overlays.isEmpty
    else { return .nowhere }
    return layout.sidebar.splitBottom(rows).strip
  }

  /// Draws the card of the step that is to be done.
  static func draw(_ state: StudioState, layout: StudioLayout, with painter: inout Painter) {
    let rect = rect(state, layout: layout)
    guard !rect.isEmpty, let index = state.interface.tour?.first else { return }
    let step = steps[index]
    painter.clear(rect, role: .overlay)
    painter.frame(
      rect, title: "\(index + 1) of \(steps.count): \(step.title)", note: "esc ends the tour",
      roles: .overlay)
    let inner = rect.inset(columns: 2, rows: 1)
    for (offset, line) in text(step, state).wrapped(inner.columns).enumerated()
    where offset < inner.rows {
      painter.text(
        line, column: inner.column, row: inner.row + offset, role: .overlay, in: inner)
    }
  }

  /// The step's text with keys in the place of commands.
  private static func text(_ step: Step, _ state: StudioState) -> String {
    var text = step.text
    while let start = text.firstIndex(of: "‹"), let end = text.firstIndex(of: "›") {
      let command = String(text[text.index(after: start)..<end])
      text.replaceSubrange(start...end, with: state.keysText(for: command))
    }
    return text
  }
}

extension StudioState {
  /// Takes note of a command that a step of the tour is about, in whatever order steps are done.
  mutating func advanceTour(_ command: String) {
    guard document.hasPasses else { return }
    interface.tour?.removeAll { Tour.steps[$0].commands.contains(command) }
    if interface.tour?.isEmpty == true { interface.tour = nil }
  }
}

extension String {
  /// The text in lines of at most `columns`, broken at blanks; longer words are cut.
  func wrapped(_ columns: Int) -> [String] {
    var lines: [String] = []
    var words = split(separator: " ").map(String.init)[...]
    while var word = words.popFirst() {
      while columns > 0, word.terminalColumns > columns {
        var rest = word
        while word.terminalColumns > columns { word.removeLast() }
        if word.isEmpty { break }
        lines.append(word)
        rest.removeFirst(word.count)
        word = rest
      }
      if let last = lines.last, last.terminalColumns + 1 + word.terminalColumns <= columns {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(word)
      }
    }
    return lines
  }
}
