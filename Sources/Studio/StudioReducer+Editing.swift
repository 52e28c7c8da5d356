import Shading

extension StudioState {
  /// Actions that change the look or the light it is about.
  mutating func handleEditing(_ action: StudioAction) -> [StudioEffect] {
    switch action {
    case .edit(let edit): return perform(edit)
    case .undo: return step(document.history.undo(), "undone", "nothing to undo")
    case .redo: return step(document.history.redo(), "redone", "nothing to redo")
    case .adjustSelectedControl(let steps):
      guard let control = selectedControl else { return [] }
      return perform(.adjust(control.id, steps: steps))
    case .resetSelectedControl:
      guard let control = selectedControl else { return [] }
      return perform(.reset(control.id))
    case .resetFocusedPanel: return perform(.resetPanel(interface.focus))
    case .selectLight(let offset): return selectLight(by: offset)
    case .toggleLink: return toggleLink()
    case .estimateLight:
      guard document.hasPasses, let path = document.path else { return [] }
      return announce("looking for the photograph's own light")
        + [.estimateLight(portrait: path)]
    case .lightEstimated(let portrait, let rig):
      return portrait == document.path ? perform(.useRig(rig)) : []
    case .copyLook:
      interface.copiedLook = document.look
      return say(.success, "copied the look; paste it onto this or another portrait")
    case .pasteLook:
      guard let look = interface.copiedLook else { return say(.warning, "copy a look first") }
      return perform(.useLook(look, name: "pasted"))
    case .takeSnapshot: return takeSnapshot()
    default: return []
    }
  }

  /// Performs an edit on the document's look, as one undoable step or part of one.
  mutating func perform(_ edit: LookEdit) -> [StudioEffect] {
    let before = document.look
    guard
      let outcome = edit.outcome(
        on: before, selectedLight: interface.selectedLight, environments: library.environments,
        linked: interface.linkedLights)
    else { return [] }
    interface.trialLook = nil
    document.history.record(outcome.look, name: outcome.name, mergeKey: outcome.mergeKey)
    interface.selectedLight = outcome.selectedLight
    if edit.replacesLights { interface.linkedLights = [] }
    repairSelection()
    return announce(outcome.name) + effectsOfLookChange(from: before)
  }

  /// What the world has to do when the visible look has become another one.
  mutating func effectsOfLookChange(from before: Look) -> [StudioEffect] {
    let now = visibleLook
    guard now != before else { return [] }
    let environment = now.rig.environment
    let needsMap = environment.isOn && environment.name != before.rig.environment.name
    let loading: [StudioEffect] =
      needsMap ? [.loadEnvironment(name: environment.name)] : []
    guard effectiveView.dependsOnLook else { return loading }
    return loading + requestPreview(.draft)
  }

  private mutating func step(
    _ name: String?, _ verb: String, _ otherwise: String
  ) -> [StudioEffect] {
    guard let name else { return say(.warning, otherwise) }
    interface.trialLook = nil
    repairSelection()
    var effects = announce("\(verb): \(name)")
    // Undo may bring back an environment that is no longer loaded.
    if document.look.rig.environment.isOn {
      effects.append(.loadEnvironment(name: document.look.rig.environment.name))
    }
    if effectiveView.dependsOnLook { effects += requestPreview(.draft) }
    return effects
  }

  private mutating func selectLight(by offset: Int) -> [StudioEffect] {
    let lights = document.look.rig.lights
    guard !lights.isEmpty else { return say(.warning, "the rig has no light") }
    let index = lights.firstIndex { $0.id == interface.selectedLight } ?? 0
    // A modulus that is never negative, so that −1 from the first is the last.
    let next = ((index + offset) % lights.count + lights.count) % lights.count
    interface.selectedLight = lights[next].id
    document.history.closeStep()
    return announce("light: \(lights[next].name)")
      + (effectiveView.dependsOnSelection ? requestPreview(.draft) : [])
  }

  private mutating func toggleLink() -> [StudioEffect] {
    guard let light = selectedLight else { return [] }
    if interface.linkedLights.remove(light.id) != nil {
      return announce("\(light.name): moves alone")
    }
    interface.linkedLights.insert(light.id)
    let others = visibleLook.rig.lights.filter {
      $0.id != light.id && interface.linkedLights.contains($0.id)
    }
    let names = others.map(\.name).joined(separator: ", ")
    return announce(
      others.isEmpty
        ? "\(light.name): link another light to move them together"
        : "\(light.name): moves with \(names)")
  }

  private mutating func takeSnapshot() -> [StudioEffect] {
    var number = document.snapshots.count + 1
    while document.snapshots.contains(where: { $0.name == "look \(number)" }) { number += 1 }
    let snapshot = LookSnapshot(name: "look \(number)", look: document.look)
    document.snapshots.append(snapshot)
    return say(.success, "put aside as \(snapshot.name)")
  }

  /// Keeps the selected light one of the look's; undo, rigs and looks may have replaced it.
  mutating func repairSelection() {
    let lights = document.look.rig.lights
    if !lights.contains(where: { $0.id == interface.selectedLight }) {
      interface.selectedLight = lights.first?.id
    }
    interface.linkedLights.formIntersection(lights.map(\.id))
  }
}

extension LookEdit {
  /// Whether other lights come with the edit, so that links mean nothing any more.
  fileprivate var replacesLights: Bool {
    switch self {
    case .useRig, .useLook: true
    default: false
    }
  }
}
