import Shading

extension ShadingError {
  /// What is wrong, short enough for the line under a prompt.
  var sentence: String {
    switch self {
    case .malformedAssignment(let text): "\(text): expected key=value"
    case .unknownKey(let key, let known): "\(key): expected one of \(known.joined(separator: ", "))"
    case .invalidValue(let key, let value, .onOrOff): "\(key)=\(value): expected on or off"
    case .invalidValue(let key, let value, .number(let range, let unit)):
      "\(key)=\(value): expected \(range.lowerBound.plainText(digits: 2)) to "
        + "\(range.upperBound.plainText(digits: 2))\(unit.isEmpty ? "" : " \(unit)")"
    case .unknownName(let name, let known):
      "\(name): expected one of \(known.joined(separator: ", "))"
    }
  }
}
