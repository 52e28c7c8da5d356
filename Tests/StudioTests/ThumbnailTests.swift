import Shading
import Studio
import TerminalCells
import TestSupport
import Testing

@Suite struct ThumbnailTests {
  private func asked(_ effects: [StudioEffect]) -> [ThumbnailSource] {
    effects.compactMap { if case .makeThumbnail(let source) = $0 { source } else { nil } }
  }

  private func styles(_ state: StudioState, glyph: Character) -> Set<CellStyle> {
    let grid = render(state, theme: Sample.theme).grid
    let area = StudioLayout(state).sidebar
    return Set(
      (area.row..<area.endRow).flatMap { row in
        (area.column..<area.endColumn).map { grid[$0, row] }
      }.filter { $0.grapheme == glyph }.map(\.style))
  }

  @Test("the picker of environments asks for each picture once and shows it in half blocks")
  func environments() {
    var state = Sample.relit()
    #expect(asked(press("e", &state)) == Sample.library.environments.map { .environment($0) })
    #expect(styles(state, glyph: "▀").isEmpty)
    _ = reduce(&state, .thumbnailMade(.environment("overcast"), Sample.thumbnail))
    let expected = CellStyle(foreground: .rgb(40, 60, 120), background: .rgb(40, 60, 120))
    #expect(styles(state, glyph: "▀").contains(expected))
    press("<Esc>", &state)
    #expect(asked(press("e", &state)).isEmpty)
  }

  @Test("with few colours a picture is made of shades")
  func fewColors() {
    var state = Sample.relit()
    state.colorDepth = .ansi16
    press("e", &state)
    _ = reduce(&state, .thumbnailMade(.environment("overcast"), Sample.thumbnail))
    #expect(styles(state, glyph: "▀").isEmpty)
    #expect(styles(state, glyph: "░") == [.standard] && styles(state, glyph: "▓") == [.standard])
  }

  @Test("a selected row keeps its picture's colours, a click on the picture selects the row")
  func selection() throws {
    var state = Sample.relit()
    press("e", &state)
    for name in Sample.library.environments {
      _ = reduce(&state, .thumbnailMade(.environment(name), Sample.thumbnail))
    }
    let before = styles(state, glyph: "▀")
    press("<Home>", &state)
    #expect(styles(state, glyph: "▀") == before)
    #expect(!before.isEmpty)
    let sidebar = StudioLayout(state).sidebar
    let last = CellPosition(column: sidebar.column + 4, row: sidebar.endRow - 6)
    _ = reduce(&state, .mouse(MouseEvent(kind: .press(.left), position: last)))
    #expect(state.visibleLook.rig.environment.name == "softbox-studio")
  }

  @Test("below the portrait the picture of the selected surroundings stands beside their names")
  func lowPicker() {
    var state = Sample.relit(
      TerminalSize(columns: 60, rows: 20, pixelWidth: 600, pixelHeight: 400))
    #expect(asked(press("e", &state)) == Sample.library.environments.map { .environment($0) })
    _ = reduce(&state, .thumbnailMade(.environment("overcast"), Sample.thumbnail))
    #expect(styles(state, glyph: "▀").isEmpty)
    press("k", &state)
    #expect(state.visibleLook.rig.environment.name == "overcast")
    #expect(!styles(state, glyph: "▀").isEmpty)
  }

  @Test("a tall open dialog asks for the pictures of the rows on show")
  func openDialog() {
    var state = Sample.relit(
      TerminalSize(columns: 120, rows: 60, pixelWidth: 1200, pixelHeight: 1200))
    press("o", &state)
    let files = (0..<40).map { "face-\($0).jpg" }
    let first = asked(reduce(&state, .folderListed(FolderListing(path: "/many", files: files))))
    #expect(first.count > 10 && first.count < 20)
    #expect(first.first == .file(path: "/many/face-0.jpg"))
    #expect(asked(press("<Down>", &state)).isEmpty)
    #expect(asked(press("<PageDown>", &state)).contains(.file(path: "/many/face-30.jpg")))
    var low = Sample.relit()
    press("o", &low)
    #expect(asked(reduce(&low, .folderListed(FolderListing(path: "/many", files: files)))).isEmpty)
  }
}
