/// One number that users edit, declared once: sliders, file reader, arguments and help read it.
public struct ParameterRow<Root: Sendable>: Sendable {
  /// The key in files and arguments, such as `azimuth`.
  public let identifier: String
  /// The short key that arguments accept as well, such as `az`.
  public let alias: String?
  /// The words beside the slider.
  public let label: String
  /// The values that are accepted at all.
  public let range: ClosedRange<Float>
  /// The values that a slider shows.
  public let usefulRange: ClosedRange<Float>
  /// The value of a new light or material.
  public let defaultValue: Float
  /// The unit, empty for plain ratios.
  public let unit: String
  /// What one key press adds or subtracts.
  public let step: Float
  /// The property of the model that the row edits.
  public let keyPath: any WritableKeyPath<Root, Float> & Sendable

  /// The value clamped to what is accepted.
  public func clamped(_ value: Float) -> Float {
    min(max(value, range.lowerBound), range.upperBound)
  }

  /// Reads a number written by a user.
  ///
  /// - Throws: `ShadingError.invalidValue` when it is no number or out of range.
  public func value(parsing text: String) throws(ShadingError) -> Float {
    guard let value = Float(text), range.contains(value) else {
      throw .invalidValue(
        key: identifier, value: text, expected: .number(range: range, unit: unit))
    }
    return value
  }
}

/// Splits `a=1,b=2` into pairs.
///
/// - Throws: `ShadingError.malformedAssignment` for a piece without `=` or with an empty key.
func assignments(in text: String) throws(ShadingError) -> [(key: String, value: String)] {
  var pairs: [(key: String, value: String)] = []
  for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
    let sides = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let key = trimmed(sides[0])
    guard sides.count == 2, !key.isEmpty else {
      throw .malformedAssignment(text: String(piece))
    }
    pairs.append((key, trimmed(sides[1])))
  }
  return pairs
}

private func trimmed(_ text: Substring) -> String {
  let head = text.drop(while: \.isWhitespace)
  return String(head.reversed().drop(while: \.isWhitespace).reversed())
}
