import Shading
import Studio
import TerminalCells
import TestSupport
import Testing

@Suite struct RandomWalkTests {
  @Test("a walk of 2,000 random actions keeps the invariants", arguments: 0..<8)
  func walk(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var state = Sample.relit()
    for step in 0..<2_000 {
      let action = RandomInput.action(&random, in: state)
      _ = reduce(&state, action)
      let problem = brokenInvariant(state)
      #expect(problem == nil, "seed \(seed), step \(step), \(action)")
      if problem != nil { return }
      guard step.isMultiple(of: 40) else { continue }
      let frame = render(state, theme: Sample.theme)
      for slot in frame.images {
        #expect(
          slot.rect.endRow < state.size.rows,
          "seed \(seed), step \(step): the picture reaches the last row")
      }
    }
  }

  /// The first invariant that does not hold, in words.
  private func brokenInvariant(_ state: StudioState) -> String? {
    let lights = state.document.look.rig.lights
    let interface = state.interface
    if lights.isEmpty != (interface.selectedLight == nil) { return "selection without light" }
    if let id = interface.selectedLight, !lights.contains(where: { $0.id == id }) {
      return "selected light does not exist"
    }
    if Set(lights.map(\.id)).count != lights.count { return "two lights with one id" }
    if let parameter = parameterOutOfRange(state.document.look) { return parameter }
    if case .wipe(let edge) = interface.comparison, !(0...1).contains(edge) { return "wipe edge" }
    let contexts = interface.overlays.map(\.keymapContext)
    if Set(contexts).count != contexts.count { return "one overlay twice" }
    if let job = state.jobs.decomposition, !(0...1).contains(job.fraction) { return "fraction" }
    if let shown = state.jobs.preview.shown, shown.generation > state.jobs.preview.generation {
      return "a picture from the future"
    }
    for (panel, row) in interface.selectedRow {
      if row < 0 || row >= max(1, panel.controls(of: state.document.look).count) {
        return "selected row of \(panel)"
      }
    }
    return nil
  }

  private func parameterOutOfRange(_ look: Look) -> String? {
    func check<Root>(_ rows: [ParameterRow<Root>], _ root: Root) -> String? {
      rows.first { !$0.range.contains(root[keyPath: $0.keyPath]) }?.identifier
    }
    for light in look.rig.lights {
      if let name = check(Light.parameters, light) { return name }
    }
    return check(Material.parameters, look.material)
      ?? check(EnvironmentSettings.parameters, look.rig.environment) ?? check(Look.parameters, look)
  }
}
