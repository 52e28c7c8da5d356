extension CommandTable {
  static let files: [Command] = [
    Command(
      name: "file.open", title: "Open portrait",
      help: "Choose a photograph or passes, seeing each; or type a path.", group: .files,
      action: .present(.openDialog), requirement: .nothing, hint: "open"),
    Command(
      name: "portrait.reopen", title: "Read portrait again",
      help: "Read the file once more, and make its passes where that was stopped.",
      group: .files, action: .reopen, requirement: .portrait, hint: nil),
    portrait(
      "portrait.next", "Next portrait", "Show the next open portrait.", .switchPortrait(by: 1)),
    portrait(
      "portrait.previous", "Previous portrait", "Show the open portrait before.",
      .switchPortrait(by: -1)),
    portrait(
      "portrait.close", "Close portrait", "Close the portrait on show; another takes its place.",
      .closePortrait),
    Command(
      name: "file.save", title: "Save picture",
      help: "Write the relit picture at full size under its usual name.", group: .files,
      action: .savePicture, requirement: .passes, hint: "save"),
    file(
      "file.saveAs", "Save picture as", "Write the relit picture under a name you type.",
      .savePicture, .passes),
    file(
      "file.savePasses", "Export passes",
      "Write the six passes as a folder, or as one file ending in .exr.", .savePasses, .passes),
    file(
      "file.saveLook", "Save look", "Write lights, materials and picture settings as text.",
      .saveLook, .portrait),
    Command(
      name: "turntable.toggle", title: "Turntable",
      help: "Let the selected light go around the portrait, or stop it.", group: .lights,
      action: .toggleTurntable, requirement: .turntable, hint: nil),
    file(
      "turntable.save", "Save turntable",
      "Write a round of the light as an animated PNG, or as a folder of pictures.",
      .saveTurntable, .turntable),
    file(
      "turntable.sheet", "Save contact sheet", "Write a round of the light on one sheet.",
      .saveSheet, .turntable),
    file("file.openLook", "Open look", "Read a look or a rig from a text file.", .openLook),
  ]

  private static func portrait(
    _ name: String, _ title: String, _ help: String, _ action: StudioAction
  ) -> Command {
    Command(
      name: name, title: title, help: help, group: .files, action: action,
      requirement: .otherPortrait, hint: nil)
  }

  private static func file(
    _ name: String, _ title: String, _ help: String, _ purpose: PathPurpose,
    _ requirement: CommandRequirement = .nothing
  ) -> Command {
    Command(
      name: name, title: title, help: help, group: .files, action: .present(.path(purpose)),
      requirement: requirement, hint: nil)
  }

  static let edits: [Command] = [
    Command(
      name: "edit.undo", title: "Undo", help: "Take the last change of the look back.",
      group: .edits, action: .undo, requirement: .undoableStep, hint: "undo"),
    Command(
      name: "edit.redo", title: "Redo", help: "Bring the change last undone back.",
      group: .edits, action: .redo, requirement: .redoableStep, hint: nil),
    overlay(
      "edit.history", "History", "Go to any step, also one that was undone, seeing each.",
      .picker(.step), nil, .edits),
    act(
      "look.snapshot", "Put look aside", "Keep the look under a name to come back to.",
      .takeSnapshot, .edits),
    Command(
      name: "look.pick", title: "Pick a look put aside",
      help: "Choose among looks put aside, seeing each; c compares with one.", group: .edits,
      action: .present(.picker(.snapshot)), requirement: .snapshot, hint: nil),
    act(
      "look.copy", "Copy look", "Remember the look to paste it onto another portrait.", .copyLook,
      .edits),
    Command(
      name: "look.paste", title: "Paste look", help: "Take over the look that was copied.",
      group: .edits, action: .pasteLook, requirement: .copiedLook, hint: nil),
  ]

  static let program: [Command] = [
    overlay("help.show", "Help", "List the keys that work here.", .help, "help"),
    overlay("palette.show", "Command palette", "Find a command by name.", .palette, "commands"),
    overlay("messages.show", "Messages", "Look back on what was said.", .messages, nil),
    overlay("tasks.show", "Tasks", "See what is under way, and stop it.", .tasks, nil),
    act("tour.start", "Tour", "Show the six things to know, one by one.", .toggleTour),
    Command(
      name: "theme.pick", title: "Pick a theme", help: "Choose other colours, seeing each.",
      group: .program, action: .present(.picker(.theme)), requirement: .themes, hint: nil),
    act("studio.redraw", "Redraw screen", "Paint the screen anew.", .redraw),
    act("studio.suspend", "Suspend", "Go back to the shell; fg returns.", .suspend),
    Command(
      name: "studio.cancel", title: "Cancel or quit",
      help: "Stop the running job; without one, ask to quit.", group: .program,
      action: .cancelOrQuit, requirement: .nothing, hint: "stop"),
    Command(
      name: "studio.quit", title: "Quit", help: "Leave, asking first when edits would be lost.",
      group: .program, action: .requestQuit, requirement: .nothing, hint: "quit"),
  ]

  private static func overlay(
    _ name: String, _ title: String, _ help: String, _ kind: OverlayKind, _ hint: String?,
    _ group: CommandGroup = .program
  ) -> Command {
    Command(
      name: name, title: title, help: help, group: group, action: .present(kind),
      requirement: .nothing, hint: hint)
  }

  static func act(
    _ name: String, _ title: String, _ help: String, _ action: StudioAction,
    _ group: CommandGroup = .program
  ) -> Command {
    Command(
      name: name, title: title, help: help, group: group, action: action, requirement: .nothing,
      hint: nil)
  }
}
