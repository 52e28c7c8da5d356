import Shading

/// A switch of a light.
public enum LightSwitch: String, Equatable, Sendable, Codable {
  case power, solo, shadow
}

/// One change of the look; light edits act on the selected light.
public enum LookEdit: Equatable, Sendable {
  /// Move the light by degrees.
  case turnLight(azimuth: Float, elevation: Float)
  /// Move the light to a direction.
  case placeLight(azimuth: Float, elevation: Float)
  /// Give the light all values of this one but the id.
  case replaceLight(Light)
  /// Flip a switch of the light.
  case toggleLight(LightSwitch)
  /// Name the light.
  case renameLight(String)
  /// Add a light on the other side of the selected one, or a key light to an empty rig.
  case addLight
  /// Add a copy of the light.
  case duplicateLight
  /// Remove the light.
  case removeLight
  /// Move the light to the other side.
  case mirrorLight
  /// Swap left and right of the whole rig.
  case mirrorRig
  /// Take over another rig.
  case useRig(LightRig)
  /// Light with another environment map.
  case useEnvironment(String)
  /// Turn the environment off or on.
  case toggleEnvironment
  /// Swap left and right of the environment.
  case flipEnvironment
  /// Move a control by coarse steps; choices go on by one.
  case adjust(ControlID, steps: Float)
  /// Set a number.
  case set(ControlID, Float)
  /// Give a control its default.
  case reset(ControlID)
  /// Give all controls of a panel their defaults.
  case resetPanel(Panel)
  /// Take over a named material.
  case useMaterial(LookLibrary.Preset)
  /// Take over a look read from a file, copied or put aside.
  case useLook(Look, name: String)
}

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

extension LookEdit {
  /// Performs the edit on a copy; nil when it does not apply, as a light edit without a light.
  ///
  /// - Parameters:
  ///   - look: What is edited.
  ///   - selectedLight: The light that light edits act on.
  ///   - environments: What the choice of maps goes through.
  ///   - linked: Lights that follow the selected one, when it is one of them.
  /// - Returns: The look after the edit, its name, and the light to select.
  func outcome(
    on look: Look, selectedLight: Light.ID?, environments: [String],
    linked: Set<Light.ID> = []
  ) -> EditOutcome? {
    var outcome = EditOutcome(look: look, selectedLight: selectedLight, name: "", mergeKey: nil)
    let applied =
      outcome.applyToLight(self) || outcome.applyToRig(self)
      || outcome.applyToControl(self, environments: environments)
    guard applied else { return nil }
    if let selectedLight, linked.contains(selectedLight), movesLight {
      outcome.carry(linked, along: selectedLight, from: look)
    }
    return outcome
  }

  /// Whether the edit changes numbers of the selected light.
  private var movesLight: Bool {
    switch self {
    case .turnLight, .placeLight, .adjust(.light, _), .set(.light, _): true
    default: false
    }
  }
}

extension EditOutcome {
  private var lightIndex: Int? { look.rig.lights.firstIndex { $0.id == selectedLight } }

  // MARK: - The selected light

  /// Performs edits of the selected light's values; false when it is another kind of edit.
  fileprivate mutating func applyToLight(_ edit: LookEdit) -> Bool {
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
    let base = light.name
    var number = 2
    while names.contains(added.name) {
      added.name = "\(base) \(number)"
      number += 1
    }
    look.rig.lights.insert(added, at: index)
    selectedLight = added.id
  }

  /// Gives linked lights the change that the selected one has had.
  fileprivate mutating func carry(
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

  fileprivate mutating func applyToRig(_ edit: LookEdit) -> Bool {
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

  // MARK: - Controls

  fileprivate mutating func applyToControl(_ edit: LookEdit, environments: [String]) -> Bool {
    switch edit {
    case .adjust(let control, let steps):
      return adjust(control, by: steps, environments: environments)
    case .set(let control, let value): return set(control, to: value)
    case .reset(let control): return reset(control)
    case .resetPanel(let panel):
      let controls = panel.controls(of: look)
      guard !controls.isEmpty else { return false }
      for control in controls { _ = reset(control.id) }
      name = "\(panel.title.lowercased()): defaults"
      mergeKey = nil
      return true
    default: return false
    }
  }

  private mutating func adjust(
    _ control: ControlID, by steps: Float, environments: [String]
  ) -> Bool {
    switch control {
    case .toneMap:
      look.toneMap = ToneMap.allCases.neighbour(of: look.toneMap, forward: steps > 0)
      name = "tone map: \(look.toneMap.title)"
      return true
    case .environmentMap:
      let environment = look.rig.environment.name
      guard !environments.isEmpty else { return false }
      return applyToRig(
        .useEnvironment(environments.neighbour(of: environment, forward: steps > 0)))
    case .environmentFlip: return applyToRig(.flipEnvironment)
    case .light, .material, .environment, .picture:
      guard let number = look.number(control, light: selectedLight) else { return false }
      return set(control, to: number.scale.moved(number.value, bySteps: steps))
    }
  }

  private mutating func set(_ control: ControlID, to value: Float) -> Bool {
    look.setNumber(value, for: control, light: selectedLight)
    guard let number = look.number(control, light: selectedLight) else { return false }
    name = "\(label(of: control)) \(number.scale.text(number.value))"
    mergeKey = "\(control) \(selectedLight ?? -1)"
    return true
  }

  private mutating func reset(_ control: ControlID) -> Bool {
    switch control {
    case .toneMap:
      look.toneMap = Look().toneMap
      name = "tone map: \(look.toneMap.title)"
    case .environmentFlip:
      look.rig.environment.isFlipped = false
      name = "environment: not flipped"
    case .environmentMap: return false
    case .light, .material, .environment, .picture:
      guard let number = look.number(control, light: selectedLight) else { return false }
      _ = set(control, to: number.scale.defaultValue)
      mergeKey = nil
    }
    return true
  }

  private func label(of control: ControlID) -> String {
    switch control {
    case .light(let identifier):
      let light = lightIndex.map { look.rig.lights[$0].name } ?? "light"
      let row = Light.parameters.first { $0.identifier == identifier }
      return "\(light): \(row?.label.lowercased() ?? identifier)"
    case .material(let identifier):
      return Material.parameters.first { $0.identifier == identifier }?.label.lowercased()
        ?? identifier
    case .environment(let identifier): return "environment: \(identifier)"
    case .picture(let identifier): return "picture: \(identifier)"
    case .environmentMap: return "environment"
    case .environmentFlip: return "environment flip"
    case .toneMap: return "tone map"
    }
  }
}

extension Array where Element: Equatable {
  /// The element after or before `element`, round and round; the first for an unknown one.
  fileprivate func neighbour(of element: Element, forward: Bool) -> Element {
    guard let index = firstIndex(of: element) else { return self[0] }
    return self[(index + (forward ? 1 : count - 1)) % count]
  }
}
