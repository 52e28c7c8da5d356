/// What can be wrong with text that describes lights, materials or looks.
public enum ShadingError: Error, Equatable, Sendable {
  /// A piece of an argument is not of the form `key=value`.
  case malformedAssignment(text: String)
  /// A key that nothing here is called.
  case unknownKey(key: String, known: [String])
  /// A value of the wrong kind, or out of its range.
  case invalidValue(key: String, value: String, expected: ExpectedValue)
  /// A name that is not one of the choices, such as that of a tone map.
  case unknownName(name: String, known: [String])
}

/// The kind of value that a key takes, for error messages.
public enum ExpectedValue: Equatable, Sendable {
  /// A number within a range; the unit may be empty.
  case number(range: ClosedRange<Float>, unit: String)
  /// `on` or `off`.
  case onOrOff
}
