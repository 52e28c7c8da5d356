import Shading

/// Names one thing a person can adjust; numbers go by their identifier in Shading's tables.
public enum ControlID: Hashable, Sendable {
  /// A number of the selected light.
  case light(String)
  /// A number of the material.
  case material(String)
  /// A number of the environment.
  case environment(String)
  /// A number of the picture as a whole.
  case picture(String)
  /// Which environment map lights the portrait.
  case environmentMap
  /// Whether left and right of the environment are swapped.
  case environmentFlip
  /// The tone map.
  case toneMap
}

/// The scale a number is shown and changed on.
public struct NumberScale: Equatable, Sendable {
  /// The values accepted.
  public let range: ClosedRange<Float>
  /// The values a slider spans.
  public let usefulRange: ClosedRange<Float>
  /// The value a reset gives.
  public let defaultValue: Float
  /// What one coarse step adds.
  public let step: Float
  /// The unit, empty for plain ratios.
  public let unit: String
  /// Whether the ends of `usefulRange` meet, as on a compass.
  public let isCircular: Bool

  init<Root>(_ row: ParameterRow<Root>) {
    range = row.range
    usefulRange = row.usefulRange
    defaultValue = row.defaultValue
    step = row.step
    unit = row.unit
    // Azimuth and rotation span the whole circle; elevation ends at the poles.
    isCircular = row.unit == "°" && row.usefulRange == -180...180
  }

  /// `value` moved by coarse steps, wrapped or clamped into the scale.
  ///
  /// Rounding to a twentieth of a step keeps thirds of a stop and fine steps from drifting.
  public func moved(_ value: Float, bySteps steps: Float) -> Float {
    let grain = step / 20
    return legal(((value + steps * step) / grain).rounded() * grain)
  }

  /// `value` wrapped or clamped into the scale.
  public func legal(_ value: Float) -> Float {
    guard value.isFinite else { return defaultValue }
    guard isCircular else { return min(max(value, range.lowerBound), range.upperBound) }
    let wrapped = value - 360 * ((value + 180) / 360).rounded(.down)
    return wrapped == -180 && value > 0 ? 180 : wrapped
  }

  /// Where `value` lies on a slider, 0...1.
  public func share(of value: Float) -> Float {
    let span = usefulRange.upperBound - usefulRange.lowerBound
    return min(max((value - usefulRange.lowerBound) / span, 0), 1)
  }

  /// The value at a place on a slider, rounded to a fifth of a step.
  public func value(atShare share: Float) -> Float {
    let span = usefulRange.upperBound - usefulRange.lowerBound
    let grain = step / 5
    let exact = usefulRange.lowerBound + span * min(max(share, 0), 1)
    return legal((exact / grain).rounded() * grain)
  }

  /// `value` as people read it, unit included.
  public func text(_ value: Float) -> String {
    switch unit {
    case "EV": value.text(digits: 1, signed: true) + " EV"
    case "K": value.text(digits: 0) + " K"
    case "°": value.text(digits: 0) + "°"
    case "": step < 1 ? value.text(digits: 2) : value.text(digits: 0, signed: true)
    default: value.text(digits: 2) + unit
    }
  }
}

/// One row of a panel of controls, with its present value.
public struct Control: Equatable, Sendable {
  /// What a row holds.
  public enum Value: Equatable, Sendable {
    case number(Float, NumberScale)
    /// One of several names.
    case choice(String)
    case toggle(Bool)
  }

  /// Which control it is.
  public let id: ControlID
  /// The words beside it.
  public let label: String
  /// Its present value.
  public let value: Value
}

extension Panel {
  /// Whether the panel is a list of controls.
  public var hasControls: Bool { self == .environment || self == .material || self == .picture }

  /// The rows of the panel for a look; empty for panels that are not lists of controls.
  public func controls(of look: Look) -> [Control] {
    switch self {
    case .viewport, .views, .lights: []
    case .environment:
      [
        Control(
          id: .environmentMap, label: "Map", value: .choice(look.rig.environment.name))
      ]
        + EnvironmentSettings.parameters.map { row in
          Control(
            id: .environment(row.identifier), label: row.label,
            value: .number(look.rig.environment[keyPath: row.keyPath], NumberScale(row)))
        } + [
          Control(
            id: .environmentFlip, label: "Flipped", value: .toggle(look.rig.environment.isFlipped))
        ]
    case .material:
      Material.parameters.map { row in
        Control(
          id: .material(row.identifier), label: row.label,
          value: .number(look.material[keyPath: row.keyPath], NumberScale(row)))
      }
    case .picture:
      Look.parameters.map { row in
        Control(
          id: .picture(row.identifier), label: row.label,
          value: .number(look[keyPath: row.keyPath], NumberScale(row)))
      } + [Control(id: .toneMap, label: "Tone map", value: .choice(look.toneMap.title))]
    }
  }
}

extension ToneMap {
  /// The name people read.
  var title: String {
    switch self {
    case .standard: "Standard"
    case .khronosNeutral: "Khronos neutral"
    case .agx: "AgX"
    case .aces: "ACES"
    case .falseColor: "false colour"
    }
  }
}

extension StudioState {
  /// The row that adjusting keys act on; nil unless a panel of controls has the focus.
  public var selectedControl: Control? {
    let rows = interface.focus.controls(of: visibleLook)
    let index = interface.selectedRow[interface.focus] ?? 0
    return rows.indices.contains(index) ? rows[index] : rows.first
  }
}

/// Access to a look's numbers by control.
extension Look {
  /// The number behind a control and its scale; nil for names, switches and missing lights.
  func number(_ id: ControlID, light: Light.ID?) -> (value: Float, scale: NumberScale)? {
    switch id {
    case .light(let name):
      guard let subject = rig.lights.first(where: { $0.id == light }) else { return nil }
      return Self.number(name, in: Light.parameters, of: subject)
    case .material(let name): return Self.number(name, in: Material.parameters, of: material)
    case .environment(let name):
      return Self.number(name, in: EnvironmentSettings.parameters, of: rig.environment)
    case .picture(let name): return Self.number(name, in: Look.parameters, of: self)
    case .environmentMap, .environmentFlip, .toneMap: return nil
    }
  }

  /// Sets the number behind a control, wrapped or clamped into its scale.
  mutating func setNumber(_ value: Float, for id: ControlID, light: Light.ID?) {
    switch id {
    case .light(let name):
      guard let index = rig.lights.firstIndex(where: { $0.id == light }) else { return }
      Self.set(value, name, in: Light.parameters, of: &rig.lights[index])
    case .material(let name): Self.set(value, name, in: Material.parameters, of: &material)
    case .environment(let name):
      Self.set(value, name, in: EnvironmentSettings.parameters, of: &rig.environment)
    case .picture(let name): Self.set(value, name, in: Look.parameters, of: &self)
    case .environmentMap, .environmentFlip, .toneMap: break
    }
  }

  private static func number<Root>(
    _ name: String, in rows: [ParameterRow<Root>], of root: Root
  ) -> (value: Float, scale: NumberScale)? {
    rows.first { $0.identifier == name }.map { (root[keyPath: $0.keyPath], NumberScale($0)) }
  }

  private static func set<Root>(
    _ value: Float, _ name: String, in rows: [ParameterRow<Root>], of root: inout Root
  ) {
    guard let row = rows.first(where: { $0.identifier == name }) else { return }
    root[keyPath: row.keyPath] = NumberScale(row).legal(value)
  }
}
