import Shading
import Studio
import TerminalCells
import Testing

@Suite struct WorkTests {
  // MARK: - Looks

  @Test("a look is put aside, tried out, taken and removed")
  func snapshots() {
    var state = Sample.relit()
    let first = state.document.look
    press("S]S", &state)
    #expect(state.document.snapshots.map(\.name) == ["look 1", "look 2"])
    press("lk", &state)
    #expect(state.visibleLook == first)
    #expect(state.document.look != first)
    press("<Enter>", &state)
    #expect(state.document.look == first)
    #expect(state.document.history.undoName == "look: look 1")
    press("lx", &state)
    #expect(state.document.snapshots.map(\.name) == ["look 2"])
    press("x", &state)
    #expect(state.document.snapshots.isEmpty)
    press("x", &state)
    #expect(state.messages.current?.text.contains("select one among the looks") == true)
  }

  @Test("a look put aside takes the photograph's place in the comparison until that ends")
  func reference() {
    var state = Sample.relit()
    let look = state.document.look
    press("S]l", &state)
    let effects = press("kc", &state)
    #expect(state.interface.reference?.look == look)
    #expect(state.interface.comparison == .wipe(edge: 0.5))
    #expect(effects.previews.last?.reference == look)
    press("aa", &state)
    #expect(state.interface.comparison == .off)
    #expect(state.interface.reference == nil)
  }

  @Test("a copied look is pasted onto another portrait as one step")
  func copyAndPaste() {
    var state = Sample.relit()
    press("]y", &state)
    let look = state.document.look
    Sample.open("/photos/b.png", look: Look(), &state)
    press("Y", &state)
    #expect(state.document.look == look)
    press("u", &state)
    #expect(state.document.look == Look())
  }

  @Test("the history shows every step and goes to any of them")
  func history() {
    var state = Sample.relit()
    let start = state.document.look
    press("]", &state)
    let bright = state.document.look
    press("u", &state)
    press(",", &state)
    let warm = state.document.look
    press("U", &state)
    guard case .picker(let picker)? = state.interface.overlays.last else {
      Issue.record("no picker")
      return
    }
    #expect(picker.kind == .step)
    #expect(picker.selection == 2)
    press("k", &state)
    #expect(state.visibleLook == bright)
    press("<Esc>", &state)
    #expect(state.visibleLook == warm)
    press("U<Home><Enter>", &state)
    #expect(state.document.look == start)
    press("Uj<Enter>", &state)
    #expect(state.document.look == bright)
  }

  @Test("a material is tried out while it is picked, and one undo takes it back")
  func material() {
    var state = Sample.relit()
    let before = state.document.look
    let effects = press("M<Home>", &state)
    #expect(state.visibleLook.material == Sample.library.materials[0].material)
    #expect(effects.previews.last?.look.material == Sample.library.materials[0].material)
    press("<Esc>", &state)
    #expect(state.visibleLook == before)
    press("M<End><Enter>", &state)
    #expect(state.document.look.material == Sample.library.materials[2].material)
    press("u", &state)
    #expect(state.document.look == before)
  }

