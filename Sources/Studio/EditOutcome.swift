import Shading

/// What an edit did.
struct EditOutcome {
  /// The look after it.
  var look: Look
  /// The light to select after it.
  var selectedLight: Light.ID?
  /// What it did, in words.
  var name: String
  /// Joins edits of one gesture into one step; nil stands alone.
  var mergeKey: String?
}

extension EditOutcome {
  var lightIndex: Int? { look.rig.lights.firstIndex { $0.id == selectedLight } }

  // MARK: - The selected light

  /// Performs edits of the selected light's values; false when it is another kind of edit.
  mutating func applyToLight(_ edit: LookEdit) -> Bool {
    guard let index = lightIndex else { return false }
    let light = look.rig.lights[index]
    switch edit {
    case .turnLight(let azimuth, let elevation):
      move(light, to: (light.azimuthDegrees + azimuth, light.elevationDegrees + elevation))
    case .placeLight(let azimuth, let elevation):
      move(light, to: (azimuth, elevation))
    case .replaceLight(let values):
      look.rig.lights[index] = values
      look.rig.lights[index].id = light.id
      for row in Light.parameters {
        let control = ControlID.light(row.identifier)
        look.setNumber(values[keyPath: row.keyPath], for: control, light: light.id)
      }
      name = "\(values.name): typed values"
    case .toggleLight(let lightSwitch): toggle(lightSwitch, at: index)
    case .renameLight(let newName):
      look.rig.lights[index].name = newName
      name = "\(light.name) is now \(newName)"
    case .mirrorLight:
      look.rig.lights[index].azimuthDegrees.negate()
      look.rig.lights[index].rollDegrees.negate()
      name = "\(light.name): mirrored"
    case .duplicateLight:
      add(light, at: index + 1)
      name = "\(light.name): duplicated"
    case .removeLight:
      look.rig.lights.remove(at: index)
      let neighbour = min(index, look.rig.lights.count - 1)
      selectedLight = neighbour < 0 ? nil : look.rig.lights[neighbour].id
      name = "\(light.name): removed"
    default: return false
    }
    return true
  }

  private mutating func move(_ light: Light, to direction: (azimuth: Float, elevation: Float)) {
    look.setNumber(direction.azimuth, for: .light("azimuth"), light: light.id)
    look.setNumber(direction.elevation, for: .light("elevation"), light: light.id)
    guard let index = lightIndex else { return }
    let moved = look.rig.lights[index]
    name =
      "\(light.name): azimuth \(moved.azimuthDegrees.text(digits: 0))°,"
      + " elevation \(moved.elevationDegrees.text(digits: 0))°"
    mergeKey = "move \(light.id)"
  }

  private mutating func toggle(_ lightSwitch: LightSwitch, at index: Int) {
    let lightName = look.rig.lights[index].name
    switch lightSwitch {
    case .power:
      look.rig.lights[index].isOn.toggle()
      name = "\(lightName): \(look.rig.lights[index].isOn ? "on" : "muted")"
    case .solo:
      look.rig.lights[index].isSolo.toggle()
      name = "\(lightName): \(look.rig.lights[index].isSolo ? "solo" : "no longer solo")"
    case .shadow:
      look.rig.lights[index].castsShadow.toggle()
      name =
        "\(lightName): \(look.rig.lights[index].castsShadow ? "casts shadows" : "no shadows")"
    }
  }

  private mutating func add(_ light: Light, at index: Int) {
    var added = light
    added.id = look.rig.unusedLightIdentifier
    let names = Set(look.rig.lights.map(\.name))
    // "fill", then "fill 2", "fill 3": names tell the rows of the panel apart.
    let words = light.name.split(separator: " ")
    let isNumbered = words.count > 1 && words.last.flatMap { Int($0) } != nil
    let base = isNumbered ? words.dropLast().joined(separator: " ") : light.name
    var number = 2
    while names.contains(added.name) {
      added.name = "\(base) \(number)"
      number += 1
    }
    look.rig.lights.insert(added, at: index)
    selectedLight = added.id
  }

  /// Gives linked lights the change that the selected one has had.
  mutating func carry(
    _ linked: Set<Light.ID>, along selected: Light.ID, from before: Look
  ) {
    for row in Light.parameters {
      let control = ControlID.light(row.identifier)
      guard let old = before.number(control, light: selected)?.value,
        let new = look.number(control, light: selected)?.value, old != new
      else { continue }
      for light in linked where light != selected {
        guard let own = look.number(control, light: light)?.value else { continue }
        look.setNumber(own + (new - old), for: control, light: light)
      }
    }
  }

  // MARK: - The rig

  mutating func applyToRig(_ edit: LookEdit) -> Bool {
    switch edit {
    case .addLight: addLight()
    case .mirrorRig:
      look.rig = look.rig.mirrored
      name = "rig: mirrored"
    case .useRig(let rig):
      look.rig = rig
      selectedLight = rig.lights.first?.id
      name = "rig: \(rig.name)"
    case .useEnvironment(let environment):
      look.rig.environment.name = environment
      look.rig.environment.isOn = true
      name = "environment: \(environment)"
    case .toggleEnvironment:
      look.rig.environment.isOn.toggle()
      name = "environment: \(look.rig.environment.isOn ? "on" : "off")"
    case .flipEnvironment:
      look.rig.environment.isFlipped.toggle()
      name = "environment: \(look.rig.environment.isFlipped ? "flipped" : "not flipped")"
    case .useMaterial(let preset):
      look.material = preset.material
      name = "material: \(preset.name)"
    case .useLook(let newLook, let source):
      look = newLook
      selectedLight = newLook.rig.lights.first?.id
      name = "look: \(source)"
    default: return false
    }
    return true
  }

  private mutating func addLight() {
    guard let index = lightIndex else {
      add(Light(name: "key"), at: look.rig.lights.count)
      name = "key: added"
      return
    }
    // A second light is mostly a fill: from the other side, level and a stop and a half weaker.
    var light = Light(name: look.rig.lights.count == 1 ? "fill" : "light")
    let selected = look.rig.lights[index]
    light.azimuthDegrees = -selected.azimuthDegrees
    light.elevationDegrees = 0
    light.exposure = max(-10, selected.exposure - 1.5)
    light.kelvin = selected.kelvin
    add(light, at: look.rig.lights.count)
    name = "\(look.rig.lights.last?.name ?? light.name): added"
  }
}
