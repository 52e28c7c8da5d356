import Shading
import Studio
import TerminalCells
import Testing

@Suite struct StudioReducerTests {
  // MARK: - Opening and decomposing

  @Test("opening asks for the portrait and keeps the old one until it is read")
  func open() {
    var state = Sample.relit()
    let before = state
    let effects = reduce(&state, .open(path: "/photos/b.png", framing: "none"))
    let request = OpenRequest(generation: 2, path: "/photos/b.png", framing: "none")
    #expect(effects == [.openPortrait(request)])
    var expected = before
    expected.jobs.openGeneration = 2
    expected.jobs.decomposition = DecompositionJob(request)
    #expect(state == expected)
  }

  @Test("opening another portrait cancels the running decomposition")
  func openAgain() {
    var state = Sample.decomposing()
    let effects = reduce(&state, .open(path: "b.png", framing: "auto"))
    #expect(effects.first == .cancelDecomposition(generation: 1))
  }

  @Test("a portrait that cannot be read leaves the open one alone")
  func openFails() {
    var state = Sample.relit()
    _ = reduce(&state, .open(path: "/photos/none.png", framing: "auto"))
    _ = reduce(&state, .decompositionFailed(generation: 2, message: "there is no such file"))
    #expect(state.document.path == "/photos/anna.jpg")
    #expect(state.document.hasPasses)
    #expect(state.jobs.decomposition == nil)
    #expect(state.messages.current?.level == .error)
  }

  @Test("a photograph read becomes the document and takes the look along")
  func photographOpened() {
    var state = Sample.relit()
    _ = reduce(&state, .edit(.set(.picture("exposure"), 1)))
    let look = state.document.look
    _ = reduce(&state, .open(path: "/photos/b.png", framing: "auto"))
    let photograph = OpenedPhotograph(generation: 2, title: "b.png", width: 640, height: 480)
    let effects = reduce(&state, .photographOpened(photograph))
    #expect(state.document.title == "b.png")
    #expect(!state.document.hasPasses)
    #expect(state.document.look == look)
    #expect(state.document.history.past.isEmpty)
    #expect(state.jobs.preview.shown == nil)
    #expect(effects.previews.map(\.view) == [.photograph])
    #expect(effects.previews.map(\.quality) == [.final])
  }

  @Test("finished passes show the relit view and load the environment")
  func finished() {
    var state = Sample.decomposing()
    let look = Look(rig: Sample.rig("Rembrandt", 2))
    let effects = reduce(&state, .decompositionFinished(generation: 1, look: look))
    #expect(state.document.hasPasses)
    #expect(state.document.look == look)
    #expect(!state.document.isModified)
    #expect(state.jobs.decomposition == nil)
    #expect(effects.contains(.loadEnvironment(name: "softbox-studio")))
    #expect(effects.previews.map(\.view) == [.relit])
  }

  @Test("answers of an older portrait are stale")
  func stale() {
    var state = Sample.relit()
    _ = reduce(&state, .open(path: "b.png", framing: "auto"))
    let before = state
    for action: StudioAction in [
      .photographOpened(OpenedPhotograph(generation: 1, title: "x", width: 9, height: 9)),
      .decompositionProgress(generation: 1, stage: "align", fraction: 0.5, layer: ""),
      .decompositionFinished(generation: 1, look: nil),
      .decompositionFailed(generation: 1, message: "x"),
      .decompositionCancelled(generation: 1),
    ] {
      #expect(reduce(&state, action).isEmpty)
    }
    #expect(state == before)
  }

  @Test("control-c cancels the job first and asks to quit when there is none")
  func cancel() {
    var state = Sample.decomposing()
    let effects = press("<C-c>", &state)
    #expect(effects.withoutTimers == [.cancelDecomposition(generation: 1)])
    #expect(state.jobs.decomposition?.isCancelling == true)
    _ = reduce(&state, .decompositionCancelled(generation: 1))
    #expect(state.jobs.decomposition == nil)
    press("<C-c>", &state)
    #expect(state.interface.overlays == [.confirmQuit])
  }

