import Studio
import TerminalCells
import Testing

@Suite struct KeymapTests {
  private func binding(
    _ context: KeymapContext, _ keys: String, _ run: String
  ) -> KeyBinding {
    KeyBinding(context: context, on: Key.sequence(parsing: keys) ?? [], run: run)
  }

  private func keys(_ notation: String) -> [Key] { Key.sequence(parsing: notation) ?? [] }

  @Test("a panel's row comes before the one that holds everywhere")
  func contexts() {
    let keymap = Keymap([
      binding(.global, "<Up>", "list.previous"), binding(.viewport, "<Up>", "light.up"),
    ])
    #expect(keymap.match(keys("<Up>"), in: .viewport) == .command("light.up"))
    #expect(keymap.match(keys("<Up>"), in: .lights) == .command("list.previous"))
    #expect(keymap.match(keys("<Up>"), in: .palette) == .none)
  }

  @Test("a sequence is a prefix until its last key")
  func sequences() {
    let keymap = Keymap([
      binding(.global, "gl", "focus.lights"), binding(.global, "gm", "focus.material"),
    ])
    #expect(keymap.match(keys("g"), in: .views) == .prefix)
    #expect(keymap.match(keys("gl"), in: .views) == .command("focus.lights"))
    #expect(keymap.match(keys("gx"), in: .views) == .none)
    #expect(
      keymap.continuations(of: keys("g"), in: .views).map(\.run) == [
        "focus.lights", "focus.material",
      ])
  }

  @Test("a user's rows replace, remove and take prefixes over")
  func merging() {
    let base = Keymap([
      binding(.global, "w", "file.save"), binding(.global, "q", "studio.quit"),
      binding(.global, "gl", "focus.lights"), binding(.lights, "w", "list.next"),
    ])
    let own = Keymap([
      binding(.global, "w", "file.saveAs"), binding(.global, "q", "none"),
      binding(.global, "g", "edit.undo"),
    ])
    let merged = base.merging(own)
    #expect(merged.match(keys("w"), in: .viewport) == .command("file.saveAs"))
    #expect(merged.match(keys("w"), in: .lights) == .command("list.next"))
    #expect(merged.match(keys("q"), in: .viewport) == .none)
    #expect(merged.match(keys("g"), in: .viewport) == .command("edit.undo"))
    #expect(merged.problems().isEmpty)
  }

  @Test("duplicates, unreachable sequences and unknown commands are found")
  func problems() {
    let undo = binding(.global, "u", "edit.undo")
    let again = binding(.global, "u", "edit.redo")
    let short = binding(.global, "g", "edit.redo")
    let long = binding(.global, "gl", "focus.lights")
    let unknown = binding(.global, "z", "light.explode")
    let problems = Keymap([undo, again, short, long, unknown]).problems()
    #expect(
      problems == [
        .duplicate(again), .unreachable(binding: long, shorter: short), .unknownCommand(unknown),
      ])
  }

  @Test("rows of other contexts are no duplicates")
  func contextsApart() {
    let keymap = Keymap([
      binding(.global, "j", "list.next"), binding(.help, "j", "list.next"),
    ])
    #expect(keymap.problems().isEmpty)
  }
}
