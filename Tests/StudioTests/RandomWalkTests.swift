import Shading
import Studio
import TerminalCells
import TestSupport
import Testing

@Suite struct RandomWalkTests {
  /// Eight walks, 100,000 steps in all.
  private static let steps = 12_500

  @Test("walks of random actions keep the invariants", arguments: 0..<8)
  func walk(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var state = Sample.relit()
    for step in 0..<Self.steps {
      let action = RandomInput.action(&random, in: state)
      _ = reduce(&state, action)
      let problem = brokenInvariant(state)
      #expect(problem == nil, "seed \(seed), step \(step), \(action)")
      if problem != nil { return }
      guard step.isMultiple(of: 50) else { continue }
      #expect(state.document.history.entries.count <= 500, "seed \(seed), step \(step)")
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
    if !interface.linkedLights.isSubset(of: lights.map(\.id)) { return "a link to no light" }
    let region = interface.zoom.region
    if min(region.x, region.y) < -1e-5 || max(region.x, region.y) + region.side > 1 + 1e-5 {
      return "zoomed beyond the picture"
    }
    if let meter = interface.meter, !(0...1).contains(meter.x) || !(0...1).contains(meter.y) {
      return "the meter is outside"
    }
    if let tour = interface.tour, tour.isEmpty || !tour.allSatisfy((0..<6).contains) {
      return "steps \(tour) of the tour"
    }
    if interface.turning == nil, interface.overlays.isEmpty, interface.trialLook != nil {
      return "a look tried out by nobody"
    }
    let contexts = interface.overlays.map(\.keymapContext)
    if Set(contexts).count != contexts.count { return "one overlay twice" }
    if case .picker(let picker)? = interface.overlays.last,
      picker.selection >= max(1, state.entries(of: picker).count)
    {
      return "a row of the picker that is not there"
    }
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