  @Test("materials and rigs are kept under names that files can have")
  func keep() {
    var state = Sample.relit()
    let look = state.document.look
    let material = press("<Space>mMy<Space>Skin!<Enter>", &state)
    #expect(
      material.withoutTimers == [
        .save(SaveRequest(path: "my-skin", content: .material(look.material)))
      ])
    let rig = press("<Space>r<Enter>", &state)
    #expect(
      rig.withoutTimers == [.save(SaveRequest(path: "three-point", content: .rig(look.rig)))])
    press("<Space>m<C-u>!!<Enter>", &state)
    guard case .prompt(let prompt)? = state.interface.overlays.last else {
      Issue.record("the prompt is gone")
      return
    }
    #expect(prompt.problem != nil)
  }

  @Test("themes are tried out while they are picked")
  func theme() {
    var state = Sample.relit()
    press("<Space>t<End>", &state)
    #expect(state.visibleTheme.name == "light")
    press("<Esc>", &state)
    #expect(state.visibleTheme.name == "monochrome")
    press("<Space>t<Home><Enter>", &state)
    #expect(state.theme.name == "dark")
    #expect(state.interface.trialTheme == nil)
  }

  // MARK: - Files

  @Test("a file that is there is only replaced when asked for")
  func replace() {
    var state = Sample.relit()
    let request = SaveRequest(
      path: "/photos/other.png", content: .picture(state.document.look))
    press("W<C-u>/photos/other.png", &state)
    #expect(press("<Enter>", &state).withoutTimers == [.save(request)])
    _ = reduce(&state, .saveWouldReplace(request))
    #expect(state.jobs.saving.isEmpty)
    press("n", &state)
    #expect(state.interface.overlays.isEmpty)
    _ = reduce(&state, .saveWouldReplace(request))
    var replacing = request
    replacing.replaces = true
    #expect(press("y", &state).withoutTimers == [.save(replacing)])
  }

  @Test("unsaved edits are kept for recovery once they pause, and forgotten when saved or left")
  func recovery() {
    var state = Sample.relit()
    press("]", &state)
    let look = state.document.look
    let idle = reduce(&state, .idle(generation: state.jobs.preview.generation))
    #expect(idle.contains(.keepRecovery(portrait: "/photos/anna.jpg", look: look)))
    let again = reduce(&state, .idle(generation: state.jobs.preview.generation))
    #expect(!again.contains(.keepRecovery(portrait: "/photos/anna.jpg", look: look)))
    var left = state
    #expect(
      reduce(&left, .quit) == [.discardRecovery(portrait: "/photos/anna.jpg"), .quit])
    press("w", &state)
    let saved = reduce(&state, .saved(path: state.document.defaultPicturePath, look: look))
    #expect(saved.contains(.discardRecovery(portrait: "/photos/anna.jpg")))
    #expect(reduce(&state, .quit) == [.quit])
  }

  @Test("the look of a session that broke off is offered and taken as one step")
  func recovered() {
    var state = Sample.relit()
    let before = state.document.look
    let look = Look(rig: Sample.rig("Rembrandt", 2))
    _ = reduce(&state, .recoveryFound(generation: 99, look: look))
    #expect(state.interface.overlays.isEmpty, "stale")
    _ = reduce(&state, .recoveryFound(generation: state.jobs.openGeneration, look: look))
    press("y", &state)
    #expect(state.document.look == look)
    press("u", &state)
    #expect(state.document.look == before)
    _ = reduce(&state, .recoveryFound(generation: state.jobs.openGeneration, look: look))
    #expect(press("n", &state) == [.discardRecovery(portrait: "/photos/anna.jpg")])
    #expect(state.document.look == before)
  }

  @Test("the open dialog filters, enters folders, previews and opens")
  func openDialog() {
    var state = Sample.relit()
    #expect(press("o", &state) == [.listFolder(path: "/photos/")])
    let listed = reduce(&state, .folderListed(Sample.listing))
    let area = StudioLayout(state).picture
    func preview(_ path: String) -> StudioEffect {
      .previewFile(path: path, columns: area.columns, rows: area.rows)
    }
    #expect(listed.first == preview("/photos/anna.jpg"))
    #expect(press("<Down>", &state).isEmpty, "the way up has no picture")
    #expect(press("<Enter>", &state) == [.listFolder(path: "/")])
    #expect(press("<Enter>", &state).isEmpty, "nothing is listed yet")
    _ = reduce(&state, .folderListed(Sample.listing))
    #expect(press("ben", &state).contains(preview("/photos/ben.png")))
    let opened = press("<Enter>", &state)
    #expect(
      opened == [
        .openPortrait(OpenRequest(generation: 2, path: "/photos/ben.png", framing: "auto"))
      ])
    #expect(state.interface.overlays.isEmpty)
  }

  @Test("a slash goes to the folder typed before it, and what is not listed can be typed in full")
  func typedPath() {
    func opened(_ effects: [StudioEffect]) -> String? {
      if case .openPortrait(let request)? = effects.last { request.path } else { nil }
    }
    var state = Sample.relit()
    press("o", &state)
    _ = reduce(&state, .folderListed(Sample.listing))
    #expect(press("old/", &state).last == .listFolder(path: "/photos/old"))
    #expect(press("../", &state).last == .listFolder(path: "/photos"))
    #expect(press("/", &state) == [.listFolder(path: "/")])
    #expect(press("tmp/", &state).last == .listFolder(path: "/tmp"))
    for late in ["/photos/old", "/photos", "/"] {
      let listing = FolderListing(path: late, files: ["c.png"])
      #expect(reduce(&state, .folderListed(listing)).isEmpty, "left before it was listed")
    }
    var quick = state
    #expect(opened(press("c.jpg<Enter>", &quick)) == "/tmp/c.jpg")
    _ = reduce(&state, .folderListed(FolderListing(path: "/tmp", files: ["b.jpg", "c.jpg"])))
    #expect(opened(press("c<Enter>", &state)) == "/tmp/c.jpg")
    press("o", &state)
    _ = reduce(&state, .paste("/tmp/d.jpg"))
    #expect(opened(press("<Enter>", &state)) == "/tmp/d.jpg")
  }

  @Test("a folder that cannot be listed leaves the one before in view")
  func unlistedFolder() {
    var state = Sample.relit()
    press("o", &state)
    _ = reduce(&state, .folderListed(Sample.listing))
    press("no/", &state)
    _ = reduce(&state, .folderListed(FolderListing(path: "/photos/no", problem: "no such folder")))
    #expect(state.messages.current?.text == "no such folder")
    guard case .openDialog(let dialog)? = state.interface.overlays.last else {
      Issue.record("the dialog is gone")
      return
    }
    #expect(dialog.listing == Sample.listing && dialog.filter.text.isEmpty)
  }

  @Test("tasks are listed and stopped one by one")
  func tasks() {
    var state = Sample.decomposing()
    press("T", &state)
    #expect(press("x", &state).contains(.cancelDecomposition(generation: 1)))
    #expect(state.jobs.decomposition?.isCancelling == true)
    #expect(press("x", &state).isEmpty, "it is stopping already")
    var saving = Sample.relit()
    press("wT", &saving)
    #expect(press("x", &saving).contains(.cancelSaving))
    var idle = Sample.relit()
    press("Tx", &idle)
    #expect(idle.messages.current?.text == "Stop task: nothing is under way")
  }
}
