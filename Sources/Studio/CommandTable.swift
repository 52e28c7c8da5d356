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
      name: "rig.original", title: "Photograph's own light",
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
}