  @Test("control-c stops the files being written once, then asks to quit")
  func cancelSaving() {
    var state = Sample.relit()
    _ = reduce(&state, .savePicture)
    let path = state.document.defaultPicturePath
    #expect(press("<C-c>", &state).withoutTimers == [.cancelSaving])
    #expect(state.jobs.saving == [path])
    press("<C-c>", &state)
    #expect(state.interface.overlays == [.confirmQuit])
    _ = reduce(&state, .saveCancelled(path: path))
    #expect(state.jobs.saving.isEmpty && !state.jobs.isCancellingSaves)
  }

  @Test("a picture of an earlier session keeps its name")
  func picturePath() {
    var state = Sample.decomposing()
    #expect(state.document.defaultPicturePath == "/photos/anna-relit.png")
    _ = reduce(&state, .open(path: "faces/b.jpeg", framing: "auto"))
    _ = reduce(
      &state,
      .photographOpened(
        OpenedPhotograph(
          generation: state.jobs.openGeneration, title: "b.jpeg", width: 9, height: 9,
          pictureNumber: 3)))
    #expect(state.document.defaultPicturePath == "faces/b-relit-3.png")
  }

  // MARK: - Previews

  @Test("a held key asks for drafts and one final picture after the pause")
  func previews() {
    var state = Sample.relit()
    let start = state.jobs.preview.generation
    let effects = press("<Right><Right><Right>", &state)
    #expect(effects.previews.map(\.generation) == [start + 1, start + 2, start + 3])
    #expect(effects.previews.allSatisfy { $0.quality == .draft })
    #expect(reduce(&state, .idle(generation: start + 1)).isEmpty)
    let refined = reduce(&state, .idle(generation: start + 3))
    #expect(refined.previews.map(\.quality) == [.final])
    #expect(refined.previews.first?.look == state.document.look)
  }

  @Test("a held key is one step back, a key pressed again after a pause another")
  func coalescing() {
    var state = Sample.relit()
    let start = state.document.look
    press("<Right><Right><Right>", &state)
    #expect(state.document.history.past.count == 1)
    _ = reduce(&state, .idle(generation: state.jobs.preview.generation))
    press("<Right>", &state)
    #expect(state.document.history.past.count == 2)
    press("uu", &state)
    #expect(state.document.look == start)
  }

  @Test("pictures come forward only: newer, or better of the same edit")
  func acceptance() {
    var state = Sample.relit()
    press("<Right><Right><Right>", &state)
    let newest = state.jobs.preview.generation
    func offer(_ generation: Int, _ quality: PreviewQuality, _ image: Int) {
      _ = reduce(
        &state,
        .previewReady(
          PreviewPicture(
            generation: generation, image: ImageIdentifier(image), width: 10, height: 10,
            quality: quality, milliseconds: 1)))
    }
    offer(newest - 1, .draft, 100)
    #expect(state.jobs.preview.shown?.image == ImageIdentifier(100))
    offer(newest - 2, .draft, 101)
    #expect(state.jobs.preview.shown?.image == ImageIdentifier(100))
    offer(newest, .final, 102)
    #expect(!state.jobs.preview.isPending)
    offer(newest, .draft, 103)
    #expect(state.jobs.preview.shown?.image == ImageIdentifier(102))
    offer(newest + 1, .final, 104)
    #expect(state.jobs.preview.shown?.image == ImageIdentifier(102))
  }

  @Test("a picture of another view is never shown after switching")
  func viewSwitch() {
    var state = Sample.relit()
    press("<Right>", &state)
    let old = state.jobs.preview.generation
    let effects = press("3", &state)
    #expect(effects.previews.map(\.view) == [.albedo])
    let shown = state.jobs.preview.shown
    let late = PreviewPicture(
      generation: old, image: ImageIdentifier(50), width: 9, height: 9, quality: .final,
      milliseconds: 1)
    _ = reduce(&state, .previewReady(late))
    #expect(state.jobs.preview.shown == shown)
  }

