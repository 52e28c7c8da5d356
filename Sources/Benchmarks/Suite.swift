import StudioFiles

/// Related measurements, one file each.
struct Suite: Sendable {
  /// What the command line calls it.
  let name: String
  /// Times everything with the recorder; samples come from the asset folder.
  let run: @Sendable (Recorder, AssetFolder) throws -> Void

  static let all: [Suite] =
    [.shading, .shadingPeers, .composite, .studio, .opening, .encoders, .peers]
    + terminals + minutes + [.slowLink]
}
