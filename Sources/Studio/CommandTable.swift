import Shading

extension CommandTable {
  /// The studio's commands.
  public static let standard = CommandTable(
    lights + environment + controls + picture + views + files + edits + program + moving + text)

  // MARK: - Light

  private static let lights: [Command] = [
    turn("light.left", "Turn light left", azimuth: -5, hint: "turn"),
    turn("light.right", "Turn light right", azimuth: 5),
    turn("light.up", "Raise light", elevation: 5, hint: "raise"),
    turn("light.down", "Lower light", elevation: -5),
    turn("light.left.fine", "Turn light left, finely", azimuth: -1),
    turn("light.right.fine", "Turn light right, finely", azimuth: 1),
    turn("light.up.fine", "Raise light, finely", elevation: 1),
    turn("light.down.fine", "Lower light, finely", elevation: -1),
    change("light.brighter", "Brighten light", "a third of a stop up", "exposure", 1),
    change("light.darker", "Darken light", "a third of a stop down", "exposure", -1),
    change("light.warmer", "Warm light", "to a lower colour temperature", "kelvin", -1),
    change("light.cooler", "Cool light", "to a higher colour temperature", "kelvin", 1),
    change("light.greener", "Tint light green", "a step towards green", "tint", -1),
    change("light.pinker", "Tint light magenta", "a step towards magenta", "tint", 1),
    change("light.larger", "Enlarge light", "a degree larger, softer shadows", "size", 1),
    change("light.smaller", "Shrink light", "a degree smaller, harder shadows", "size", -1),
    change("light.nearer", "Bring light nearer", "towards the face", "distance", -1),
    change("light.farther", "Move light away", "away from the face", "distance", 1),
    change("light.wider", "Widen light", "towards a lying strip", "aspect", 1),
    change("light.narrower", "Narrow light", "towards a standing strip", "aspect", -1),
    change("light.roll.left", "Roll light left", "about its own axis", "roll", -1),
    change("light.roll.right", "Roll light right", "about its own axis", "roll", 1),
    Command(
      name: "light.enter", title: "Type light values",
      help: "Type azimuth, elevation, exposure, kelvin, size and more, as --light takes them.",
      group: .lights, action: .present(.lightValues), requirement: .light, hint: "values"),
    toggle("light.mute", "Mute light", "Turn the selected light off or on.", .power, "mute"),
    toggle("light.solo", "Solo light", "Light the portrait with this light alone.", .solo, "solo"),
    toggle(
      "light.shadow", "Toggle shadow", "Let the selected light cast shadows or not.", .shadow, nil),
    edit("light.add", "Add light", "Add a light opposite the selected one.", .addLight, .nothing),
    edit("light.duplicate", "Duplicate light", "Add a copy of the light.", .duplicateLight),
    edit("light.remove", "Remove light", "Take the light out of the rig.", .removeLight),
    edit("light.mirror", "Mirror light", "Move the light to the other side.", .mirrorLight),
    Command(
      name: "light.link", title: "Link light",
      help: "Let the selected light move and change with the other linked ones, or alone again.",
      group: .lights, action: .toggleLink, requirement: .light, hint: nil),
    Command(
      name: "light.aim", title: "Aim light at the meter",
      help: "Move the selected light to where its highlight falls on the metered spot.",
      group: .lights, action: .aimLight, requirement: .reading, hint: "aim"),
    Command(
      name: "light.rename", title: "Rename light", help: "Give the selected light a name.",
      group: .lights, action: .present(.renameLight), requirement: .light, hint: nil),
    Command(
      name: "light.next", title: "Next light", help: "Select the next light of the rig.",
      group: .lights, action: .selectLight(by: 1), requirement: .light, hint: "next light"),
    Command(
      name: "light.previous", title: "Previous light", help: "Select the light before.",
      group: .lights, action: .selectLight(by: -1), requirement: .light, hint: nil),
    Command(
      name: "rig.pick", title: "Pick a rig",
      help: "Choose among named portrait set-ups, seeing each on the portrait.",
      group: .lights, action: .present(.picker(.rig)), requirement: .nothing, hint: "rigs"),
    Command(
      name: "rig.original", title: "The photograph's own light",
      help: "Take over the lamps that the photograph seems to have been taken in.",
      group: .lights, action: .estimateLight, requirement: .passes, hint: nil),
    Command(
      name: "rig.save", title: "Keep rig", help: "Keep the lights as a rig of your own.",
      group: .lights, action: .present(.rigName), requirement: .light, hint: nil),
    edit(
      "rig.mirror", "Mirror rig", "Swap left and right of all lights.", .mirrorRig, .light),
  ]

