import RenderPasses

/// What the viewport shows of the open portrait.
public enum ViewMode: String, CaseIterable, Sendable, Codable {
  case relit, photograph, albedo, normal, specular, translucency, diffuse, ao, skin, subject
  case depth, light, shadow, falseColor, zebra, probes

  /// The name people read.
  public var title: String {
    switch self {
    case .relit: "Relit"
    case .photograph: "Photograph"
    case .albedo: "Albedo"
    case .normal: "Normal"
    case .specular: "Specular"
    case .translucency: "Translucency"
    case .diffuse: "Raw diffuse"
    case .ao: "Ambient occlusion"
    case .skin: "Skin matte"
    case .subject: "Subject matte"
    case .depth: "Depth"
    case .light: "This light alone"
    case .shadow: "Shadow of this light"
    case .falseColor: "False colour"
    case .zebra: "Clipping"
    case .probes: "Probe spheres"
    }
  }

  /// The pass this view shows, when it shows one.
  public var pass: PassKind? { PassKind(rawValue: rawValue) }

  /// Everything but the photograph itself and the light by itself comes out of the networks.
  public var needsPasses: Bool { self != .photograph && self != .probes }

  /// Whether a change of lights or materials changes this picture.
  public var dependsOnLook: Bool {
    self == .relit || self == .falseColor || self == .zebra || self == .probes || dependsOnSelection
  }

  /// Whether selecting another light changes this picture.
  public var dependsOnSelection: Bool { self == .light || self == .shadow }
}

/// How the relit picture is set against the photograph.
public enum Comparison: Equatable, Sendable {
  /// One picture only.
  case off
  /// Photograph left of the edge, current view right of it; the edge is a share of the width, 0...1.
  case wipe(edge: Float)
  /// Photograph and current view next to each other.
  case sideBySide
}

/// The regions of the screen that take the focus, in the order the focus travels.
public enum Panel: String, CaseIterable, Sendable, Codable {
  case viewport, views, lights, environment, material, picture

  /// The name on the panel's border.
  public var title: String {
    switch self {
    case .viewport: "Portrait"
    case .views: "Views"
    case .lights: "Lights"
    case .environment: "Environment"
    case .material: "Material"
    case .picture: "Picture"
    }
  }
}
