/// What the surface does with light beyond what the passes say per pixel.
public struct Material: Equatable, Sendable {
  /// Perceptual roughness of skin; the microfacet `alpha` is its square.
  public var roughness: Float
  /// Shine of forehead, nose and lips beyond the rest of the skin, 0 none.
  public var shine: Float
  /// Share of the skin under a clear film: sweat, oil, gloss.
  public var coat: Float
  /// Perceptual roughness of the film.
  public var coatRoughness: Float
  /// How much peach fuzz stands on the skin and catches light at the rim.
  public var fuzz: Float
  /// Scale of the specular pass, 1 = as predicted.
  public var specular: Float
  /// Scale of the translucency pass: light through ears and nose wings, soft terminator.
  public var translucency: Float
  /// Lateral scattering below the skin, 0 none, 1 the width measured on skin.
  public var subsurface: Float
  /// How much of the ambient occlusion is applied.
  public var aoStrength: Float
  /// Scale of the normals' slope, 0 flat, 1 as predicted, 2 exaggerated.
  public var normalStrength: Float
  /// Share of the photograph's own diffuse light that is blended back in.
  public var residualLight: Float

  /// The default of every row.
  public init() {
    roughness = 0
    shine = 0
    coat = 0
    coatRoughness = 0
    fuzz = 0
    specular = 0
    translucency = 0
    subsurface = 0
    aoStrength = 0
    normalStrength = 0
    residualLight = 0
    for row in Self.parameters { self[keyPath: row.keyPath] = row.defaultValue }
  }

  /// Every number of a material, in the order of the panel.
  ///
  /// The roughness range of skin and its F0 follow Google's Filament documentation and Weyrich et
  /// al. 2006; below 0.1 single precision no longer resolves the peak of GGX.
  public static let parameters: [ParameterRow<Material>] = [
    .init(
      identifier: "roughness", alias: nil, label: "Roughness", range: 0.1...1,
      usefulRange: 0.2...0.8, defaultValue: 0.55, unit: "", step: 0.02, keyPath: \.roughness),
    .init(
      identifier: "specular", alias: "spec", label: "Specular", range: 0...4, usefulRange: 0...2,
      defaultValue: 1, unit: "×", step: 0.05, keyPath: \.specular),
    .init(
      identifier: "t-zone", alias: nil, label: "T-zone shine", range: 0...1, usefulRange: 0...1,
      defaultValue: 0.3, unit: "", step: 0.05, keyPath: \.shine),
    .init(
      identifier: "coat", alias: nil, label: "Coat", range: 0...1, usefulRange: 0...1,
      defaultValue: 0, unit: "", step: 0.05, keyPath: \.coat),
    .init(
      identifier: "coat-roughness", alias: nil, label: "Coat roughness", range: 0.15...1,
      usefulRange: 0.15...0.6, defaultValue: 0.25, unit: "", step: 0.02, keyPath: \.coatRoughness),
    .init(
      identifier: "fuzz", alias: nil, label: "Peach fuzz", range: 0...1, usefulRange: 0...1,
      defaultValue: 0, unit: "", step: 0.05, keyPath: \.fuzz),
    .init(
      identifier: "translucency", alias: nil, label: "Translucency", range: 0...2,
      usefulRange: 0...2, defaultValue: 1, unit: "×", step: 0.05, keyPath: \.translucency),
    .init(
      identifier: "subsurface", alias: "sss", label: "Subsurface", range: 0...4,
      usefulRange: 0...2, defaultValue: 1, unit: "×", step: 0.05, keyPath: \.subsurface),
    .init(
      identifier: "ao", alias: nil, label: "AO strength", range: 0...1, usefulRange: 0...1,
      defaultValue: 1, unit: "", step: 0.05, keyPath: \.aoStrength),
    .init(
      identifier: "normal", alias: nil, label: "Normal strength", range: 0...2,
      usefulRange: 0...2, defaultValue: 1, unit: "×", step: 0.05, keyPath: \.normalStrength),
    .init(
      identifier: "residual", alias: nil, label: "Residual light", range: 0...1,
      usefulRange: 0...1, defaultValue: 0, unit: "", step: 0.05, keyPath: \.residualLight),
  ]

  /// Applies assignments such as `roughness=0.4,specular=1.2`.
  ///
  /// - Throws: `ShadingError` naming the key and what it takes.
  public mutating func apply(parsing text: String) throws(ShadingError) {
    for (key, value) in try assignments(in: text) {
      guard let row = Self.parameters.first(where: { $0.identifier == key || $0.alias == key })
      else {
        throw .unknownKey(key: key, known: Self.parameters.map(\.identifier))
      }
      self[keyPath: row.keyPath] = try row.value(parsing: value)
    }
  }
}

extension Material: Codable {
  /// Reads the keys of the parameter table; missing ones take their default.
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: ParameterKey.self)
    try container.refuseKeys(otherThan: Self.parameters.map(\.identifier))
    try container.decode(Self.parameters, into: &self)
  }

  /// Writes every key of the parameter table.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: ParameterKey.self)
    try container.encode(Self.parameters, of: self)
  }
}
