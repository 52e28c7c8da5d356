extension StudioState {
  /// Actions about several open portraits.
  mutating func handlePortraits(_ action: StudioAction) -> [StudioEffect] {
    switch action {
    case .switchPortrait(let offset):
      return switchPortrait(to: offset > 0 ? 0 : others.count - 1)
    case .closePortrait: return closePortrait()
    case .portraitShown(let generation):
      guard generation == document.generation else { return [] }
      return requestPreview(.final, dropsOlder: true)
    default: return []
    }
  }

  /// Why no other portrait can be shown now; nil when one can.
  var reasonAgainstSwitching: String? {
    if others.isEmpty { return "no other portrait is open" }
    if jobs.decomposition != nil { return "the passes are still being made" }
    return jobs.saving.isEmpty ? nil : "a file is still being written"
  }

  /// Puts the portrait on show behind the others when another one is opened; the same one again, and
  /// one without passes, gives way.
  mutating func setAside(for path: String) -> [StudioEffect] {
    guard document.path != nil, document.hasPasses else { return [] }
    if document.path == path { return [.closePortrait(generation: document.generation)] }
    others.append(document)
    return []
  }

  /// Shows one of the other portraits.
  mutating func switchPortrait(to index: Int) -> [StudioEffect] {
    if let reason = reasonAgainstSwitching { return say(.warning, reason) }
    return show(other: index, keeping: document)
  }

  private mutating func closePortrait() -> [StudioEffect] {
    if let reason = reasonAgainstSwitching { return say(.warning, reason) }
    guard !document.isModified else {
      return say(.warning, "\(document.title) has changes that are not saved; save or undo them")
    }
    let generation = document.generation
    let closed = document.title
    return show(other: 0, keeping: nil) + [.closePortrait(generation: generation)]
      + announce("closed \(closed)")
  }

  private mutating func show(other index: Int, keeping old: PortraitDocument?) -> [StudioEffect] {
    let effects = keepForRecovery()
    let next = others.remove(at: index)
    if old != nil {
      // The order goes round: what is left behind comes last, or first on the way back.
      document.history.closeStep()
      others.insert(document, at: index == 0 ? others.count : 0)
    }
    document = next
    interface.turning = nil
    interface.trialLook = nil
    interface.reference = nil
    interface.zoom = Zoom()
    interface.linkedLights = []
    repairSelection()
    jobs.preview.shown = nil
    return effects + announce(next.title) + [.showPortrait(generation: next.generation)]
  }
}
