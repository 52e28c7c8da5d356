import Foundation

/// A place on the picture in shares of its width and height, 0...1 from the upper left corner.
public struct MeterPoint: Equatable, Sendable {
  /// The share of the width.
  public var x: Float
  /// The share of the height.
  public var y: Float

  /// A point, brought inside the picture.
  public init(x: Float, y: Float) {
    self.x = min(max(x, 0), 1)
    self.y = min(max(y, 0), 1)
  }
}

/// What a spot meter says about one place of the subject.
public struct MeterReading: Equatable, Sendable {
  /// What one light does there.
  public struct Contribution: Equatable, Sendable {
    /// The light's name.
    public var name: String
    /// Its luminance in the picture, in stops above middle grey (0.18); −∞ where it does not reach.
    public var stops: Float

    /// Names what a light does.
    public init(name: String, stops: Float) {
      self.name = name
      self.stops = stops
    }
  }

  /// Each light that shines, then the environment.
  public var contributions: [Contribution]
  /// All together, exposure included, in stops above middle grey.
  public var stops: Float
  /// The skin's own colour, sRGB-encoded 0...1.
  public var albedo: SIMD3<Float>
  /// Where the surface faces, degrees to image right.
  public var normalAzimuth: Float
  /// Where the surface faces, degrees upwards.
  public var normalElevation: Float
  /// Where a light of the rig has to stand for its highlight to be here, in the rig's frame.
  public var highlightAzimuth: Float
  /// Where a light of the rig has to stand for its highlight to be here, in the rig's frame.
  public var highlightElevation: Float

  /// Puts a reading together.
  public init(
    contributions: [Contribution], stops: Float, albedo: SIMD3<Float>,
    normal: (azimuth: Float, elevation: Float), highlight: (azimuth: Float, elevation: Float)
  ) {
    self.contributions = contributions
    self.stops = stops
    self.albedo = albedo
    normalAzimuth = normal.azimuth
    normalElevation = normal.elevation
    highlightAzimuth = highlight.azimuth
    highlightElevation = highlight.elevation
  }

  /// Adams's zone: V is middle grey, one stop each, 0 black and X white.
  public var zone: Int { Int(min(max((5 + stops).rounded(), 0), 10)) }
}

/// Two brightnesses against each other, as photographers write them.
struct LightingRatio {
  /// How far the first is above the second.
  let stops: Float

  /// Such as `2.8:1 · 1.5 stops`.
  var text: String {
    guard stops.isFinite, stops < 10 else { return "over 1000:1" }
    let ratio = exp2(stops)
    let digits = ratio < 9.95 && abs(ratio - ratio.rounded()) > 0.04 ? 1 : 0
    return "\(ratio.text(digits: digits)):1 · \(stops.text(digits: 1)) stops"
  }
}
