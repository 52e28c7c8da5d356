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

  @Test("an edit after an undo starts a branch and keeps what was undone")
  func branch() {
    var history = EditHistory(look(0))
    history.record(look(1), name: "one", mergeKey: nil)
    _ = history.undo()
    history.record(look(5), name: "five", mergeKey: nil)
    #expect(history.redoName == nil)
    #expect(history.past.map(\.name) == ["five"])
    #expect(history.entries.map(\.name) == ["start", "one", "five"])
    #expect(history.entries.map(\.depth) == [0, 1, 0])
  }

  @Test("any step of the tree can be returned to, and redo follows the way taken")
  func go() {
    var history = EditHistory(look(0))
    history.record(look(1), name: "one", mergeKey: nil)
    history.record(look(2), name: "two", mergeKey: nil)
    _ = history.undo()
    _ = history.undo()
    history.record(look(5), name: "five", mergeKey: nil)
    let two = history.entries.first { $0.name == "two" }
    #expect(two?.depth == 1)
    #expect(history.go(to: two?.index ?? 0) == "two")
    #expect(history.present == look(2))
    #expect(history.undo() == "two")
    #expect(history.undo() == "one")
    #expect(history.redo() == "one")
    #expect(history.redo() == "two")
    #expect(history.go(to: 99) == nil)
    #expect(history.present == look(2))
  }

  @Test("a long session forgets its oldest steps and branches, never the present")
  func capacity() {
    var history = EditHistory(look(0))
    for number in 1...1_200 {
      history.record(look(Float(number)), name: "\(number)", mergeKey: nil)
      if number.isMultiple(of: 7) { _ = history.undo() }
    }
    history.record(look(-1), name: "last", mergeKey: nil)
    #expect(history.entries.count <= 500)
    #expect(history.present == look(-1))
    #expect(history.undoName == "last")
    #expect(Set(history.entries.map(\.index)).count == history.entries.count)
    var steps = 0
    while history.undo() != nil { steps += 1 }
    #expect(steps > 300)
    while history.redo() != nil {}
    #expect(history.present == look(-1))
  }

  @Test("an edit that changes nothing is no step")
  func noChange() {
    var history = EditHistory(look(0))
    history.record(look(0), name: "nothing", mergeKey: nil)
    #expect(history.past.isEmpty)
  }
}
