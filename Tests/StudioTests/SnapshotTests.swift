import Shading
import Studio
import TerminalCells
import TestSupport
import Testing

/// Whole screens as text: glyphs, then a letter per cell for the role it is painted in.
@Suite struct SnapshotTests {
  private static let sizes: [(Int, Int)] = [(120, 40), (80, 24), (40, 12)]

  /// Scenes by name: the state before and the keys that lead there.
  private static let scenes: [(name: String, keys: String)] = [
    ("relit", ""), ("material", "gm<Down>"), ("views", "gv"), ("compare", "a"),
    ("help", "?"), ("help-filter", "?/save"), ("palette", ":light"), ("messages", "L"),
    ("rig-picker", "pk"), ("environment-picker", "e"), ("prompt", "W"),
    ("prompt-refused", "=<C-u>az=400<Enter>"), ("confirm-quit", "]q"), ("which-key", "g"),
    ("material-picker", "Mj"), ("history", "]<Left>u[U"), ("looks", "S]Sl"), ("themes", "<Space>t"),
    ("tasks", "wT"), ("leader", "<Space>"), ("linked", "J<Tab>J"), ("zoomed", "zz"),
    ("tour", "<Space>?"),
  ]

  @Test("screens look as recorded", arguments: Self.scenes.map(\.name), Self.sizes.indices)
  func recorded(name: String, sizeIndex: Int) throws {
    let keys = try #require(Self.scenes.first { $0.name == name }).keys
    var state = Sample.relit(size(sizeIndex))
    if name == "messages" { report(&state) }
    press(keys, &state)
    compare(name, state, sizeIndex)
  }

  @Test("screens without passes look as recorded", arguments: Self.sizes.indices)
  func early(sizeIndex: Int) {
    compare("welcome", Sample.empty(size(sizeIndex)), sizeIndex)
    compare("progress", Sample.decomposing(size(sizeIndex)), sizeIndex)
  }

  @Test("the meter, the open dialog and questions look as recorded", arguments: Self.sizes.indices)
  func answers(sizeIndex: Int) {
    var state = Sample.relit(size(sizeIndex))
    press("c", &state)
    Sample.answerPreview(&state, reading: Sample.reading)
    compare("meter", state, sizeIndex)

    state = Sample.relit(size(sizeIndex))
    _ = reduce(&state, .open(path: "/photos/ben.png", framing: "auto"))
    let generation = state.jobs.openGeneration
    _ = reduce(
      &state,
      .photographOpened(
        OpenedPhotograph(generation: generation, title: "ben.png", width: 640, height: 480)))
    _ = reduce(&state, .decompositionFinished(generation: generation, look: nil))
    compare("two-portraits", state, sizeIndex)

    state = Sample.relit(size(sizeIndex))
    press("o", &state)
    _ = reduce(&state, .folderListed(Sample.listing))
    compare("open-dialog", state, sizeIndex)

    state = Sample.relit(size(sizeIndex))
    let request = SaveRequest(path: "/photos/a.png", content: .picture(state.document.look))
    _ = reduce(&state, .saveWouldReplace(request))
    compare("confirm-replace", state, sizeIndex)

    state = Sample.relit(size(sizeIndex))
    let look = Look(rig: Sample.rig("Rembrandt", 2))
    _ = reduce(&state, .recoveryFound(generation: state.jobs.openGeneration, look: look))
    compare("confirm-recovery", state, sizeIndex)
  }

  @Test("an error looks as recorded", arguments: Self.sizes.indices)
  func error(sizeIndex: Int) {
    var state = Sample.relit(size(sizeIndex))
    _ = reduce(
      &state, .saveFailed(path: "/a.png", message: "cannot write /a.png: no space on the disk"))
    compare("error", state, sizeIndex)
  }

  private func size(_ index: Int) -> TerminalSize {
    let (columns, rows) = Self.sizes[index]
    return TerminalSize(
      columns: columns, rows: rows, pixelWidth: columns * 10, pixelHeight: rows * 20)
  }

  private func report(_ state: inout StudioState) {
    _ = reduce(&state, .report(.note, "terminal: kitty, 24-bit colour"))
    _ = reduce(&state, .report(.warning, "no landmark model; the detector's box frames the face"))
    _ = reduce(&state, .report(.error, "cannot read overcast.hdr: it ends early"))
  }

  private func compare(_ name: String, _ state: StudioState, _ sizeIndex: Int) {
    let (columns, rows) = Self.sizes[sizeIndex]
    let text = render(state, theme: Sample.theme).dump(naming: Sample.roleName)
    let mismatch = Snapshots.mismatch(text, name: "\(name).\(columns)x\(rows)")
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }
}
