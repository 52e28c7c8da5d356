import Shading
import Studio
import TestSupport
import Testing

/// Each edit: every field it changes, the words it says, the effects it asks for.
@Suite struct LookEditTests {
  /// Performs an edit on the sample and compares the whole state with the expected changes.
  private func expect(
    _ edit: LookEdit, says name: String, mergeKey: String? = nil,
    loads environment: String? = nil, selects: Light.ID? = 0,
    from start: StudioState = Sample.relit(), changes: (inout Look) -> Void
  ) {
    var actual = start
    let effects = reduce(&actual, .edit(edit))

    var look = start.document.look
    changes(&look)
    var expected = start
    expected.document.history.record(look, name: name, mergeKey: mergeKey)
    expected.interface.selectedLight = selects
    expected.messages.announce(name)
    expected.jobs.preview.generation += 1
    expected.jobs.preview.isPending = true
    #expect(actual == expected)
    #expect(actual.document.look == look)

    let generation = expected.jobs.preview.generation
    let id = expected.messages.current?.id ?? 0
    var expectedEffects: [StudioEffect] = [.after(seconds: 5, .messageExpired(id: id))]
    if let environment { expectedEffects.append(.loadEnvironment(name: environment)) }
    expectedEffects.append(.renderPreview(request(generation, look)))
    expectedEffects.append(.after(seconds: 0.12, .idle(generation: generation)))
    #expect(effects == expectedEffects)
  }

  private func request(_ generation: Int, _ look: Look) -> PreviewRequest {
    let area = StudioLayout(Sample.relit()).picture
    return PreviewRequest(
      generation: generation, view: .relit, comparison: .off, look: look, quality: .draft,
      columns: area.columns, rows: area.rows)
  }

  @Test("turning moves the selected light and names the direction")
  func turn() {
    expect(
      .turnLight(azimuth: 5, elevation: -5), says: "key: azimuth 50°, elevation 40°",
      mergeKey: "move 0"
    ) {
      $0.rig.lights[0].azimuthDegrees = 50
      $0.rig.lights[0].elevationDegrees = 40
    }
  }

  @Test("azimuth goes round behind the subject, elevation ends at the pole")
  func wrap() {
    expect(
      .turnLight(azimuth: 140, elevation: 90), says: "key: azimuth −175°, elevation 90°",
      mergeKey: "move 0"
    ) {
      $0.rig.lights[0].azimuthDegrees = -175
      $0.rig.lights[0].elevationDegrees = 90
    }
  }

  @Test("exposure changes by a third of a stop")
  func exposure() {
    expect(
      .adjust(.light("exposure"), steps: 1), says: "key: exposure +0.3 EV",
      mergeKey: "light(\"exposure\") 0"
    ) { $0.rig.lights[0].exposure = Float(1.0 / 3) / 20 * 20 }
  }

  @Test("a typed value is clamped to what is accepted")
  func clamped() {
    expect(
      .set(.material("roughness"), 9), says: "roughness 1.00",
      mergeKey: "material(\"roughness\") 0"
    ) { $0.material.roughness = 1 }
  }

  @Test("switches of the light flip")
  func switches() {
    expect(.toggleLight(.power), says: "key: muted") { $0.rig.lights[0].isOn = false }
    expect(.toggleLight(.solo), says: "key: solo") { $0.rig.lights[0].isSolo = true }
    expect(.toggleLight(.shadow), says: "key: no shadows") {
      $0.rig.lights[0].castsShadow = false
    }
  }

  @Test("removing selects the neighbour")
  func remove() {
    expect(.removeLight, says: "key: removed", selects: 1) { $0.rig.lights.remove(at: 0) }
  }

  @Test("duplicating gives the copy an id and a name of its own and selects it")
  func duplicate() {
    expect(.duplicateLight, says: "key: duplicated", selects: 3) { look in
      var copy = look.rig.lights[0]
      copy.id = 3
      copy.name = "key 2"
      look.rig.lights.insert(copy, at: 1)
    }
  }

  @Test("an added light stands opposite, weaker")
  func add() {
    expect(.addLight, says: "light: added", selects: 3) { look in
      var light = Light(id: 3, name: "light")
      light.azimuthDegrees = -45
      light.elevationDegrees = 0
      light.exposure = -1.5
      look.rig.lights.append(light)
    }
  }

  @Test("mirroring swaps left and right of one light or all")
  func mirror() {
    expect(.mirrorLight, says: "key: mirrored") { $0.rig.lights[0].azimuthDegrees = -45 }
    expect(.mirrorRig, says: "rig: mirrored") { $0.rig = $0.rig.mirrored }
  }

  @Test("another rig selects its first light")
  func useRig() {
    let rig = Sample.rig("Rembrandt", 2)
    expect(.useRig(rig), says: "rig: Rembrandt") { $0.rig = rig }
  }

  @Test("another environment is loaded")
  func useEnvironment() {
    expect(.useEnvironment("overcast"), says: "environment: overcast", loads: "overcast") {
      $0.rig.environment.name = "overcast"
    }
  }

  @Test("the tone map goes on to the next")
  func toneMap() {
    expect(.adjust(.toneMap, steps: 1), says: "tone map: Khronos neutral") {
      $0.toneMap = .khronosNeutral
    }
  }

  @Test("a panel's reset gives every row its default as one step")
  func resetPanel() {
    expect(.resetPanel(.material), says: "material: defaults") { $0.material = Material() }
  }

  @Test("light edits without a light do nothing")
  func noLight() {
    var state = Sample.relit()
    for _ in 0..<3 { _ = reduce(&state, .edit(.removeLight)) }
    #expect(state.interface.selectedLight == nil)
    let before = state
    for edit in [
      LookEdit.turnLight(azimuth: 5, elevation: 0), .toggleLight(.solo), .mirrorLight,
      .duplicateLight, .removeLight, .renameLight("x"), .adjust(.light("kelvin"), steps: 1),
    ] {
      #expect(reduce(&state, .edit(edit)).isEmpty)
    }
    #expect(state == before)
    _ = reduce(&state, .edit(.addLight))
    #expect(state.selectedLight?.name == "key")
  }

  @Test("undo after any edit restores the look", arguments: 0..<40)
  func undoIsInverse(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var state = Sample.relit()
    for _ in 0..<10 {
      state.document.history.closeStep()
      let before = state.document.look
      _ = reduce(&state, .edit(RandomInput.edit(&random)))
      guard state.document.look != before else { continue }
      let after = state.document.look
      _ = reduce(&state, .undo)
      #expect(state.document.look == before, "seed \(seed)")
      _ = reduce(&state, .redo)
      #expect(state.document.look == after, "seed \(seed)")
    }
  }
}