  private static func turn(
    _ name: String, _ title: String, azimuth: Float = 0, elevation: Float = 0, hint: String? = nil
  ) -> Command {
    let degrees = Int(max(abs(azimuth), abs(elevation)))
    return Command(
      name: name, title: title,
      help: "Move the selected light by \(degrees == 1 ? "1 degree" : "\(degrees) degrees").",
      group: .lights, action: .edit(.turnLight(azimuth: azimuth, elevation: elevation)),
      requirement: .light, hint: hint)
  }

  private static func change(
    _ name: String, _ title: String, _ what: String, _ parameter: String, _ steps: Float
  ) -> Command {
    Command(
      name: name, title: title, help: "Change the selected light, \(what).", group: .lights,
      action: .edit(.adjust(.light(parameter), steps: steps)), requirement: .light, hint: nil)
  }

  private static func toggle(
    _ name: String, _ title: String, _ help: String, _ lightSwitch: LightSwitch, _ hint: String?
  ) -> Command {
    Command(
      name: name, title: title, help: help, group: .lights,
      action: .edit(.toggleLight(lightSwitch)), requirement: .light, hint: hint)
  }

  private static func edit(
    _ name: String, _ title: String, _ help: String, _ edit: LookEdit,
    _ requirement: CommandRequirement = .light
  ) -> Command {
    Command(
      name: name, title: title, help: help, group: .lights, action: .edit(edit),
      requirement: requirement, hint: nil)
  }

  // MARK: - Environment, sliders, picture

  private static let environment: [Command] = [
    Command(
      name: "environment.pick", title: "Pick an environment",
      help: "Choose the surroundings that light the portrait, seeing each on it.",
      group: .environment, action: .present(.picker(.environment)), requirement: .nothing,
      hint: "environments"),
    Command(
      name: "environment.toggle", title: "Toggle environment",
      help: "Turn the light of the surroundings off or on.", group: .environment,
      action: .edit(.toggleEnvironment), requirement: .environment, hint: nil),
    Command(
      name: "environment.flip", title: "Flip environment",
      help: "Swap left and right of the surroundings.", group: .environment,
      action: .edit(.flipEnvironment), requirement: .environment, hint: nil),
    Command(
      name: "environment.open", title: "Open environment",
      help: "Light with a .hdr or .exr panorama from the disk.", group: .environment,
      action: .present(.path(.openEnvironment)), requirement: .nothing, hint: nil),
    environmentStep("environment.left", "Turn environment left", .environment("rotation"), -1),
    environmentStep("environment.right", "Turn environment right", .environment("rotation"), 1),
    environmentStep("environment.brighter", "Brighten environment", .environment("exposure"), 1),
    environmentStep("environment.darker", "Darken environment", .environment("exposure"), -1),
    environmentStep("environment.softer", "Blur environment", .environment("blur"), 1),
    environmentStep("environment.sharper", "Sharpen environment", .environment("blur"), -1),
  ]

  private static func environmentStep(
    _ name: String, _ title: String, _ control: ControlID, _ steps: Float
  ) -> Command {
    Command(
      name: name, title: title, help: "Change the surroundings by one step.", group: .environment,
      action: .edit(.adjust(control, steps: steps)), requirement: .environment, hint: nil)
  }

  private static let controls: [Command] = [
    slider("control.increase", "Increase value", 1, "adjust"),
    slider("control.decrease", "Decrease value", -1, nil),
    slider("control.increase.fine", "Increase value, finely", 0.2, nil),
    slider("control.decrease.fine", "Decrease value, finely", -0.2, nil),
    Command(
      name: "control.reset", title: "Reset value", help: "Give the selected slider its default.",
      group: .controls, action: .resetSelectedControl, requirement: .controlPanel, hint: "default"),
    Command(
      name: "control.resetAll", title: "Reset panel",
      help: "Give every slider of the focused panel its default.", group: .controls,
      action: .resetFocusedPanel, requirement: .controlPanel, hint: nil),
    Command(
      name: "material.pick", title: "Pick a material",
      help: "Choose among named materials, seeing each on the portrait.", group: .controls,
      action: .present(.picker(.material)), requirement: .materials, hint: "materials"),
    Command(
      name: "material.save", title: "Keep material",
      help: "Keep the material's sliders under a name.", group: .controls,
      action: .present(.materialName), requirement: .nothing, hint: nil),
    Command(
      name: "control.enter", title: "Type value", help: "Type a number for the selected slider.",
      group: .controls, action: .present(.controlValue), requirement: .controlPanel, hint: "type"),
  ]

