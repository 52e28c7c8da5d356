import Imaging

/// One of the six rendering passes a portrait is decomposed into.
///
/// This table is the one place that says how many channels a pass has, what its numbers mean and how
/// files hold them.
public enum PassKind: String, CaseIterable, Sendable, Codable {
  /// Light-free diffuse reflectance.
  case albedo
  /// Unit vectors in the camera's frame: +x right, +y up, +z to the camera.
  case normal
  /// Specular reflectance; scales F0 = 0.08 · S.
  case specular
  /// Share of light scattered through thin tissue: 0 thick, 1 thin.
  case translucency
  /// Hemispherical visibility.
  case ao
  /// Diffuse colour with the photograph's own light still in it.
  case diffuse

  /// The short name used by keys, tables and papers.
  public var code: String {
    switch self {
    case .albedo: "A"
    case .normal: "N"
    case .specular: "S"
    case .translucency: "T"
    case .ao: "AO"
    case .diffuse: "D"
    }
  }

  /// The name for people.
  public var title: String {
    switch self {
    case .albedo: "Albedo"
    case .normal: "Normal"
    case .specular: "Specular"
    case .translucency: "Translucency"
    case .ao: "Ambient occlusion"
    case .diffuse: "Raw diffuse"
    }
  }

  /// Planes of the pass.
  public var channels: Int {
    switch self {
    case .albedo, .normal, .diffuse: 3
    case .specular, .translucency, .ao: 1
    }
  }

  /// The values a pass is made of; raw diffuse may exceed 1 where the light did.
  public var range: ClosedRange<Float> { self == .normal ? -1...1 : 0...1 }

  /// What the samples mean inside the program.
  public var encoding: ColorEncoding {
    switch self {
    case .albedo, .diffuse: .linear
    case .normal, .specular, .translucency, .ao: .data
    }
  }

  /// How a 16-bit PNG holds the pass.
  public var storage: PassStorage {
    switch self {
    case .albedo, .diffuse: .sRGB
    case .normal: .signed
    case .specular, .translucency, .ao: .linear
    }
  }

  /// The channels' names in a multilayer OpenEXR file, in plane order.
  public var layerChannels: [String] {
    switch self {
    case .albedo, .diffuse: ["R", "G", "B"].map { "\(rawValue).\($0)" }
    case .normal: ["X", "Y", "Z"].map { "\(rawValue).\($0)" }
    case .specular, .translucency, .ao: ["\(rawValue).Y"]
    }
  }
}

/// How an integer file holds the numbers of a pass.
public enum PassStorage: String, Sendable, Codable {
  /// Light behind the sRGB curve, clipped to 0..1.
  case sRGB
  /// The value itself, 0..1.
  case linear
  /// A value of −1..1 as (v + 1) / 2.
  case signed
}

/// One of the two mattes that go with the passes.
public enum MatteKind: String, CaseIterable, Sendable, Codable {
  /// Facial skin with lips, eyes, ears and neck.
  case skin
  /// The whole person.
  case subject

  /// The name for people.
  public var title: String { self == .skin ? "Skin matte" : "Subject matte" }

  /// The matte's channel in a multilayer OpenEXR file.
  public var layerChannels: [String] { ["\(rawValue).Y"] }
}
