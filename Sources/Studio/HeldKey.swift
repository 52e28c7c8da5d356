/// A command that a held key repeats: the longer it is held, the larger the steps.
///
/// Terminals tell only of repeats. Those come every 30 to 50 milliseconds, so a pause of
/// `StudioTiming.keyRest` means that the key was let go.
public struct HeldKey: Equatable, Sendable {
  /// The command's name.
  public var command: String
  /// How often it has run without a pause.
  public var count: Int

  /// How much larger a step is than the first one.
  var factor: Float { count < 8 ? 1 : count < 20 ? 2 : 4 }
}

extension StudioAction {
  /// The action with larger steps; nil when it has none.
  func scaled(by factor: Float) -> StudioAction? {
    switch self {
    case .edit(.turnLight(let azimuth, let elevation)):
      .edit(.turnLight(azimuth: azimuth * factor, elevation: elevation * factor))
    case .edit(.adjust(let control, let steps)):
      .edit(.adjust(control, steps: steps * factor))
    case .adjustSelectedControl(let steps): .adjustSelectedControl(steps: steps * factor)
    case .moveMeter(let x, let y): .moveMeter(x: x * factor, y: y * factor)
    default: nil
    }
  }
}