  private static func slider(
    _ name: String, _ title: String, _ steps: Float, _ hint: String?
  ) -> Command {
    Command(
      name: name, title: title, help: "Change the selected slider.", group: .controls,
      action: .adjustSelectedControl(steps: steps), requirement: .controlPanel, hint: hint)
  }

  private static let picture: [Command] = [
    pictureStep(
      "picture.brighter", "Brighten picture", "A third of a stop up.", .picture("exposure"), 1),
    pictureStep(
      "picture.darker", "Darken picture", "A third of a stop down.", .picture("exposure"), -1),
    pictureStep(
      "picture.toneMap", "Next tone map", "Go through the ways to fit light into the screen.",
      .toneMap, 1),
    pictureStep(
      "picture.detail.more", "More of the photograph's detail",
      "Towards multiplying the photograph, which keeps pores.", .picture("detail"), 1),
    pictureStep(
      "picture.detail.less", "Less of the photograph's detail",
      "Towards pure rendering, which forgets the old light.", .picture("detail"), -1),
  ]

  private static func pictureStep(
    _ name: String, _ title: String, _ help: String, _ control: ControlID, _ steps: Float
  ) -> Command {
    Command(
      name: name, title: title, help: help, group: .picture,
      action: .edit(.adjust(control, steps: steps)), requirement: .nothing, hint: nil)
  }

  // MARK: - Views

  private static let views: [Command] =
    ViewMode.allCases.map { view in
      Command(
        name: "view.\(view.rawValue)", title: "Show \(view.title.lowercased())",
        help: view.help, group: .views, action: .show(view),
        requirement: view.needsPasses ? .passes : .portrait, hint: nil)
    } + [
      Command(
        name: "view.compare", title: "Compare with the photograph",
        help: "Go through one picture, a wipe and side by side.", group: .views,
        action: .cycleComparison, requirement: .passes, hint: "compare"),
      Command(
        name: "view.wipe.left", title: "Move wipe left",
        help: "Show less of the photograph.", group: .views,
        action: .moveWipeEdge(by: -0.05), requirement: .wipe, hint: nil),
      Command(
        name: "view.wipe.right", title: "Move wipe right",
        help: "Show more of the photograph.", group: .views,
        action: .moveWipeEdge(by: 0.05), requirement: .wipe, hint: nil),
    ] + zooming + metering

  private static let zooming: [Command] = [
    view("view.nearer", "Zoom in", "Magnify the picture twofold.", .magnify(isNearer: true)),
    view(
      "view.farther", "Zoom out", "Show twice as much of the picture.", .magnify(isNearer: false),
      .zoom),
    view("view.whole", "Whole picture", "Show all of the picture again.", .showWhole, .zoom),
    view(
      "view.pan.left", "Look left", "Move a magnified picture.", .pan(x: -0.25, y: 0), .zoom),
    view(
      "view.pan.right", "Look right", "Move a magnified picture.", .pan(x: 0.25, y: 0), .zoom),
    view("view.pan.up", "Look up", "Move a magnified picture.", .pan(x: 0, y: -0.25), .zoom),
    view("view.pan.down", "Look down", "Move a magnified picture.", .pan(x: 0, y: 0.25), .zoom),
  ]

  private static let metering: [Command] = [
    view(
      "meter.toggle", "Light meter",
      "Measure what each light does at a spot of the picture: arrows or the mouse move it.",
      .toggleMeter, .passes, hint: "meter"),
    view(
      "meter.left", "Move meter left", "Measure elsewhere.", .moveMeter(x: -2, y: 0), .meter,
      hint: "move"),
    view("meter.right", "Move meter right", "Measure elsewhere.", .moveMeter(x: 2, y: 0), .meter),
    view("meter.up", "Move meter up", "Measure elsewhere.", .moveMeter(x: 0, y: -2), .meter),
    view("meter.down", "Move meter down", "Measure elsewhere.", .moveMeter(x: 0, y: 2), .meter),
  ]

  private static func view(
    _ name: String, _ title: String, _ help: String, _ action: StudioAction,
    _ requirement: CommandRequirement = .portrait, hint: String? = nil
  ) -> Command {
    Command(
      name: name, title: title, help: help, group: .views, action: action,
      requirement: requirement, hint: hint)
  }

  // MARK: - Files, undo, program

