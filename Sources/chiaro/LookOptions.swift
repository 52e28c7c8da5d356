import ArgumentParser
import Shading
import StudioFiles

/// The options that describe a look, shared by all commands that light a portrait.
struct LookOptions: ParsableArguments {
  @Option(help: "A bundled rig (see `chiaro list rigs`) or a rig or look file (.toml).")
  var rig: String?

  @Option(
    help: ArgumentHelp(
      "A light, such as az=45,el=30,ev=0,kelvin=5600,tint=0,size=5,shadow=on; repeatable.",
      discussion: "Added to the rig's lights, or to none where no rig is named.",
      valueName: "key=value,…"))
  var light: [String] = []

  @Option(
    help: "A bundled environment (see `chiaro list environments`), a .hdr or .exr file, or ‘none’.")
  var environment: String?

  @Option(
    parsing: .unconditional, help: "Turn the environment by this many degrees to image right.")
  var environmentRotation: Float?

  @Option(
    help: ArgumentHelp(
      "A named material such as oily, or sliders such as roughness=0.4; repeatable.",
      discussion: "Later ones go over earlier ones. See `chiaro list materials`.",
      valueName: "name|key=value,…"))
  var material: [String] = []

  @Option(parsing: .unconditional, help: "Exposure of the picture in stops.")
  var exposure: Float?

  @Option(help: "standard, neutral, agx, aces or false-colour.")
  var toneMap: String?

  @Option(help: "How much of the photograph's fine detail is kept, 0 to 1.")
  var detail: Float?

  /// Flattering on nearly every face: what photographers start from.
  private static let defaultRig = "loop"

  /// The look these options describe.
  ///
  /// - Throws: `ShadingError`, `StudioFilesError`.
  func look(assets: AssetFolder) throws -> Look {
    var look = Look()
    if rig != nil || light.isEmpty {
      look = try assets.look(named: rig ?? Self.defaultRig)
    } else {
      look.rig.lights = []
      look.rig.name = "custom"
    }
    for text in light {
      let identifier = look.rig.unusedLightIdentifier
      var added = try Light(parsing: text, id: identifier)
      if !text.contains("name=") { added.name = "light \(look.rig.lights.count + 1)" }
      look.rig.lights.append(added)
    }
    try applyEnvironment(to: &look)
    for text in material {
      if text.contains("=") {
        try look.material.apply(parsing: text)
      } else {
        look.material = try assets.material(named: text)
      }
    }
    if let exposure { try look.set("exposure", to: exposure) }
    if let detail { try look.set("detail", to: detail) }
    if let toneMap { look.toneMap = try ToneMap(parsing: toneMap) }
    return look
  }

  private func applyEnvironment(to look: inout Look) throws {
    if environment == "none" {
      look.rig.environment.isOn = false
    } else if let environment {
      look.rig.environment.name = environment
      look.rig.environment.isOn = true
    }
    if let environmentRotation {
      let row = EnvironmentSettings.parameters.first { $0.identifier == "rotation" }
      look.rig.environment.rotationDegrees =
        try row?.value(parsing: "\(environmentRotation)") ?? environmentRotation
    }
  }
}

extension Look {
  /// Sets a number of the table by its identifier.
  fileprivate mutating func set(_ identifier: String, to value: Float) throws(ShadingError) {
    guard let row = Self.parameters.first(where: { $0.identifier == identifier }) else {
      throw .unknownKey(key: identifier, known: Self.parameters.map(\.identifier))
    }
    self[keyPath: row.keyPath] = try row.value(parsing: "\(value)")
  }
}
