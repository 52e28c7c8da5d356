import Shading

/// A light that goes once around the portrait.
public struct Turntable: Equatable, Sendable {
  /// The light that goes around.
  public var light: Light.ID
  /// Pictures of one round.
  public var frames: Int

  /// A round of one light, 10° from picture to picture.
  public init(light: Light.ID, frames: Int = 36) {
    self.light = light
    self.frames = frames
  }

  /// The look at a picture of the round; 0 is the look itself.
  public func look(_ look: Look, at frame: Int) -> Look {
    var turned = look
    guard let azimuth = look.number(.light("azimuth"), light: light)?.value else { return look }
    let degrees = 360 * Float(frame % frames) / Float(frames)
    turned.setNumber(azimuth + degrees, for: .light("azimuth"), light: light)
    return turned
  }

  /// Seconds that one picture is shown.
  public static let secondsPerFrame = 1.0 / 12
}
