extension CommandTable {
  static let views: [Command] =
    ViewMode.allCases.map { view in
      Command(
        name: "view.\(view.rawValue)", title: "Show \(view.title.lowercased())",
        help: view.help, group: .views, action: .show(view),
        requirement: view.needsPasses ? .coarsePasses : .portrait, hint: nil)
    } + [
      Command(
        name: "view.compare", title: "Compare with the photograph",
        help: "Go through one picture, a wipe and side by side.", group: .views,
        action: .cycleComparison, requirement: .coarsePasses, hint: "compare"),
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
      .toggleMeter, .coarsePasses, hint: "meter"),
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
    case .probes: "Show the surroundings, and a mirror ball and a grey ball in the rig's light."
    }
  }
}
