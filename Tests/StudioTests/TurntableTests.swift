import Shading
import Studio
import TerminalCells
import Testing

@Suite struct TurntableTests {
  @Test("a round of the light comes back to where it began")
  func round() {
    let look = Look(rig: Sample.rig("Three-point", 3))
    let turntable = Turntable(light: 1, frames: 24)
    #expect(turntable.look(look, at: 0) == look)
    #expect(turntable.look(look, at: 24) == look)
    let turned = turntable.look(look, at: 6)
    #expect(turned.rig.lights[1].azimuthDegrees == look.rig.lights[1].azimuthDegrees + 90)
    #expect(turned.rig.lights[0] == look.rig.lights[0])
    #expect(Turntable(light: 9).look(look, at: 3) == look)
  }

  @Test("the light goes around on show, and back into its place without a step of history")
  func show() {
    var state = Sample.relit()
    let look = state.document.look
    let effects = press("O", &state)
    #expect(effects.contains(.after(seconds: Turntable.secondsPerFrame, .turntableTick)))
    let ticked = reduce(&state, .turntableTick)
    #expect(
      ticked.previews.last?.look.rig.lights[0].azimuthDegrees
        == look.rig.lights[0].azimuthDegrees + 10)
    #expect(state.document.look == look)
    press("<Esc>", &state)
    #expect(state.visibleLook == look)
    #expect(reduce(&state, .turntableTick).isEmpty)
    #expect(!state.document.history.canUndo)
  }

  @Test("edits reach the document while the light goes around")
  func editing() {
    var state = Sample.relit()
    press("O", &state)
    _ = reduce(&state, .turntableTick)
    press("}", &state)
    #expect(state.document.look.exposure > 0)
    _ = reduce(&state, .turntableTick)
    #expect(state.visibleLook.exposure == state.document.look.exposure)
    for _ in 0..<3 { _ = reduce(&state, .edit(.removeLight)) }
    _ = reduce(&state, .turntableTick)
    #expect(state.interface.turning == nil)
  }

  @Test("a round is saved as an animation or on a sheet")
  func save() {
    var state = Sample.relit()
    let (look, turntable) = (state.document.look, Turntable(light: 0))
    #expect(
      press("<Space>o<Enter>", &state).withoutTimers == [
        .save(
          SaveRequest(
            path: "/photos/anna-turntable.png", content: .turntable(look, turntable)))
      ])
    _ = reduce(&state, .saveProgress(path: "/photos/anna-turntable.png", fraction: 0.5))
    press("T", &state)
    let text = render(state, theme: Sample.theme).dump(naming: Sample.roleName)
    #expect(text.contains("50 %"))
    press("<Esc>", &state)
    #expect(
      press("<Space>s<Enter>", &state).withoutTimers == [
        .save(
          SaveRequest(path: "/photos/anna-sheet.png", content: .contactSheet(look, turntable)))
      ])
  }
}

@Suite struct TourTests {
  @Test("each of six steps waits until it is done")
  func steps() {
    var state = Sample.relit()
    press("<Space>?", &state)
    for (index, keys) in ["<Left>", "]", "p<Esc>", "a", "u", "w"].enumerated() {
      #expect(state.interface.tour == Array(index..<6))
      press(keys, &state)
    }
    #expect(state.interface.tour == nil)
  }

  @Test("steps that were done before their turn are not asked for")
  func anyOrder() {
    var state = Sample.relit()
    press("<Space>?p<Esc>]", &state)
    #expect(state.interface.tour == [0, 3, 4, 5])
    press("<Left>", &state)
    #expect(state.interface.tour == [3, 4, 5])
  }

  @Test("escape ends the tour")
  func end() {
    var state = Sample.relit()
    press("<Space>?<Esc>", &state)
    #expect(state.interface.tour == nil)
  }
}