  @Test("edits that the view does not show ask for no picture")
  func hiddenEdit() {
    var state = Sample.relit()
    press("3", &state)
    #expect(press("]", &state).previews.isEmpty)
  }

  @Test("a resize asks for a picture of the new size")
  func resize() {
    var state = Sample.relit()
    let effects = reduce(&state, .resized(TerminalSize(columns: 90, rows: 30)))
    #expect(effects.previews.count == 1)
    #expect(effects.previews.first?.columns == StudioLayout(state).picture.columns)
  }

  // MARK: - Saving and quitting

  @Test("w writes the picture beside the portrait and unmarks it when it is on disk")
  func save() {
    var state = Sample.relit()
    press("]", &state)
    #expect(state.document.isModified)
    let look = state.document.look
    let effects = press("w", &state)
    #expect(
      effects.withoutTimers == [
        .save(SaveRequest(path: "/photos/anna-relit.png", content: .picture(look)))
      ])
    #expect(state.jobs.saving == ["/photos/anna-relit.png"])
    #expect(press("w", &state).withoutTimers.isEmpty)
    _ = reduce(&state, .saved(path: "/photos/anna-relit.png", look: look))
    #expect(state.jobs.saving.isEmpty)
    #expect(!state.document.isModified)
    #expect(state.messages.current?.level == .success)
    // What this session wrote it writes again without asking.
    #expect(
      press("w", &state).withoutTimers == [
        .save(
          SaveRequest(
            path: "/photos/anna-relit.png", content: .picture(look), replaces: true))
      ])
  }

  @Test("what was saved is the portrait's that it was asked for, whichever is on show by then")
  func saveOfAnother() {
    var state = Sample.relit()
    press("]", &state)
    let look = state.document.look
    press("w", &state)
    Sample.open("/photos/ben.png", &state)
    press("]", &state)
    _ = reduce(&state, .saved(path: "/photos/anna-relit.png", look: look))
    #expect(state.document.isModified)
    #expect(state.others.map(\.isModified) == [false])
  }

  @Test("a portrait is read again with the framing it had")
  func reopen() {
    var state = Sample.decomposing()
    _ = reduce(&state, .decompositionCancelled(generation: 1))
    #expect(
      press("<Space>a", &state) == [
        .openPortrait(OpenRequest(generation: 2, path: "/photos/anna.jpg", framing: "auto"))
      ])
    var empty = Sample.empty()
    press("<Space>a", &empty)
    #expect(empty.messages.current?.text == "Read portrait again: open a portrait first")
  }

  @Test("edits made while a file is written stay unsaved")
  func saveRace() {
    var state = Sample.relit()
    press("]", &state)
    let saved = state.document.look
    press("w]", &state)
    _ = reduce(&state, .saved(path: "/photos/anna-relit.png", look: saved))
    #expect(state.document.isModified)
  }

  @Test("a failed save says why and keeps the edits unsaved")
  func saveFails() {
    var state = Sample.relit()
    press("]w", &state)
    _ = reduce(&state, .saveFailed(path: "/photos/anna-relit.png", message: "disk full"))
    #expect(state.document.isModified)
    #expect(state.jobs.saving.isEmpty)
    #expect(state.messages.current?.text == "disk full")
  }

  @Test("q quits at once when nothing is lost, and asks otherwise")
  func quit() {
    var state = Sample.relit()
    #expect(press("q", &state) == [.quit])
    press("]", &state)
    #expect(press("q", &state).isEmpty)
    #expect(state.interface.overlays == [.confirmQuit])
    press("n", &state)
    #expect(state.interface.overlays.isEmpty)
    press("q", &state)
    #expect(press("y", &state) == [.quit])
  }

  @Test("save and quit leaves when the file is on disk, and stays when it is not")
  func saveAndQuit() {
    var state = Sample.relit()
    press("]q", &state)
    let effects = press("w", &state)
    #expect(effects.withoutTimers.count == 1)
    var failing = state
    _ = reduce(&failing, .saveFailed(path: "/photos/anna-relit.png", message: "disk full"))
    #expect(!failing.interface.quitsAfterSaving)
    let look = state.document.look
    #expect(reduce(&state, .saved(path: "/photos/anna-relit.png", look: look)) == [.quit])
  }

  @Test("suspending and coming back redraws and renders")
  func suspend() {
    var state = Sample.relit()
    #expect(press("<C-z>", &state) == [.suspend])
    let effects = reduce(&state, .resumed)
    #expect(effects.first == .redraw)
    #expect(effects.previews.map(\.quality) == [.final])
    #expect(press("<C-l>", &state) == [.redraw])
  }

  // MARK: - Focus, lists, views

  @Test("f goes through the panels, g and a letter to one, escape back to the portrait")
  func focus() {
    var state = Sample.relit()
    press("f", &state)
    #expect(state.interface.focus == .views)
    press("gm", &state)
    #expect(state.interface.focus == .material)
    press("<Esc>", &state)
    #expect(state.interface.focus == .viewport)
    press("b", &state)
    #expect(state.interface.focus == .picture)
  }

  @Test("tab goes round the lights")
  func nextLight() {
    var state = Sample.relit()
    press("<Tab>", &state)
    #expect(state.selectedLight?.name == "fill")
    press("<Tab><Tab>", &state)
    #expect(state.selectedLight?.name == "key")
    press("<S-Tab>", &state)
    #expect(state.selectedLight?.name == "rim")
  }

  @Test("arrows in the material panel choose and change a slider")
  func sliders() {
    var state = Sample.relit()
    press("gm<Down><Right>", &state)
    #expect(abs(state.document.look.material.specular - 1.05) < 1e-5)
    press("<S-Left>", &state)
    #expect(abs(state.document.look.material.specular - 1.04) < 1e-5)
    press("<BS>", &state)
    #expect(state.document.look.material.specular == 1)
    press("R", &state)
    #expect(state.document.look.material == Material())
  }

  @Test("a goes through wipe and side by side")
  func compare() {
    var state = Sample.relit()
    let effects = press("a", &state)
    #expect(state.interface.comparison == .wipe(edge: 0.5))
    #expect(effects.previews.map(\.comparison) == [.wipe(edge: 0.5)])
    press(")", &state)
    #expect(state.interface.comparison == .wipe(edge: 0.55))
    press("a", &state)
    #expect(state.interface.comparison == .sideBySide)
    press("a", &state)
    #expect(state.interface.comparison == .off)
  }

  @Test("views of passes wait for the passes")
  func earlyView() {
    var state = Sample.decomposing()
    press("3", &state)
    #expect(state.messages.current?.level == .warning)
    #expect(state.effectiveView == .photograph)
  }

  @Test("an unbound key says so, an unfinished sequence is shown and left by escape")
  func unbound() {
    var state = Sample.relit()
    press("Q", &state)
    #expect(state.messages.current?.text.hasPrefix("Q is not bound") == true)
    press("g", &state)
    #expect(state.interface.pendingKeys == [Key("g")])
    press("<Esc>", &state)
    #expect(state.interface.pendingKeys.isEmpty)
    #expect(state.interface.focus == .viewport)
  }

  @Test("notes expire by their own timer only")
  func expiry() {
    var state = Sample.relit()
    _ = reduce(&state, .report(.note, "one"))
    let first = state.messages.current?.id ?? 0
    _ = reduce(&state, .report(.note, "two"))
    _ = reduce(&state, .messageExpired(id: first))
    #expect(state.messages.current?.text == "two")
    #expect(reduce(&state, .report(.error, "three")).isEmpty)
    #expect(state.messages.record.map(\.text).suffix(3) == ["one", "two", "three"])
  }
}
