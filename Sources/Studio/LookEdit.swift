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
