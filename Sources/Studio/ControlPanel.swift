import Shading
import TerminalCells

/// A panel of sliders, choices and switches: environment, material and picture.
enum ControlPanel {
  private static let valueColumns = 8

  /// Draws the panel's rows.
  static func draw(
    _ placement: PanelPlacement, _ state: StudioState, with painter: inout Painter
  ) {
    let content = placement.content
    let controls = placement.panel.controls(of: state.visibleLook)
    let first = firstRow(placement, state: state)
    let isFocused = state.interface.focus == placement.panel
    let selected = state.interface.selectedRow[placement.panel] ?? 0
    for (offset, control) in controls.dropFirst(first).prefix(content.rows).enumerated() {
      let isSelected = isFocused && first + offset == selected
      drawRow(control, line: content.line(offset), isSelected: isSelected, with: &painter)
    }
    painter.scrollMark(
      first: first, shown: content.rows, total: controls.count, in: content.splitRight(1).strip)
    if placement.panel == .environment, !state.visibleLook.rig.environment.isOn {
      painter.mute(content)
    }
  }

  /// A panel's values in a few words, for the headline.
  static func summary(_ panel: Panel, _ state: StudioState) -> String {
    let look = state.visibleLook
    switch panel {
    case .environment:
      return look.rig.environment.isOn ? look.rig.environment.name : "off"
    case .material:
      let changed = panel.controls(of: look).filter { !$0.isDefault }.count
      return changed == 0 ? "defaults" : "\(changed) changed"
    case .picture:
      return look.exposure.text(digits: 1, signed: true) + " EV"
    case .viewport, .views, .lights: return ""
    }
  }

  /// The first row on show when not all fit.
  static func firstRow(_ placement: PanelPlacement, state: StudioState) -> Int {
    let count = placement.panel.controls(of: state.visibleLook).count
    let shown = placement.content.rows
    let selected = state.interface.selectedRow[placement.panel] ?? 0
    return max(0, min(selected - shown + 1, count - shown))
  }

  /// The cells sliders take; the same columns in every row.
  static func track(in content: Rect) -> Rect {
    let label = labelColumns(content)
    return Rect(
      column: content.column + label + 2, row: content.row,
      columns: content.columns - label - valueColumns - 4, rows: content.rows)
  }

  private static func labelColumns(_ content: Rect) -> Int { content.columns >= 36 ? 15 : 12 }

  private static func drawRow(
    _ control: Control, line: Rect, isSelected: Bool, with painter: inout Painter
  ) {
    let label = labelColumns(line)
    painter.text(
      isSelected ? "▌" : " ", column: line.column, row: line.row, role: .listMark, in: line)
    painter.text(
      control.label.fitted(label), column: line.column + 1, row: line.row,
      role: isSelected ? .textStrong : .text, in: line)
    let track = track(in: line)
    switch control.value {
    case .number(let value, let scale):
      painter.slider(value, scale: scale, in: track, isActive: isSelected)
      painter.rightText(
        scale.text(value).fitted(valueColumns), endColumn: line.endColumn - 1, row: line.row,
        role: control.isDefault ? .textDim : .textStrong, in: line)
    case .choice(let name):
      let room = line.endColumn - track.column - 3
      let shown = name.isEmpty ? "none" : name
      painter.text(
        shown.fitted(room), column: track.column, row: line.row, role: .textAccent, in: line)
      painter.rightText("▾", endColumn: line.endColumn - 1, row: line.row, role: .textDim, in: line)
    case .toggle(let isOn):
      painter.text(
        isOn ? "● on" : "○ off", column: track.column, row: line.row,
        role: isOn ? .textAccent : .textDim, in: line)
    }
    if isSelected { painter.highlight(line, role: .listSelectedFocused) }
  }
}

extension Control {
  /// Whether a reset would change nothing.
  var isDefault: Bool {
    switch value {
    case .number(let value, let scale): abs(value - scale.defaultValue) < scale.step / 40
    case .choice: true
    case .toggle(let isOn): !isOn
    }
  }
}
