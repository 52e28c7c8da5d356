import Shading
import Studio
import TerminalCells
import Testing

@Suite struct LightGroupTests {
  @Test("the longer an arrow is held, the larger its steps; a pause starts over")
  func heldKey() {
    var state = Sample.relit()
    var turned: [Float] = []
    for _ in 0..<24 {
      let before = state.selectedLight?.azimuthDegrees ?? 0
      press("<Right>", &state)
      let change = (state.selectedLight?.azimuthDegrees ?? 0) - before
      turned.append(change < 0 ? change + 360 : change)
    }
    #expect(turned[0..<7].allSatisfy { $0 == 5 })
    #expect(turned[7] == 10)
    #expect(turned[19] == 20)
    #expect(state.document.history.past.count == 1)
    _ = reduce(&state, .keyRested(count: 3))
    #expect(state.interface.held?.count == 24, "an older pause means nothing")
    _ = reduce(&state, .keyRested(count: 24))
    let before = state.selectedLight?.azimuthDegrees ?? 0
    press("<Left>", &state)
    #expect(before - (state.selectedLight?.azimuthDegrees ?? 0) == 5)
  }

  @Test("fine steps stay fine, however long their key is held")
  func fineKey() {
    var state = Sample.relit()
    let before = state.selectedLight?.azimuthDegrees ?? 0
    for _ in 0..<30 { press("<S-Right>", &state) }
    #expect(state.selectedLight?.azimuthDegrees == before + 30)
  }

  @Test("linked lights move and change together, others stay")
  func link() {
    var state = Sample.relit()
    press("J<Tab>J<S-Tab>", &state)
    #expect(state.interface.linkedLights == [0, 1])
    let before = state.document.look.rig.lights
    press("<Right>]", &state)
    let after = state.document.look.rig.lights
    #expect(after[0].azimuthDegrees == before[0].azimuthDegrees + 5)
    #expect(after[1].azimuthDegrees == before[1].azimuthDegrees + 5)
    #expect(abs(after[1].exposure - before[1].exposure - 1 / 3) < 1e-5)
    #expect(after[2] == before[2])
    press("uu", &state)
    #expect(state.document.look.rig.lights == before)
    press("J<Right>", &state)
    #expect(state.document.look.rig.lights[1] == before[1], "an unlinked light moves alone")
  }

  @Test("links end with the rig they were made in")
  func linkEnds() {
    var state = Sample.relit()
    press("J", &state)
    _ = reduce(&state, .edit(.useRig(Sample.rig("Rembrandt", 2))))
    #expect(state.interface.linkedLights.isEmpty)
  }

  @Test("the panel tells how the two brightest lights in front stand to each other")
  func ratio() {
    let state = Sample.relit()
    let text = render(state, theme: Sample.theme).dump(naming: Sample.roleName)
    #expect(text.contains("Three-point · 2.8:1 · 1.5 stops"))
  }
}
