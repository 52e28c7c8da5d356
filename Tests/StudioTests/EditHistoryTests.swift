import Shading
import Studio
import Testing

@Suite struct EditHistoryTests {
  private func look(_ exposure: Float) -> Look {
    var look = Look()
    look.exposure = exposure
    return look
  }

  @Test("undo goes back step by step and redo forth again")
  func undoRedo() {
    var history = EditHistory(look(0))
    history.record(look(1), name: "one", mergeKey: nil)
    history.record(look(2), name: "two", mergeKey: nil)
    #expect(history.undoName == "two")
    #expect(history.undo() == "two")
    #expect(history.present == look(1))
    #expect(history.undo() == "one")
    #expect(history.present == look(0))
    #expect(history.undo() == nil)
    #expect(history.redo() == "one")
    #expect(history.redo() == "two")
    #expect(history.redo() == nil)
    #expect(history.present == look(2))
  }

  @Test("edits with one merge key join until the step is closed")
  func merging() {
    var history = EditHistory(look(0))
    history.record(look(1), name: "to 1", mergeKey: "exposure")
    history.record(look(2), name: "to 2", mergeKey: "exposure")
    #expect(history.past.count == 1)
    #expect(history.undoName == "to 2")
    history.closeStep()
    history.record(look(3), name: "to 3", mergeKey: "exposure")
    #expect(history.past.count == 2)
    #expect(history.undo() == "to 3")
    #expect(history.present == look(2))
    #expect(history.undo() == "to 2")
    #expect(history.present == look(0))
  }

  @Test("another merge key starts another step")
  func otherKey() {
    var history = EditHistory(look(0))
    history.record(look(1), name: "a", mergeKey: "a")
    history.record(look(2), name: "b", mergeKey: "b")
    history.record(look(3), name: "a", mergeKey: "a")
    #expect(history.past.count == 3)
  }

  @Test("an edit after an undo drops what was undone")
  func branch() {
    var history = EditHistory(look(0))
    history.record(look(1), name: "one", mergeKey: nil)
    _ = history.undo()
    history.record(look(5), name: "five", mergeKey: nil)
    #expect(history.redoName == nil)
    #expect(history.past.map(\.name) == ["five"])
  }

  @Test("an edit that changes nothing is no step")
  func noChange() {
    var history = EditHistory(look(0))
    history.record(look(0), name: "nothing", mergeKey: nil)
    #expect(history.past.isEmpty)
  }
}
