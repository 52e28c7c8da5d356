/// A curve from scene light to display light, both linear Rec.709; display light ends at 1.
public enum ToneMap: String, CaseIterable, Codable, Sendable {
  /// Clipping at 1: the photograph's own tones stay as they are.
  case standard
  /// Khronos PBR Neutral: colours kept below 0.8, highlights rolled off.
  case khronosNeutral = "neutral"
  /// AgX: filmic, saturated lights run to white.
  case agx
  /// ACES in Narkowicz's fit: contrasty.
  case aces
  /// Exposure by colour, after the scheme of ARRI's cameras: purple and blue lack light, green is
  /// middle grey, pink one stop above, yellow nearly and red fully white.
  case falseColor = "false-colour"

  /// The tone map of a name as users write it.
  ///
  /// - Throws: `ShadingError.unknownName`.
  public init(parsing name: String) throws(ShadingError) {
    guard let found = ToneMap(rawValue: name) else {
      throw .unknownName(name: name, known: Self.allCases.map(\.rawValue))
    }
    self = found
  }
}
