import Shading
import TerminalCells

/// The rig: one row per light, and the hemisphere of positions where there is room.
enum LightPanel {
  /// Draws the panel's content.
  static func draw(_ state: StudioState, in content: Rect, with painter: inout Painter) {
    let lights = state.visibleLook.rig.lights
    guard !lights.isEmpty else {
      painter.text(
        "no lights; \(state.keysText(for: "light.add")) adds one".fitted(content.columns),
        column: content.column + 1, row: content.row,
        role: .textDim, in: content)
      return
    }
    let list = listRect(in: content, state: state)
    let first = firstRow(in: content, state: state)
    for (offset, light) in lights.dropFirst(first).prefix(list.rows).enumerated() {
      drawRow(light, state: state, line: list.line(offset), with: &painter)
    }
    painter.scrollMark(
      first: first, shown: list.rows, total: lights.count, in: list.splitRight(1).strip)
    if let gizmo = gizmoRect(in: content, state: state) {
      drawGizmo(state, in: gizmo, with: &painter)
      drawValues(state, beside: gizmo, in: content, with: &painter)
    }
  }

  /// A rig's lights in a few words, for the headline.
  static func summary(_ state: StudioState) -> String {
    guard let light = state.selectedLight else { return "none" }
    return "\(light.name) \(light.azimuthDegrees.text(digits: 0))° "
      + "\(light.elevationDegrees.text(digits: 0))°"
  }

  /// The name of the rig and how its two brightest lights in front stand to each other.
  static func note(_ state: StudioState) -> String {
    let rig = state.visibleLook.rig
    let front = rig.activeLights.filter { abs($0.azimuthDegrees) < 90 }
      .map(\.exposure).sorted(by: >)
    guard front.count >= 2 else { return rig.name }
    return "\(rig.name) · \(LightingRatio(stops: front[0] - front[1]).text)"
  }

  // MARK: - Geometry

  /// The cells of the hemisphere, when there is room below the list.
  static func gizmoRect(in content: Rect, state: StudioState) -> Rect? {
    let count = max(1, state.visibleLook.rig.lights.count)
    let rows = min(content.rows - count, Gizmo.maximumRows(columns: content.columns + 2))
    guard rows >= Gizmo.minimumRows, content.columns >= rows * 2 else { return nil }
    return Rect(
      column: content.column + 1, row: content.endRow - rows, columns: rows * 2, rows: rows)
  }

  /// The first light on show when not all fit.
  static func firstRow(in content: Rect, state: StudioState) -> Int {
    let lights = state.visibleLook.rig.lights
    let shown = listRect(in: content, state: state).rows
    let selected = lights.firstIndex { $0.id == state.interface.selectedLight } ?? 0
    return max(0, min(selected - shown + 1, lights.count - shown))
  }

  private static func listRect(in content: Rect, state: StudioState) -> Rect {
    let gizmoRows = gizmoRect(in: content, state: state)?.rows ?? 0
    return content.splitTop(content.rows - gizmoRows).strip
  }

  // MARK: - Rows

  private static func drawRow(
    _ light: Light, state: StudioState, line: Rect, with painter: inout Painter
  ) {
    let isSelected = light.id == state.interface.selectedLight
    let shines = state.visibleLook.rig.activeLights.contains { $0.id == light.id }
    let role: ThemeRole = shines ? (isSelected ? .textStrong : .text) : .listMuted
    painter.text(
      isSelected ? "▌" : " ", column: line.column, row: line.row, role: .listMark, in: line)
    var swatch = painter.theme[role]
    if shines { swatch.foreground = light.swatch }
    painter.text(
      light.isOn ? "●" : "○", column: line.column + 1, row: line.row, style: swatch, in: line)
    // The last column is the scroll mark's.
    let values = valueText(light, columns: line.columns - 1)
    let isLinked = state.interface.linkedLights.contains(light.id)
    let marks =
      (light.isSolo ? " S" : "") + (light.isOn ? "" : " M") + (isLinked ? " ∞" : "")
    let room = line.columns - 5 - values.terminalColumns - marks.count
    let end = painter.text(
      light.name.fitted(max(0, room)), column: line.column + 3, row: line.row, role: role, in: line)
    painter.text(marks, column: end, row: line.row, role: .textAccent, in: line)
    painter.rightText(
      values, endColumn: line.endColumn - 1, row: line.row, role: shines ? .text : .listMuted,
      in: line)
    if isSelected {
      painter.highlight(
        line, role: state.interface.focus == .lights ? .listSelectedFocused : .listSelected)
    }
  }

