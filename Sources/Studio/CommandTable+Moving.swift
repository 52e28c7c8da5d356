extension CommandTable {
  static let moving: [Command] =
    Panel.allCases.map { panel in
      act(
        "focus.\(panel.rawValue)", "Go to \(panel.title.lowercased())",
        "Give the \(panel.title.lowercased()) panel the keys.", .focus(panel), .moving)
    } + [
      Command(
        name: "focus.next", title: "Next panel", help: "Give the next panel the keys.",
        group: .moving, action: .focusNext(1), requirement: .nothing, hint: "panel"),
      act(
        "focus.previous", "Previous panel", "Give the panel before the keys.", .focusNext(-1),
        .moving),
      row("list.next", "Next row", "Go one row down.", .next),
      row("list.previous", "Previous row", "Go one row up.", .previous),
      row("list.pageDown", "Page down", "Go one page down.", .pageDown),
      row("list.pageUp", "Page up", "Go one page up.", .pageUp),
      row("list.first", "First row", "Go to the first row.", .first),
      row("list.last", "Last row", "Go to the last row.", .last),
      Command(
        name: "overlay.close", title: "Back", help: "Close what is on top, or leave the panel.",
        group: .moving, action: .dismiss, requirement: .nothing, hint: "back"),
      Command(
        name: "overlay.accept", title: "Accept", help: "Do what is offered.",
        group: .moving, action: .accept, requirement: .nothing, hint: "accept"),
      Command(
        name: "list.filter", title: "Filter list", help: "Type words that shorten the list.",
        group: .moving, action: .beginFilter, requirement: .filter, hint: "filter"),
      Command(
        name: "look.remove", title: "Remove look put aside",
        help: "Forget the selected look.", group: .moving, action: .removePicked,
        requirement: .pickedSnapshot, hint: "remove"),
      Command(
        name: "look.compare", title: "Compare with look put aside",
        help: "Set the selected look against the picture instead of the photograph.",
        group: .moving, action: .comparePicked, requirement: .pickedSnapshot, hint: "compare"),
      Command(
        name: "task.cancel", title: "Stop task", help: "Stop what is selected.",
        group: .moving, action: .cancelTask, requirement: .task, hint: "stop"),
      Command(
        name: "confirm.saveAndQuit", title: "Save and quit",
        help: "Write the picture, then leave.", group: .moving, action: .saveAndQuit,
        requirement: .quitQuestion, hint: "save and quit"),
      Command(
        name: "confirm.quit", title: "Quit without saving", help: "Leave and lose the edits.",
        group: .moving, action: .quit, requirement: .quitQuestion, hint: "quit without saving"),
    ]

  static let text: [Command] = [
    typing("text.deleteBackward", "Delete left", .deleteBackward),
    typing("text.deleteForward", "Delete right", .deleteForward),
    typing("text.deleteWord", "Delete word", .deleteWord),
    typing("text.clear", "Clear", .clear),
    typing("text.left", "Cursor left", .left),
    typing("text.right", "Cursor right", .right),
    typing("text.start", "Cursor to start", .start),
    typing("text.end", "Cursor to end", .end),
  ]

  private static func row(
    _ name: String, _ title: String, _ help: String, _ navigation: Navigation
  ) -> Command {
    Command(
      name: name, title: title, help: help, group: .moving, action: .navigate(navigation),
      requirement: .list, hint: nil)
  }

  private static func typing(_ name: String, _ title: String, _ edit: TextEdit) -> Command {
    Command(
      name: name, title: title, help: "Edit the text.", group: .text, action: .editText(edit),
      requirement: .text, hint: nil)
  }
}
