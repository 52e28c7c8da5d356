import TerminalCells

/// A grid being drawn with a theme: what every panel draws through.
struct Painter {
  /// The cells so far.
  private(set) var grid: CellGrid
  /// The colours.
  let theme: Theme

  /// An empty screen.
  init(columns: Int, rows: Int, theme: Theme) {
    self.theme = theme
    grid = CellGrid(
      columns: columns, rows: rows, filledWith: Cell(" ", style: theme[.background]))
  }

  /// Draws a line of text inside `clip` and returns the column behind it.
  @discardableResult
  mutating func text(
    _ text: String, column: Int, row: Int, role: ThemeRole, in clip: Rect
  ) -> Int {
    self.text(text, column: column, row: row, style: theme[role], in: clip)
  }

  /// Draws a line of text in a style of its own.
  @discardableResult
  mutating func text(
    _ text: String, column: Int, row: Int, style: CellStyle, in clip: Rect
  ) -> Int {
    grid.draw(text, at: CellPosition(column: column, row: row), style: style, in: clip)
  }

  /// Draws text that ends before `endColumn`.
  mutating func rightText(
    _ text: String, endColumn: Int, row: Int, role: ThemeRole, in clip: Rect
  ) {
    self.text(text, column: endColumn - text.terminalColumns, row: row, role: role, in: clip)
  }

  /// Draws text in the middle of a line.
  mutating func centeredText(_ text: String, line: Rect, role: ThemeRole) {
    let shown = text.fitted(line.columns)
    let column = line.column + (line.columns - shown.terminalColumns) / 2
    self.text(shown, column: column, row: line.row, role: role, in: line)
  }

  /// Blanks a rectangle in a role's colours.
  mutating func clear(_ rect: Rect, role: ThemeRole) {
    grid.fill(rect, with: Cell(" ", style: theme[role]))
  }

  /// Makes a rectangle ready to lie under a picture.
  mutating func reserveForImage(_ rect: Rect) {
    grid.fill(rect, with: .underImage(style: theme[.background]))
  }

  /// Gives a line the background and emphasis of a selected row; glyphs and their colours stay.
  mutating func highlight(_ line: Rect, role: ThemeRole) {
    let style = theme[role]
    grid.restyle(line) {
      $0.background = style.background
      $0.attributes.formUnion(style.attributes)
    }
  }

  /// Gives everything in a rectangle the colour of what is switched off.
  mutating func mute(_ rect: Rect) {
    let color = theme[.listMuted].foreground
    grid.restyle(rect) { $0.foreground = color }
  }

  // MARK: - Frames

  /// The roles of a frame.
  struct FrameRoles {
    var border: ThemeRole
    var title: ThemeRole

    static func panel(isFocused: Bool) -> FrameRoles {
      isFocused
        ? FrameRoles(border: .panelBorderFocused, title: .panelTitleFocused)
        : FrameRoles(border: .panelBorder, title: .panelTitle)
    }

    static let overlay = FrameRoles(border: .overlayBorder, title: .overlayTitle)
  }

  /// Draws a rounded frame with a title on its upper edge and a note on its lower one.
  mutating func frame(_ rect: Rect, title: String, note: String = "", roles: FrameRoles) {
    guard rect.columns >= 2, rect.rows >= 2 else { return }
    let horizontal = String(repeating: "─", count: rect.columns - 2)
    let last = rect.endRow - 1
    text("╭\(horizontal)╮", column: rect.column, row: rect.row, role: roles.border, in: rect)
    text("╰\(horizontal)╯", column: rect.column, row: last, role: roles.border, in: rect)
    for row in rect.row + 1..<last {
      text("│", column: rect.column, row: row, role: roles.border, in: rect)
      text("│", column: rect.endColumn - 1, row: row, role: roles.border, in: rect)
    }
    let edge = rect.inset(columns: 2)
    if !title.isEmpty {
      text(
        " \(title) ".fitted(edge.columns), column: edge.column, row: rect.row, role: roles.title,
        in: edge)
    }
    if !note.isEmpty {
      let shown = " \(note) ".fitted(edge.columns)
      rightText(shown, endColumn: edge.endColumn, row: last, role: roles.title, in: edge)
    }
  }

  /// Draws the one-line form of a panel: its title and what it would show, in a few words.
  mutating func headline(_ rect: Rect, title: String, summary: String, isFocused: Bool) {
    let roles = FrameRoles.panel(isFocused: isFocused)
    let line = rect.line(0)
    text(
      String(repeating: "─", count: line.columns), column: line.column, row: line.row,
      role: roles.border, in: line)
    let edge = line.inset(columns: 2)
    let end = text(
      " \(title) ", column: edge.column, row: line.row, role: roles.title, in: edge)
    let room = edge.endColumn - end - 1
    guard !summary.isEmpty, room >= 6 else { return }
    rightText(
      " \(summary) ".fitted(room), endColumn: edge.endColumn, row: line.row, role: .textDim,
      in: edge)
  }
}
