/// A key taken from a parameter row, so that tables rather than code list what files hold.
struct ParameterKey: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init(stringLiteral value: String) { stringValue = value }
  init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<ParameterKey> {
  /// Reads the rows that are present; the others keep the values of `root`.
  func decode<Root>(_ rows: [ParameterRow<Root>], into root: inout Root) throws {
    for row in rows {
      let key = ParameterKey(stringValue: row.identifier)
      guard contains(key) else { continue }
      let value = try number(forKey: key)
      guard row.range.contains(value) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: self,
          debugDescription: """
            \(row.identifier) = \(value) is out of range, \
            \(row.range.lowerBound) to \(row.range.upperBound) \(row.unit)
            """)
      }
      root[keyPath: row.keyPath] = value
    }
  }

  /// Refuses keys that mean nothing: they are nearly always misspelt.
  func refuseKeys(otherThan known: [String]) throws {
    for key in allKeys where !known.contains(key.stringValue) {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self,
        debugDescription: """
          unknown key \(key.stringValue); known are \(known.joined(separator: ", "))
          """)
    }
  }

  /// A number, also where the file has an integer: `kelvin = 5600`.
  private func number(forKey key: ParameterKey) throws -> Float {
    if let integer = try? decode(Int.self, forKey: key) { return Float(integer) }
    return Float(try decode(Double.self, forKey: key))
  }
}

extension KeyedEncodingContainer<ParameterKey> {
  /// Writes every row.
  mutating func encode<Root>(_ rows: [ParameterRow<Root>], of root: Root) throws {
    for row in rows {
      // Through the shortest decimal that reads back the same: 0.4, not 0.4000000059604645.
      let value = root[keyPath: row.keyPath]
      try encode(
        Double("\(value)") ?? Double(value), forKey: ParameterKey(stringValue: row.identifier))
    }
  }
}
