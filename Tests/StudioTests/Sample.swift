import Foundation
import Shading
import Studio
import TerminalCells
import TestSupport

/// States, keys and colours that the tests share.
enum Sample {
  static let screen = TerminalSize(columns: 120, rows: 40, pixelWidth: 1200, pixelHeight: 800)

  static let library = LookLibrary(
    rigs: [rig("Butterfly", 1), rig("Rembrandt", 2), rig("Three-point", 3)],
    environments: ["golden-hour", "night-street", "overcast", "softbox-studio"],
    materials: [preset("matte", 0.62), preset("natural", 0.45), preset("oily", 0.26)],
    themes: [Theme(name: "dark", roles: [:]), Theme(name: "light", roles: [:])])

  private static func preset(_ name: String, _ roughness: Float) -> LookLibrary.Preset {
    var material = Material()
    material.roughness = roughness
    return .init(name: name, material: material)
  }

  static func rig(_ name: String, _ count: Int) -> LightRig {
    let places: [(String, Float, Float, Float, Float)] = [
      ("key", 45, 45, 0, 5600), ("fill", -20, 0, -1.5, 6500), ("rim", 140, 20, 0.5, 3200),
    ]
    let lights = places.prefix(count).map { name, azimuth, elevation, exposure, kelvin in
      var light = Light(name: name)
      light.azimuthDegrees = azimuth
      light.elevationDegrees = elevation
      light.exposure = exposure
      light.kelvin = kelvin
      return light
    }
    return LightRig(name: name, lights: lights)
  }

  /// Nothing open.
  static func empty(_ size: TerminalSize = screen) -> StudioState {
    StudioState(size: size, library: library, keymap: keymap)
  }

  /// A portrait whose passes are still being made.
  static func decomposing(_ size: TerminalSize = screen) -> StudioState {
    var state = empty(size)
    _ = reduce(&state, .open(path: "/photos/anna.jpg", framing: "auto"))
    let photograph = OpenedPhotograph(
      generation: state.jobs.openGeneration, title: "anna.jpg", width: 3000, height: 4000)
    _ = reduce(&state, .photographOpened(photograph))
    answerPreview(&state, width: 600, height: 800)
    _ = reduce(
      &state,
      .decompositionProgress(
        generation: state.jobs.openGeneration, stage: "maginet", fraction: 0.47,
        layer: "encoder.3.residual.1"))
    return state
  }

  /// A portrait with passes under three lights, at rest.
  static func relit(_ size: TerminalSize = screen) -> StudioState {
    var state = decomposing(size)
    var look = Look(rig: rig("Three-point", 3))
    look.material.roughness = 0.36
    _ = reduce(
      &state, .decompositionFinished(generation: state.jobs.openGeneration, look: look))
    answerPreview(&state, width: 1024, height: 1024)
    if let message = state.messages.current {
      _ = reduce(&state, .messageExpired(id: message.id))
    }
    return state
  }

  /// Opens a portrait whose passes are there at once; `look` is the look to start with.
  static func open(_ path: String, look: Look? = nil, _ state: inout StudioState) {
    _ = reduce(&state, .open(path: path, framing: "auto"))
    let generation = state.jobs.openGeneration
    let title = String(path.split(separator: "/").last ?? "")
    let photograph = OpenedPhotograph(
      generation: generation, title: title, width: 640, height: 480)
    _ = reduce(&state, .photographOpened(photograph))
    _ = reduce(&state, .decompositionFinished(generation: generation, look: look))
  }

  /// Answers the newest preview request at full quality.
  static func answerPreview(
    _ state: inout StudioState, width: Int = 1024, height: Int = 1024,
    reading: MeterReading? = nil
  ) {
    let picture = PreviewPicture(
      generation: state.jobs.preview.generation, image: ImageIdentifier(7), width: width,
      height: height, quality: .final, milliseconds: 12, reading: reading)
    _ = reduce(&state, .previewReady(picture))
  }

  /// What a meter might say about the three lights.
  static let reading = MeterReading(
    contributions: [
      .init(name: "key", stops: 1.2), .init(name: "fill", stops: -0.8),
      .init(name: "rim", stops: -.infinity), .init(name: "environment", stops: -2.4),
    ], stops: 1.6, albedo: SIMD3(0.78, 0.6, 0.52), normal: (azimuth: 12, elevation: -4),
    highlight: (azimuth: 24, elevation: -8))

  /// Dusk: blue above, orange below.
  static let thumbnail = Thumbnail(
    width: 2, height: 2, bytes: [40, 60, 120, 40, 60, 120, 220, 140, 60, 220, 140, 60])

  /// A folder of portraits.
  static let listing = FolderListing(
    path: "/photos", folders: ["archive"], files: ["anna.jpg", "ben.png", "passes.exr"],
    recent: ["/photos/anna.jpg"])

  // MARK: - Keys

  /// The bundled keymap, read with just enough of TOML: Studio itself never reads files.
  static let keymap: Keymap = {
    let file = SourceTree.root.appendingPathComponent("themes/keymaps/default.toml")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    var bindings: [KeyBinding] = []
    var context: KeymapContext?
    var keys: [Key]?
    for line in text.split(separator: "\n") {
      if line.hasPrefix("[[") {
        context = KeymapContext(rawValue: String(line.dropFirst(2).dropLast(2)))
      } else if line.hasPrefix("on = ") {
        keys = Key.sequence(parsing: quoted(line))
      } else if line.hasPrefix("run = "), let context, let keys {
        bindings.append(KeyBinding(context: context, on: keys, run: quoted(line)))
      }
    }
    return Keymap(bindings)
  }()

  private static func quoted(_ line: Substring) -> String {
    String(line.drop { $0 != "\"" }.dropFirst().dropLast())
  }

  // MARK: - Colours

  /// A theme in which every role has a colour of its own, so that snapshots can name roles.
  static let theme: Theme = {
    var roles: [String: RoleStyle] = [:]
    for (index, role) in ThemeRole.allCases.enumerated() {
      roles[role.rawValue] = RoleStyle(
        foreground: .indexed(UInt8(16 + index)), background: .indexed(UInt8(100 + index)))
    }
    return Theme(name: "roles", roles: roles)
  }()

  /// The role painted in a style of `theme`; a selected row is named by both of its roles.
  static func roleName(_ style: CellStyle) -> String? {
    func role(_ color: TerminalColor, _ base: Int) -> String? {
      guard case .indexed(let index) = color else { return nil }
      let position = Int(index) - base
      return ThemeRole.allCases.indices.contains(position)
        ? ThemeRole.allCases[position].rawValue : nil
    }
    guard let back = role(style.background, 100) else { return nil }
    guard let front = role(style.foreground, 16) else { return "swatch on \(back)" }
    return front == back ? front : "\(front) on \(back)"
  }
}

/// Presses keys written as keymaps do and returns the effects of all.
@discardableResult
func press(_ notation: String, _ state: inout StudioState) -> [StudioEffect] {
  guard !notation.isEmpty else { return [] }
  guard let keys = Key.sequence(parsing: notation) else {
    preconditionFailure("no keys in \"\(notation)\"")
  }
  return keys.flatMap { reduce(&state, .key($0)) }
}

extension [StudioEffect] {
  /// The preview requests among the effects.
  var previews: [PreviewRequest] {
    compactMap { if case .renderPreview(let request) = $0 { request } else { nil } }
  }

  /// The effects without timers, which nearly every action has.
  var withoutTimers: [StudioEffect] {
    filter { if case .after = $0 { false } else { true } }
  }
}
