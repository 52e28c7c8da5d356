import Shading
import Studio
import Testing

/// The first impression that can be relit while the passes are being made.
@Suite struct CoarsePassesTests {
  private func coarse() -> StudioState {
    var state = Sample.decomposing()
    _ = reduce(&state, .coarsePassesReady(generation: state.jobs.openGeneration))
    return state
  }

  @Test("coarse passes show the relit view, quickly and then well, while the networks go on")
  func relit() {
    var state = Sample.decomposing()
    #expect(state.effectiveView == .photograph)
    let effects = reduce(&state, .coarsePassesReady(generation: 1))
    #expect(state.effectiveView == .relit)
    #expect(effects.previews.map(\.quality) == [.draft])
    #expect(effects.contains(.loadEnvironment(name: "softbox-studio")))
    #expect(state.jobs.decomposition?.fraction == 0.47)
    #expect(!state.document.hasPasses && !state.document.isModified)
    let refining = reduce(&state, .idle(generation: state.jobs.preview.generation))
    #expect(refining.previews.map(\.quality) == [.final])
  }

  @Test("a photograph that is known comes with its first impression, relit at once")
  func known() {
    var state = Sample.empty()
    _ = reduce(&state, .open(path: "/photos/anna.jpg", framing: "auto"))
    let photograph = OpenedPhotograph(
      generation: 1, title: "anna.jpg", width: 3000, height: 4000, hasCoarsePasses: true)
    let effects = reduce(&state, .photographOpened(photograph))
    #expect(state.effectiveView == .relit && !state.document.hasPasses)
    #expect(effects.previews.map(\.view) == [.relit] && effects.previews[0].quality == .draft)
    _ = reduce(&state, .decompositionFinished(generation: 1, look: nil))
    #expect(state.document.hasPasses && !state.document.isModified)
  }

  @Test("what is saved waits for the passes, what is looked at does not")
  func requirements() throws {
    let state = coarse()
    let table = CommandTable.standard
    for name in ["file.save", "file.savePasses"] {
      #expect(
        try #require(table[name]).disabledReason(in: state)
          == "the passes are still being made")
    }
    for name in ["view.albedo", "view.compare"] {
      #expect(try #require(table[name]).disabledReason(in: state) == nil)
    }
    var saving = state
    let effects = reduce(&saving, .savePicture)
    #expect(effects.allSatisfy { if case .save = $0 { false } else { true } })
  }

  @Test("edits, undo and what a picker tries out outlive the change to the passes")
  func change() {
    var state = coarse()
    let start = state.document.look
    _ = press("<Right>", &state)
    let edited = state.document.look
    #expect(edited != start && state.document.isModified)
    var trial = edited
    trial.exposure += 1
    state.interface.trialLook = trial
    let interface = state.interface
    let effects = reduce(&state, .decompositionFinished(generation: 1, look: nil))
    #expect(state.document.hasPasses && !state.document.hasCoarsePasses)
    #expect(state.document.look == edited && state.document.isModified)
    #expect(state.interface == interface)
    #expect(effects.previews.map(\.quality) == [.final])
    state.interface.trialLook = nil
    _ = reduce(&state, .undo)
    #expect(state.document.look == start && !state.document.isModified)
  }

  @Test("without the passes the photograph is back", arguments: [true, false])
  func noPasses(isCancelled: Bool) {
    var state = coarse()
    let effects = reduce(
      &state,
      isCancelled
        ? .decompositionCancelled(generation: 1)
        : .decompositionFailed(generation: 1, message: "out of memory"))
    #expect(state.effectiveView == .photograph && !state.document.canBeRelit)
    #expect(effects.previews.map(\.view) == [.photograph])
    // A coarse picture that was on its way is not shown any more.
    #expect(state.jobs.preview.oldestAcceptable == state.jobs.preview.generation)
  }

  @Test("coarse passes of another portrait are stale")
  func stale() {
    var state = Sample.relit()
    _ = reduce(&state, .open(path: "b.png", framing: "auto"))
    let before = state
    #expect(reduce(&state, .coarsePassesReady(generation: 1)).isEmpty)
    #expect(reduce(&state, .coarsePassesReady(generation: 2)).isEmpty)
    #expect(state == before)
  }
}
