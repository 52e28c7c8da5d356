/// A set of lights and an environment: how a photographer lights one portrait.
public struct LightRig: Equatable, Sendable {
  /// What the directions of the lights are measured from.
  public enum Frame: String, Codable, CaseIterable, Sendable {
    /// Azimuth 0 is the camera, whatever way the head turns.
    case camera
    /// Azimuth 0 is the tip of the nose: the lights turn with the head, the environment does not.
    case head
  }

  /// The name that panels show.
  public var name: String
  /// What the directions of the lights are measured from.
  public var frame: Frame
  /// The lamps; their ids are distinct.
  public var lights: [Light]
  /// The panorama around the face.
  public var environment: EnvironmentSettings

  /// A rig of the given lights, numbered from 0.
  public init(
    name: String = "custom", frame: Frame = .camera, lights: [Light] = [],
    environment: EnvironmentSettings = EnvironmentSettings()
  ) {
    self.name = name
    self.frame = frame
    self.lights = lights
    self.environment = environment
    for index in self.lights.indices { self.lights[index].id = index }
  }

  /// The lights that shine: those that are on, and only the solo ones where there are any.
  public var activeLights: [Light] {
    let lit = lights.filter(\.isOn)
    let solo = lit.filter(\.isSolo)
    return solo.isEmpty ? lit : solo
  }

  /// The rig with left and right exchanged, environment included.
  public var mirrored: LightRig {
    var rig = self
    for index in rig.lights.indices {
      rig.lights[index].azimuthDegrees.negate()
      rig.lights[index].rollDegrees.negate()
    }
    rig.environment.isFlipped.toggle()
    rig.environment.rotationDegrees.negate()
    return rig
  }

  /// An id that no light of the rig has.
  public var unusedLightIdentifier: Int {
    (lights.map(\.id).max() ?? -1) + 1
  }
}

extension LightRig: Codable {
  private static let keys = ["name", "frame", "light", "environment"]

  /// Reads a rig file; missing keys take defaults, lights are numbered from 0.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: ParameterKey.self)
    try container.refuseKeys(otherThan: Self.keys)
    self.init(
      name: try container.decodeIfPresent(String.self, forKey: "name") ?? "custom",
      frame: try container.decodeIfPresent(Frame.self, forKey: "frame") ?? .camera,
      lights: try container.decodeIfPresent([Light].self, forKey: "light") ?? [],
      environment: try container.decodeIfPresent(EnvironmentSettings.self, forKey: "environment")
        ?? EnvironmentSettings())
  }

  /// Writes every key.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: ParameterKey.self)
    try container.encode(name, forKey: "name")
    try container.encode(frame, forKey: "frame")
    try container.encode(lights, forKey: "light")
    try container.encode(environment, forKey: "environment")
  }
}
