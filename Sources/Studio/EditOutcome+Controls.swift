import Shading

extension EditOutcome {
  /// Performs edits of sliders, choices and switches; false when it is another kind of edit.
  mutating func applyToControl(_ edit: LookEdit, environments: [String]) -> Bool {
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
