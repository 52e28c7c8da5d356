import Shading

extension CommandTable {
  static let environment: [Command] = [
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

  static let controls: [Command] = [
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
      group: .controls, action: .present(.controlValue), requirement: .typedControl, hint: "type"),
  ]

  private static func slider(
    _ name: String, _ title: String, _ steps: Float, _ hint: String?
  ) -> Command {
    Command(
      name: name, title: title, help: "Change the selected slider.", group: .controls,
      action: .adjustSelectedControl(steps: steps), requirement: .controlPanel, hint: hint)
  }

  static let picture: [Command] = [
    pictureStep(
      "picture.brighter", "Brighten picture", "A third of a stop up.", .picture("exposure"), 1),
    pictureStep(
      "picture.darker", "Darken picture", "A third of a stop down.", .picture("exposure"), -1),
    pictureStep(
      "picture.toneMap", "Next tone map", "Go through the ways to fit light into the screen.",
      .toneMap, 1),
    pictureStep(
      "picture.detail.more", "More photograph detail",
      "Towards multiplying the photograph, which keeps pores.", .picture("detail"), 1),
    pictureStep(
      "picture.detail.less", "Less photograph detail",
      "Towards pure rendering, which forgets the old light.", .picture("detail"), -1),
  ]

  private static func pictureStep(
    _ name: String, _ title: String, _ help: String, _ control: ControlID, _ steps: Float
  ) -> Command {
    Command(
      name: name, title: title, help: help, group: .picture,
      action: .edit(.adjust(control, steps: steps)), requirement: .nothing, hint: nil)
  }
}