  /// Azimuth, elevation, exposure and kelvin, as many as leave room for a name.
  private static func valueText(_ light: Light, columns: Int) -> String {
    let elevation = light.elevationDegrees.text(digits: 0) + "°"
    let gap = elevation.count < 3 ? "  " : " "
    let fields = [
      (light.azimuthDegrees.text(digits: 0) + "°" + gap + elevation, 11),
      (light.exposure.text(digits: 1, signed: true), 5),
      (light.kelvin.text(digits: 0) + "K", 7),
    ].map { text, columns in " \(text)".leftPadded(columns) }
    let count = columns >= 32 ? 3 : columns >= 25 ? 2 : 1
    return fields.prefix(count).joined()
  }

  private static func drawValues(
    _ state: StudioState, beside gizmo: Rect, in content: Rect, with painter: inout Painter
  ) {
    guard let light = state.selectedLight else { return }
    let column = gizmo.endColumn + 2
    let area = Rect(
      column: column, row: gizmo.row, columns: content.endColumn - 1 - column, rows: gizmo.rows)
    // The list above already has azimuth and elevation.
    let room = max(0, area.rows - 1)
    let rows =
      room < Light.parameters.count
      ? Light.parameters.dropFirst(2).prefix(room) : Light.parameters[...]
    for (offset, row) in rows.enumerated() {
      let line = area.line(offset + 1)
      let scale = NumberScale(row)
      let value = scale.text(light[keyPath: row.keyPath])
      painter.text(
        row.label.fitted(line.columns - value.terminalColumns - 1), column: line.column,
        row: line.row, role: .textDim, in: line)
      painter.rightText(
        value, endColumn: line.endColumn, row: line.row, role: .text, in: line)
    }
  }

  // MARK: - Hemisphere

  private static func drawGizmo(
    _ state: StudioState, in rect: Rect, with painter: inout Painter
  ) {
    var canvas = BrailleCanvas(columns: rect.columns, rows: rect.rows)
    let radiusX = Float(canvas.width - 1) / 2 / Gizmo.outerRadius
    let radiusY = Float(canvas.height - 1) / 2 / Gizmo.outerRadius
    canvas.ellipse(radiusX: radiusX, radiusY: radiusY)
    for row in 0..<rect.rows {
      for column in 0..<rect.columns {
        guard let glyph = canvas.glyph(column: column, row: row) else { continue }
        painter.text(
          String(glyph), column: rect.column + column, row: rect.row + row, role: .gizmoOutline,
          in: rect)
      }
    }
    painter.text(
      "·", column: rect.column + rect.columns / 2, row: rect.row + rect.rows / 2,
      role: .gizmoOutline, in: rect)
    let lights = state.visibleLook.rig.lights
    // The selected light last, so that none covers it.
    for light in lights where light.id != state.interface.selectedLight {
      drawMark(light, state: state, in: rect, with: &painter)
    }
    if let light = state.selectedLight { drawMark(light, state: state, in: rect, with: &painter) }
  }

  private static func drawMark(
    _ light: Light, state: StudioState, in rect: Rect, with painter: inout Painter
  ) {
    let point = Gizmo.point(
      azimuthDegrees: light.azimuthDegrees, elevationDegrees: light.elevationDegrees)
    let x = (point.x / Gizmo.outerRadius + 1) / 2 * Float(rect.columns)
    let y = (1 - point.y / Gizmo.outerRadius) / 2 * Float(rect.rows)
    let column = rect.column + min(max(Int(x), 0), rect.columns - 1)
    let row = rect.row + min(max(Int(y), 0), rect.rows - 1)
    let isBehind = point.x * point.x + point.y * point.y > 1
    let isSelected = light.id == state.interface.selectedLight
    let shines = state.visibleLook.rig.activeLights.contains { $0.id == light.id }
    var style = painter.theme[isSelected ? .gizmoSelected : .gizmoOutline]
    if shines { style.foreground = light.swatch }
    let glyph = isBehind ? "○" : isSelected ? "◉" : "●"
    painter.text(glyph, column: column, row: row, style: style, in: rect)
  }
}
