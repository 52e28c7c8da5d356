/// Everything that turns passes into a picture: what a look file stores and the studio edits.
public struct Look: Equatable, Sendable {
  /// The lights and the environment.
  public var rig: LightRig
  /// What the surface does with light.
  public var material: Material
  /// Exposure of the whole picture, stops.
  public var exposure: Float
  /// How much of the photograph's fine detail is kept: 0 pure shading, 1 ratio image.
  public var detail: Float
  /// How scene light becomes display light.
  public var toneMap: ToneMap

  /// A look with the defaults of every table.
  public init(rig: LightRig = LightRig(lights: [Light(name: "key")])) {
    self.rig = rig
    material = Material()
    exposure = 0
    detail = 0
    toneMap = .standard
    for row in Self.parameters { self[keyPath: row.keyPath] = row.defaultValue }
  }

  /// The numbers of the picture as a whole.
  public static let parameters: [ParameterRow<Look>] = [
    .init(
      identifier: "exposure", alias: "ev", label: "Exposure", range: -10...10,
      usefulRange: -4...4, defaultValue: 0, unit: "EV", step: 1.0 / 3, keyPath: \.exposure),
    .init(
      identifier: "detail", alias: nil, label: "Detail", range: 0...1, usefulRange: 0...1,
      defaultValue: 0.7, unit: "", step: 0.05, keyPath: \.detail),
  ]
}

extension Look: Codable {
  private static let keys = ["rig", "material", "tone-map"] + parameters.map(\.identifier)

  /// Reads a look file; missing keys take defaults.
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: ParameterKey.self)
    try container.refuseKeys(otherThan: Self.keys)
    try container.decode(Self.parameters, into: &self)
    rig = try container.decodeIfPresent(LightRig.self, forKey: "rig") ?? rig
    material = try container.decodeIfPresent(Material.self, forKey: "material") ?? material
    toneMap = try container.decodeIfPresent(ToneMap.self, forKey: "tone-map") ?? toneMap
  }

  /// Writes every key; plain values first, as TOML wants them before tables.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: ParameterKey.self)
    try container.encode(Self.parameters, of: self)
    try container.encode(toneMap, forKey: "tone-map")
    try container.encode(material, forKey: "material")
    try container.encode(rig, forKey: "rig")
  }
}