  private static let files: [Command] = [
    Command(
      name: "file.open", title: "Open portrait",
      help: "Choose a photograph or passes, seeing each; or type a path.", group: .files,
      action: .present(.openDialog), requirement: .nothing, hint: "open"),
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

  private static let edits: [Command] = [
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

  private static let program: [Command] = [
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
    act(
      "studio.cancel", "Cancel or quit", "Stop the running job; without one, ask to quit.",
      .cancelOrQuit),
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

  private static func act(
    _ name: String, _ title: String, _ help: String, _ action: StudioAction,
    _ group: CommandGroup = .program
  ) -> Command {
    Command(
      name: name, title: title, help: help, group: group, action: action, requirement: .nothing,
      hint: nil)
  }

  // MARK: - Moving and typing

  private static let moving: [Command] =
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
      act("list.next", "Next row", "Go one row down.", .navigate(.next), .moving),
      act("list.previous", "Previous row", "Go one row up.", .navigate(.previous), .moving),
      act("list.pageDown", "Page down", "Go one page down.", .navigate(.pageDown), .moving),
      act("list.pageUp", "Page up", "Go one page up.", .navigate(.pageUp), .moving),
      act("list.first", "First row", "Go to the first row.", .navigate(.first), .moving),
      act("list.last", "Last row", "Go to the last row.", .navigate(.last), .moving),
      Command(
        name: "overlay.close", title: "Back", help: "Close what is on top, or leave the panel.",
        group: .moving, action: .dismiss, requirement: .nothing, hint: "back"),
      Command(
        name: "overlay.accept", title: "Accept", help: "Do what is offered.",
        group: .moving, action: .accept, requirement: .nothing, hint: "accept"),
      Command(
        name: "help.filter", title: "Filter help", help: "Type words to shorten the help.",
        group: .moving, action: .beginFilter, requirement: .nothing, hint: "filter"),
      Command(
        name: "look.remove", title: "Remove look put aside",
        help: "Forget the selected look.", group: .moving, action: .removePicked,
        requirement: .pickedSnapshot, hint: nil),
      Command(
        name: "look.compare", title: "Compare with look put aside",
        help: "Set the selected look against the picture instead of the photograph.",
        group: .moving, action: .comparePicked, requirement: .pickedSnapshot, hint: nil),
      Command(
        name: "task.cancel", title: "Stop task", help: "Stop what is selected.",
        group: .moving, action: .cancelTask, requirement: .task, hint: "stop"),
      Command(
        name: "confirm.saveAndQuit", title: "Save and quit",
        help: "Write the picture, then leave.", group: .moving, action: .saveAndQuit,
        requirement: .nothing, hint: "save and quit"),
      Command(
        name: "confirm.quit", title: "Quit without saving", help: "Leave and lose the edits.",
        group: .moving, action: .quit, requirement: .nothing, hint: "quit without saving"),
    ]

  private static let text: [Command] = [
    typing("text.deleteBackward", "Delete left", .deleteBackward),
    typing("text.deleteForward", "Delete right", .deleteForward),
    typing("text.deleteWord", "Delete word", .deleteWord),
    typing("text.clear", "Clear", .clear),
    typing("text.left", "Cursor left", .left),
    typing("text.right", "Cursor right", .right),
    typing("text.start", "Cursor to start", .start),
    typing("text.end", "Cursor to end", .end),
  ]

  private static func typing(_ name: String, _ title: String, _ edit: TextEdit) -> Command {
    act(name, title, "Edit the text.", .editText(edit), .text)
  }
}

extension ViewMode {
  /// What the view shows, in one sentence.
  var help: String {
    switch self {
    case .relit: "Show the portrait in the light of the rig."
    case .photograph: "Show the photograph as it was taken."
    case .albedo: "Show the skin's own colour, free of light."
    case .normal: "Show which way the surface faces."
    case .specular: "Show how strongly the surface mirrors."
    case .translucency: "Show where light passes through thin tissue."
    case .diffuse: "Show the diffuse colour with the old light still in it."
    case .ao: "Show where the surroundings are blocked from view."
    case .skin: "Show the matte of facial skin."
    case .subject: "Show the matte of the person."
    case .depth: "Show the relief that shadows are cast from, near parts bright."
    case .light: "Show what the selected light alone does."
    case .shadow: "Show where the selected light is blocked by the face."
    case .falseColor: "Show exposure as colours: green is middle grey, red is clipped."
    case .zebra: "Show stripes where the picture clips to white or black."
    }
  }
}
