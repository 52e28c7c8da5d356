import Studio
import TerminalCells
import TestSupport
import Testing

@Suite struct StudioViewTests {
  private static let sizes: [TerminalSize] = [
    (0, 0), (1, 1), (2, 1), (1, 5), (3, 3), (10, 4), (20, 8), (40, 12), (60, 20), (71, 24),
    (72, 24), (80, 24), (120, 40), (200, 60), (300, 100), (200, 5), (8, 60),
  ].map { TerminalSize(columns: $0.0, rows: $0.1) }

  @Test("every size draws, the picture stays inside and off the last row", arguments: Self.sizes)
  func everySize(size: TerminalSize) {
    var relit = Sample.relit()
    _ = reduce(&relit, .resized(size))
    for keys in ["", "gm", "gv", "?", ":", "p", "W", "L", "]q", "g", "a"] {
      var state = relit
      press(keys, &state)
      let frame = render(state, theme: Sample.theme)
      #expect(frame.grid.columns == size.columns && frame.grid.rows == size.rows)
      for slot in frame.images {
        #expect(slot.rect.intersection(frame.grid.bounds) == slot.rect)
        #expect(slot.rect.endRow < size.rows)
        for row in slot.rect.row..<slot.rect.endRow {
          for column in slot.rect.column..<slot.rect.endColumn {
            #expect(frame.grid[column, row].grapheme == "\u{A0}")
          }
        }
      }
      if let cursor = frame.cursor { #expect(frame.grid.bounds.contains(cursor)) }
    }
  }

  @Test("panels tile the body without overlapping", arguments: Self.sizes)
  func tiling(size: TerminalSize) {
    for panel in Panel.allCases {
      var state = Sample.relit()
      state.interface.focus = panel
      _ = reduce(&state, .resized(size))
      let layout = StudioLayout(state)
      let screen = Rect(column: 0, row: 0, columns: size.columns, rows: size.rows)
      let rects = [layout.title, layout.viewport] + layout.panels.map(\.rect) + [layout.hints]
      for (index, rect) in rects.enumerated() {
        #expect(rect.isEmpty || screen.intersection(rect) == rect)
        for other in rects[..<index] { #expect(rect.intersection(other).isEmpty) }
      }
      if size.columns >= 40, size.rows >= 12, panel != .viewport {
        #expect(layout.placement(of: panel)?.isCollapsed == false, "\(panel) at \(size)")
      }
    }
  }

  @Test("drawing twice gives the same frame")
  func pure() {
    let state = Sample.relit()
    #expect(render(state, theme: Sample.theme) == render(state, theme: Sample.theme))
  }

  @Test("the picture's aspect is kept in cells of any shape")
  func aspect() throws {
    for (width, height) in [(1200, 800), (1680, 720), (720, 1440)] {
      var state = Sample.relit()
      let size = TerminalSize(columns: 120, rows: 40, pixelWidth: width, pixelHeight: height)
      _ = reduce(&state, .resized(size))
      let rect = try #require(render(state, theme: Sample.theme).images.first).rect
      let cell = (Double(width) / 120, Double(height) / 40)
      let aspect = Double(rect.columns) * cell.0 / (Double(rect.rows) * cell.1)
      #expect(abs(aspect - 1) < 0.06)
    }
  }

  @Test("an overlay takes the picture away only where it lies over it")
  func overlays() {
    func images(_ keys: String) -> Int {
      var state = Sample.relit()
      press(keys, &state)
      return render(state, theme: Sample.theme).images.count
    }
    #expect(images("") == 1)
    #expect(images("p") == 1)
    #expect(images(":") == 1)
    #expect(images("W") == 1)
    #expect(images("?") == 0)
    #expect(images("]q") == 1)
  }

  @Test("names from files cannot send control characters to the terminal")
  func controlCharacters() {
    var state = Sample.relit()
    state.document.title = "a\u{1B}[2Jb\u{7}.jpg"
    _ = reduce(&state, .report(.error, "x\u{1B}[31m\ny"))
    let grid = render(state, theme: Sample.theme).grid
    for row in 0..<grid.rows {
      for column in 0..<grid.columns {
        let scalar = grid[column, row].grapheme.unicodeScalars.first
        #expect(scalar?.properties.generalCategory != .control)
      }
    }
  }

  @Test("every role of a theme without colours is the terminal's own")
  func monochrome() {
    let grid = render(Sample.relit(), theme: .monochrome).grid
    for row in 0..<grid.rows {
      for column in 0..<grid.columns {
        #expect(grid[column, row].style.background == .standard)
      }
    }
  }
}
