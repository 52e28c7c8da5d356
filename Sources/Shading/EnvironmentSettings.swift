/// Which panorama surrounds the face, and how it is turned.
public struct EnvironmentSettings: Equatable, Sendable {
  /// A bundled environment's name or a file's path.
  public var name: String
  /// Degrees of azimuth added to everything in the panorama.
  public var rotationDegrees: Float
  /// Brightness in stops; at 0 the panorama's brightest side lights white to 1.
  public var exposure: Float
  /// Standard deviation of a blur over all directions, degrees.
  public var blurDegrees: Float
  /// Whether left and right are exchanged before the rotation.
  public var isFlipped: Bool
  /// Whether it lights at all.
  public var isOn: Bool

  /// The studio's quiet fill light, or another panorama at the same level.
  public init(name: String = "softbox-studio") {
    self.name = name
    rotationDegrees = 0
    exposure = 0
    blurDegrees = 0
    isFlipped = false
    isOn = true
    for row in Self.parameters { self[keyPath: row.keyPath] = row.defaultValue }
  }

  /// Every number of the environment, in the order of the panel.
  public static let parameters: [ParameterRow<EnvironmentSettings>] = [
    .init(
      identifier: "rotation", alias: "rot", label: "Rotation", range: -360...360,
      usefulRange: -180...180, defaultValue: 0, unit: "°", step: 5, keyPath: \.rotationDegrees),
    .init(
      identifier: "exposure", alias: "ev", label: "Exposure", range: -10...10,
      usefulRange: -6...2, defaultValue: -3, unit: "EV", step: 1.0 / 3, keyPath: \.exposure),
    .init(
      identifier: "blur", alias: nil, label: "Blur", range: 0...90, usefulRange: 0...60,
      defaultValue: 0, unit: "°", step: 5, keyPath: \.blurDegrees),
  ]
}

extension EnvironmentSettings: Codable {
  /// Reads an `[environment]` table; missing keys take defaults.
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: ParameterKey.self)
    try container.refuseKeys(
      otherThan: ["name", "flipped", "on"] + Self.parameters.map(\.identifier))
    name = try container.decodeIfPresent(String.self, forKey: "name") ?? name
    try container.decode(Self.parameters, into: &self)
    isFlipped = try container.decodeIfPresent(Bool.self, forKey: "flipped") ?? isFlipped
    isOn = try container.decodeIfPresent(Bool.self, forKey: "on") ?? isOn
  }

  /// Writes every key.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: ParameterKey.self)
    try container.encode(name, forKey: "name")
    try container.encode(Self.parameters, of: self)
    try container.encode(isFlipped, forKey: "flipped")
    try container.encode(isOn, forKey: "on")
  }
}
