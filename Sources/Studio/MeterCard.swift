import Foundation
import TerminalCells

/// What the light meter says, at the foot of the panels.
enum MeterCard {
  /// The cells it covers.
  static func rect(_ state: StudioState, layout: StudioLayout) -> Rect {
    guard state.interface.meter != nil, !layout.sidebar.isEmpty else { return .nowhere }
    return layout.sidebar.splitBottom(
      min(height(state, columns: layout.sidebar.columns), layout.sidebar.rows)
    ).strip
  }

  /// The rows it takes at a width, frame included: wide cards have two columns.
  static func height(_ state: StudioState, columns: Int) -> Int {
    (rows(state).count + sides(columns) - 1) / sides(columns) + 2
  }

  private static func sides(_ columns: Int) -> Int { columns >= 56 ? 2 : 1 }

  /// Draws the card while the meter is held to the picture.
  static func draw(_ state: StudioState, layout: StudioLayout, with painter: inout Painter) {
    let rect = rect(state, layout: layout)
    guard !rect.isEmpty else { return }
    painter.clear(rect, role: .overlay)
    painter.frame(rect, title: "Light meter", note: note(state), roles: .overlay)
    let inner = rect.inset(columns: 2, rows: 1)
    let sides = sides(rect.columns)
    let width = (inner.columns - 3 * (sides - 1)) / sides
    let rows = rows(state)
    let height = (rows.count + sides - 1) / sides
    for (index, row) in rows.enumerated() where index % height < inner.rows {
      let line = Rect(
        column: inner.column + index / height * (width + 3), row: inner.row + index % height,
        columns: width, rows: 1)
      painter.text(
        row.label.fitted(max(0, line.columns - row.value.terminalColumns - 1)),
        column: line.column, row: line.row, role: .overlayDim, in: line)
      painter.rightText(
        row.value, endColumn: line.endColumn, row: line.row, role: .overlay, in: line)
    }
  }

  private static func note(_ state: StudioState) -> String {
    [("light.aim", "aims"), ("meter.toggle", "away")].compactMap { command, words in
      state.keymap.binding(for: command, in: .meter).map { "\($0.shortKeysText) \(words)" }
    }.joined(separator: "  ")
  }

  private static let romanZones = [
    "0", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X",
  ]

  private static func rows(_ state: StudioState) -> [(label: String, value: String)] {
    guard let reading = state.reading else { return [("nobody is here", "")] }
    func stops(_ value: Float) -> String {
      value > -20 ? value.text(digits: 1, signed: true) + " EV" : "dark"
    }
    var rows = reading.contributions.map { ($0.name, stops($0.stops)) }
    rows.append(("in all", "\(stops(reading.stops)) · zone \(romanZones[reading.zone])"))
    let sorted = reading.contributions.map(\.stops).sorted(by: >)
    if sorted.count >= 2 {
      // The brightest against all others together: what the eye sees as contrast.
      let rest = sorted.dropFirst().reduce(Float(0)) { $0 + exp2($1) }
      rows.append(("contrast", LightingRatio(stops: sorted[0] - log2(max(rest, 1e-9))).text))
    }
    let albedo = [reading.albedo.x, reading.albedo.y, reading.albedo.z]
      .map { String(Int((min(max($0, 0), 1) * 255).rounded())) }.joined(separator: " ")
    rows.append(("albedo", albedo))
    rows.append(
      (
        "faces",
        "\(reading.normalAzimuth.text(digits: 0))° \(reading.normalElevation.text(digits: 0))°"
      ))
    return rows
  }
}
