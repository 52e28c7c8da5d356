import Shading
import Studio
import TerminalCells
import Testing

@Suite struct PortraitTabTests {
  /// Opens a portrait and delivers its passes.
  private func open(_ path: String, _ state: inout StudioState) {
    Sample.open(path, &state)
    Sample.answerPreview(&state)
  }

  private func three() -> StudioState {
    var state = Sample.relit()
    open("/photos/ben.png", &state)
    open("/photos/carl.png", &state)
    return state
  }

  @Test("portraits stay open, go round in both directions, and keep their looks and histories")
  func round() {
    var state = three()
    #expect(state.others.map(\.title) == ["anna.jpg", "ben.png"])
    press("]", &state)
    let look = state.document.look
    #expect(press("N", &state).contains(.showPortrait(generation: 1)))
    #expect(state.document.title == "anna.jpg")
    #expect(state.document.look != look)
    #expect(state.jobs.preview.shown == nil)
    #expect(reduce(&state, .portraitShown(generation: 1)).previews.count == 1)
    #expect(reduce(&state, .portraitShown(generation: 2)).isEmpty, "stale")
    press("N", &state)
    #expect(state.document.title == "ben.png")
    press("BB", &state)
    #expect(state.document.title == "carl.png")
    #expect(state.document.look == look)
    #expect(state.document.history.canUndo)
  }

  @Test("a look is copied from one open portrait to another")
  func paste() {
    var state = three()
    press("]yNY", &state)
    #expect(state.document.title == "anna.jpg")
    #expect(state.document.look == state.others.last?.look)
  }

  @Test("a portrait is closed once it is saved, and the last one stays")
  func close() {
    var state = three()
    press("]X", &state)
    #expect(state.document.title == "carl.png")
    #expect(state.messages.current?.level == .warning)
    press("u", &state)
    #expect(press("X", &state).contains(.closePortrait(generation: 3)))
    #expect(state.document.title == "anna.jpg")
    press("X", &state)
    #expect(state.document.title == "ben.png")
    press("X", &state)
    #expect(state.messages.current?.text == "Close portrait: no other portrait is open")
  }

  @Test("nothing is switched while passes are made or a file is written")
  func busy() {
    var state = three()
    press("wN", &state)
    #expect(state.messages.current?.text == "Next portrait: a file is still being written")
    _ = reduce(
      &state, .saved(path: state.document.defaultPicturePath, look: state.document.look))
    _ = reduce(&state, .open(path: "/photos/dora.png", framing: "auto"))
    press("N", &state)
    #expect(state.messages.current?.text == "Next portrait: the passes are still being made")
    #expect(state.document.title == "carl.png")
  }

  @Test("opening a portrait again replaces it")
  func again() {
    var state = three()
    open("/photos/carl.png", &state)
    #expect(state.others.map(\.title) == ["anna.jpg", "ben.png"])
  }

  @Test("leaving asks for the sake of any portrait's changes and forgets what was kept of all")
  func quit() {
    var state = three()
    press("]", &state)
    let kept = press("N", &state)
    #expect(kept.contains(.keepRecovery(portrait: "/photos/carl.png", look: state.others[1].look)))
    press("q", &state)
    #expect(state.interface.overlays.last == .confirmQuit)
    #expect(press("y", &state) == [.discardRecovery(portrait: "/photos/carl.png"), .quit])
  }
}
