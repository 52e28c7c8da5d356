/// One lamp: a disc or a rectangle of some size in some direction and distance.
///
/// Azimuth 0, elevation 0 is the camera; positive azimuth is image right, positive elevation up.
/// At exposure 0 it lights a white surface in the middle of the face that faces it to exactly 1, however
/// near it stands; from there its light falls off by the square of the distance.
public struct Light: Equatable, Sendable, Identifiable {
  /// Distinguishes the lights of one rig; never stored in files.
  public var id: Int
  /// The name that panels show.
  public var name: String
  /// Where the light comes from, degrees to image right.
  public var azimuthDegrees: Float
  /// Where the light comes from, degrees upwards.
  public var elevationDegrees: Float
  /// Brightness in stops.
  public var exposure: Float
  /// Colour temperature; 5600 is neutral.
  public var kelvin: Float
  /// Green (negative) to magenta (positive).
  public var tint: Float
  /// Angular diameter seen from the face: highlight and terminator soften with it.
  public var sizeDegrees: Float
  /// Distance from the middle of the face in heads of 22.5 cm; `farthest` stands for any distance.
  public var distance: Float
  /// Width over height: 1 is round, anything else a rectangle of the same area.
  public var aspect: Float
  /// Degrees by which a rectangle is turned against the clock, seen from the camera's side.
  public var rollDegrees: Float
  /// Whether it lights at all.
  public var isOn: Bool
  /// Whether it silences the lights that are not solo.
  public var isSolo: Bool
  /// Whether creases and cavities that cannot see it stay dark.
  public var castsShadow: Bool

  /// A light with the defaults of the parameter table.
  public init(id: Int = 0, name: String = "light") {
    self.id = id
    self.name = name
    azimuthDegrees = 0
    elevationDegrees = 0
    exposure = 0
    kelvin = 0
    tint = 0
    sizeDegrees = 0
    distance = 0
    aspect = 0
    rollDegrees = 0
    isOn = true
    isSolo = false
    castsShadow = true
    for row in Self.parameters { self[keyPath: row.keyPath] = row.defaultValue }
  }

  /// Every number of a light, in the order of the panel.
  public static let parameters: [ParameterRow<Light>] = [
    .init(
      identifier: "azimuth", alias: "az", label: "Azimuth", range: -180...180,
      usefulRange: -180...180, defaultValue: 45, unit: "°", step: 5, keyPath: \.azimuthDegrees),
    .init(
      identifier: "elevation", alias: "el", label: "Elevation", range: -90...90,
      usefulRange: -90...90, defaultValue: 30, unit: "°", step: 5, keyPath: \.elevationDegrees),
    .init(
      identifier: "exposure", alias: "ev", label: "Exposure", range: -10...10,
      usefulRange: -4...4, defaultValue: 0, unit: "EV", step: 1.0 / 3, keyPath: \.exposure),
    .init(
      identifier: "kelvin", alias: "k", label: "Temperature", range: 1800...20000,
      usefulRange: 2000...12000, defaultValue: 5600, unit: "K", step: 200, keyPath: \.kelvin),
    .init(
      identifier: "tint", alias: nil, label: "Tint", range: -100...100, usefulRange: -50...50,
      defaultValue: 0, unit: "", step: 2, keyPath: \.tint),
    .init(
      identifier: "size", alias: nil, label: "Size", range: 0...90, usefulRange: 0...60,
      defaultValue: 5, unit: "°", step: 1, keyPath: \.sizeDegrees),
    .init(
      identifier: "distance", alias: nil, label: "Heads away", range: 0.8...farthest,
      usefulRange: 0.8...farthest, defaultValue: farthest, unit: "", step: 0.5,
      keyPath: \.distance),
    .init(
      identifier: "aspect", alias: nil, label: "Aspect", range: 0.1...10, usefulRange: 0.1...10,
      defaultValue: 1, unit: "", step: 0.1, keyPath: \.aspect),
    .init(
      identifier: "roll", alias: nil, label: "Roll", range: -90...90, usefulRange: -90...90,
      defaultValue: 0, unit: "°", step: 5, keyPath: \.rollDegrees),
  ]

  /// From this distance on, in heads, all of the face is lit alike from one direction.
  public static let farthest: Float = 20

  /// A switch of a light, declared once for files and arguments.
  struct Switch: Sendable {
    let identifier: String
    let keyPath: any WritableKeyPath<Light, Bool> & Sendable
  }

  static let switches: [Switch] = [
    .init(identifier: "on", keyPath: \.isOn),
    .init(identifier: "solo", keyPath: \.isSolo),
    .init(identifier: "shadow", keyPath: \.castsShadow),
  ]

  /// Every key that files and arguments may hold.
  static var keys: [String] {
    ["name"] + parameters.map(\.identifier) + switches.map(\.identifier)
  }
}

extension Light {
  /// Reads `az=45,el=30,ev=0,kelvin=5600,tint=0,size=5,shadow=on`; missing keys take defaults.
  ///
  /// - Throws: `ShadingError` naming the key and what it takes.
  public init(parsing text: String, id: Int = 0) throws(ShadingError) {
    self.init(id: id)
    try apply(text)
  }

  /// Takes over the values of `az=45,ev=-1`; keys that are missing stay as they are.
  ///
  /// - Throws: `ShadingError` naming the key and what it takes; the keys before it are taken over.
  public mutating func apply(_ text: String) throws(ShadingError) {
    for (key, value) in try assignments(in: text) {
      try assign(value, to: key)
    }
  }

  private mutating func assign(_ value: String, to key: String) throws(ShadingError) {
    if let row = Self.parameters.first(where: { $0.identifier == key || $0.alias == key }) {
      self[keyPath: row.keyPath] = try row.value(parsing: value)
    } else if let found = Self.switches.first(where: { $0.identifier == key }) {
      switch value {
      case "on", "true", "yes": self[keyPath: found.keyPath] = true
      case "off", "false", "no": self[keyPath: found.keyPath] = false
      default: throw .invalidValue(key: key, value: value, expected: .onOrOff)
      }
    } else if key == "name" {
      name = value
    } else {
      throw .unknownKey(key: key, known: Self.keys)
    }
  }
}

extension Light: Codable {
  /// Reads a `[[light]]` table; missing keys take defaults.
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: ParameterKey.self)
    try container.refuseKeys(otherThan: Self.keys)
    name = try container.decodeIfPresent(String.self, forKey: "name") ?? name
    try container.decode(Self.parameters, into: &self)
    for row in Self.switches {
      let key = ParameterKey(stringValue: row.identifier)
      if let value = try container.decodeIfPresent(Bool.self, forKey: key) {
        self[keyPath: row.keyPath] = value
      }
    }
  }

  /// Writes every key.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: ParameterKey.self)
    try container.encode(name, forKey: "name")
    try container.encode(Self.parameters, of: self)
    for row in Self.switches {
      try container.encode(
        self[keyPath: row.keyPath], forKey: ParameterKey(stringValue: row.identifier))
    }
  }
}
