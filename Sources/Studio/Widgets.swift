import Foundation
import Shading
import TerminalCells

extension Painter {
  /// Draws a slider: a tick at the default, a heavy line from the scale's origin to the knob.
  mutating func slider(_ value: Float, scale: NumberScale, in track: Rect, isActive: Bool) {
    guard track.columns >= 3, track.rows > 0 else { return }
    let last = Float(track.columns - 1)
    let knob = Int((scale.share(of: value) * last).rounded())
    let tick = Int((scale.share(of: scale.defaultValue) * last).rounded())
    // Scales that go both ways fill from zero, the others from their lower end.
    let origin = scale.usefulRange.lowerBound < 0 ? Int((scale.share(of: 0) * last).rounded()) : 0
    let filled = min(origin, knob)...max(origin, knob)
    for offset in 0..<track.columns {
      let column = track.column + offset
      let (glyph, role): (String, ThemeRole) =
        if offset == knob {
          ("●", isActive ? .sliderKnob : .sliderFilled)
        } else if offset == tick {
          (filled.contains(offset) ? "┿" : "┼", .sliderDefault)
        } else if filled.contains(offset) {
          ("━", .sliderFilled)
        } else {
          ("─", .sliderTrack)
        }
      text(glyph, column: column, row: track.row, role: role, in: track)
    }
  }

  /// Draws a progress gauge, `fraction` 0...1.
  mutating func gauge(_ fraction: Double, in rect: Rect) {
    guard rect.columns > 0, rect.rows > 0 else { return }
    let halves = Int((min(max(fraction, 0), 1) * Double(rect.columns * 2)).rounded(.down))
    for offset in 0..<rect.columns {
      let isFull = offset * 2 + 1 < halves
      let isHalf = offset * 2 + 1 == halves
      text(
        isFull ? "━" : isHalf ? "╸" : "─", column: rect.column + offset, row: rect.row,
        role: isFull || isHalf ? .gaugeFilled : .gaugeEmpty, in: rect)
    }
  }

  /// Draws a text field and returns where its cursor is; long text scrolls under the cursor.
  mutating func field(_ field: TextField, in rect: Rect, role: ThemeRole) -> CellPosition? {
    guard rect.columns > 0, rect.rows > 0 else { return nil }
    clear(rect.line(0), role: role)
    let beforeCursor = String(field.text.prefix(field.cursor))
    var hidden = 0
    while String(beforeCursor.dropFirst(hidden)).terminalColumns > rect.columns - 1 { hidden += 1 }
    text(
      String(field.text.dropFirst(hidden)), column: rect.column, row: rect.row, role: role,
      in: rect.line(0))
    let column = rect.column + String(beforeCursor.dropFirst(hidden)).terminalColumns
    return CellPosition(column: column, row: rect.row)
  }

  /// Draws a mark on the right edge that shows which part of a long list is on show.
  mutating func scrollMark(first: Int, shown: Int, total: Int, in edge: Rect) {
    guard total > shown, shown > 0, edge.rows > 0 else { return }
    let length = max(1, edge.rows * shown / total)
    let start = (edge.rows - length) * first / max(1, total - shown)
    for row in 0..<length {
      text("┃", column: edge.column, row: edge.row + start + row, role: .listMark, in: edge)
    }
  }
}

extension Light {
  /// The colour of the light on the screen, at full brightness.
  var swatch: TerminalColor {
    let color = ColorTemperature.color(kelvin: kelvin, tint: tint)
    let peak = max(color.x, color.y, color.z)
    // Plain gamma 2.2: a swatch of a dozen pixels needs no exact curve.
    func component(_ value: Float) -> UInt8 {
      UInt8((pow(max(0, value / peak), 1 / 2.2) * 255).rounded())
    }
    return .rgb(component(color.x), component(color.y), component(color.z))
  }
}

/// A rectangle of cells drawn dot by dot with braille patterns, 2×4 dots a cell.
struct BrailleCanvas {
  /// Dots across.
  let width: Int
  /// Dots down.
  let height: Int
  private let columns: Int
  private var patterns: [UInt32]

  /// A canvas without dots.
  init(columns: Int, rows: Int) {
    self.columns = max(0, columns)
    width = self.columns * 2
    height = max(0, rows) * 4
    patterns = Array(repeating: 0, count: self.columns * max(0, rows))
  }

  /// Sets a dot; outside of the canvas nothing happens.
  mutating func set(_ x: Int, _ y: Int) {
    guard (0..<width).contains(x), (0..<height).contains(y) else { return }
    // Unicode numbers the dots 1–3 and 7 down the left side, 4–6 and 8 down the right.
    let bits: [[UInt32]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
    patterns[y / 4 * columns + x / 2] |= bits[x % 2][y % 4]
  }

  /// Draws an ellipse's outline around the middle.
  mutating func ellipse(radiusX: Float, radiusY: Float) {
    let steps = max(16, (width + height) * 4)
    for step in 0..<steps {
      let angle = Float(step) / Float(steps) * 2 * .pi
      let x = Float(width - 1) / 2 + radiusX * cos(angle)
      let y = Float(height - 1) / 2 + radiusY * sin(angle)
      set(Int(x.rounded()), Int(y.rounded()))
    }
  }

  /// The glyph of a cell; nil where it has no dots.
  func glyph(column: Int, row: Int) -> Character? {
    let pattern = patterns[row * columns + column]
    guard pattern != 0, let scalar = Unicode.Scalar(0x2800 + pattern) else { return nil }
    return Character(scalar)
  }
}
