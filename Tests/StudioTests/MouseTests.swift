import Shading
import Studio
import TerminalCells
import Testing

@Suite struct MouseTests {
  private func mouse(
    _ kind: MouseEvent.Kind, _ column: Int, _ row: Int, _ state: inout StudioState
  ) -> [StudioEffect] {
    let position = CellPosition(column: column, row: row)
    return reduce(&state, .mouse(MouseEvent(kind: kind, position: position)))
  }

  private func slot(_ state: StudioState) throws -> Rect {
    try #require(render(state, theme: Sample.theme).images.first).rect
  }

  @Test("a drag over the picture moves the light as one step")
  func dragLight() throws {
    var state = Sample.relit()
    let slot = try slot(state)
    let middle = slot.row + slot.rows / 2
    _ = mouse(.press(.left), slot.column + 1, middle, &state)
    #expect((state.selectedLight?.azimuthDegrees ?? 0) < -60)
    let effects = mouse(.drag(.left), slot.endColumn - 2, middle, &state)
    #expect((state.selectedLight?.azimuthDegrees ?? 0) > 60)
    #expect(effects.previews.map(\.quality) == [.draft])
    _ = mouse(.release(.left), slot.endColumn - 2, middle, &state)
    #expect(state.document.history.past.count == 1)
    _ = mouse(.drag(.left), slot.column + 3, middle, &state)
    #expect((state.selectedLight?.azimuthDegrees ?? 0) > 60)
  }

  @Test("above the middle is up, the middle is the camera")
  func dragUp() throws {
    var state = Sample.relit()
    let slot = try slot(state)
    _ = mouse(.press(.left), slot.column + slot.columns / 2, slot.row + 2, &state)
    #expect((state.selectedLight?.elevationDegrees ?? 0) > 40)
    _ = mouse(
      .drag(.left), slot.column + slot.columns / 2, slot.row + slot.rows / 2, &state)
    #expect(abs(state.selectedLight?.elevationDegrees ?? 90) < 5)
    #expect(abs(state.selectedLight?.azimuthDegrees ?? 90) < 5)
  }

  @Test("over a probe sphere the light goes to where it shows on the ball")
  func dragOnProbe() throws {
    var state = Sample.relit()
    press("vp", &state)
    Sample.answerPreview(&state)
    let slot = try slot(state)
    let (left, top) = (slot.column, slot.row + slot.rows / 2)
    let middle = top + slot.rows / 4
    _ = mouse(.press(.left), left + slot.columns / 4, middle, &state)
    #expect(abs(state.selectedLight?.azimuthDegrees ?? 90) < 8)
    #expect(abs(state.selectedLight?.elevationDegrees ?? 90) < 8)
    _ = mouse(.drag(.left), left + slot.columns * 3 / 4 + slot.columns / 6, middle, &state)
    #expect((state.selectedLight?.azimuthDegrees ?? 0) > 40)
    _ = mouse(.drag(.left), left + slot.columns / 4, top + 2, &state)
    #expect((state.selectedLight?.elevationDegrees ?? 0) > 40)
  }

  @Test("the wipe's edge is dragged")
  func dragWipe() throws {
    var state = Sample.relit()
    press("a", &state)
    let slot = try slot(state)
    _ = mouse(.press(.left), slot.column + slot.columns / 2, slot.row + 3, &state)
    _ = mouse(.drag(.left), slot.column, slot.row + 3, &state)
    #expect(state.interface.comparison == .wipe(edge: 0))
    #expect(state.selectedLight?.azimuthDegrees == 45)
  }

  @Test("a click on a slider focuses its panel and sets its value")
  func clickSlider() throws {
    var state = Sample.relit()
    let placement = try #require(StudioLayout(state).placement(of: .material))
    let row = placement.content.row + 1
    _ = mouse(.press(.left), placement.content.endColumn - 11, row, &state)
    #expect(state.interface.focus == .material)
    #expect(state.interface.selectedRow[.material] == 1)
    #expect(state.document.look.material.specular > 1.5)
    _ = mouse(.drag(.left), 0, row, &state)
    #expect(state.document.look.material.specular == 0)
  }

  @Test("a click on a light selects it, on a view shows it")
  func clickLists() throws {
    var state = Sample.relit()
    let lights = try #require(StudioLayout(state).placement(of: .lights)).content
    _ = mouse(.press(.left), lights.column + 3, lights.row + 2, &state)
    #expect(state.selectedLight?.name == "rim")
    let views = try #require(StudioLayout(state).placement(of: .views)).content
    _ = mouse(.press(.left), views.column + 3, views.row + 2, &state)
    #expect(state.interface.view == .albedo)
  }

  @Test("a hint is clickable")
  func clickHint() throws {
    var state = Sample.relit()
    let row = state.size.rows - 1
    let text = render(state, theme: Sample.theme).grid
    let line = (0..<text.columns).map { String(text[$0, row].grapheme) }.joined()
    let range = try #require(line.range(of: "? help"))
    let column = line.distance(from: line.startIndex, to: range.lowerBound)
    _ = mouse(.press(.left), column, row, &state)
    #expect(state.interface.overlays.last?.keymapContext == .help)
  }

  @Test("tabs, messages, lists of keys and answers are clickable, beside an overlay is out of it")
  func clickEverywhere() throws {
    var state = Sample.relit()
    Sample.open("/photos/ben.png", &state)
    let tab = try #require(column(of: "anna.jpg", row: 0, state))
    #expect(mouse(.press(.left), tab, 0, &state).contains(.showPortrait(generation: 1)))
    #expect(state.document.title == "anna.jpg")
    let status = state.size.rows - 2
    _ = mouse(.press(.left), 4, status, &state)
    #expect(state.interface.overlays.last?.keymapContext == .messages)
    _ = mouse(.press(.left), 0, 5, &state)
    #expect(state.interface.overlays.isEmpty)
    press("g", &state)
    let row = try #require(
      (0..<state.size.rows).first { column(of: "Go to material", row: $0, state) != nil })
    _ = mouse(
      .press(.left), try #require(column(of: "Go to material", row: row, state)), row, &state)
    #expect(state.interface.focus == .material && state.interface.pendingKeys.isEmpty)
    press("]q", &state)
    _ = mouse(.press(.left), 0, 5, &state)
    #expect(state.interface.overlays == [.confirmQuit])
    let answer = try #require(
      (0..<state.size.rows).first { column(of: "Quit without saving", row: $0, state) != nil })
    let place = try #require(column(of: "Quit without saving", row: answer, state))
    #expect(mouse(.press(.left), place, answer, &state).contains(.quit))
  }

  /// Where words begin in a row of the screen.
  private func column(of words: String, row: Int, _ state: StudioState) -> Int? {
    let grid = render(state, theme: Sample.theme).grid
    let line = (0..<grid.columns).map { String(grid[$0, row].grapheme) }.joined()
    return line.range(of: words).map {
      line.distance(from: line.startIndex, to: $0.lowerBound)
    }
  }

  @Test("a click in a list of an overlay picks, a second click takes")
  func clickPicker() throws {
    var state = Sample.relit()
    press("p", &state)
    let sidebar = StudioLayout(state).sidebar
    _ = mouse(.press(.left), sidebar.column + 4, sidebar.row + 1, &state)
    #expect(state.visibleLook.rig.name == "Butterfly")
    _ = mouse(.press(.left), sidebar.column + 4, sidebar.row + 1, &state)
    #expect(state.document.look.rig.name == "Butterfly")
    #expect(state.interface.overlays.isEmpty)
  }

  @Test("the wheel over the picture changes the light's exposure, over a list the row")
  func wheel() throws {
    var state = Sample.relit()
    let slot = try slot(state)
    _ = mouse(.scrollUp, slot.column + 5, slot.row + 5, &state)
    #expect((state.selectedLight?.exposure ?? 0) > 0.3)
    let lights = try #require(StudioLayout(state).placement(of: .lights)).content
    _ = mouse(.scrollDown, lights.column, lights.row, &state)
    #expect(state.selectedLight?.name == "fill")
  }
}
