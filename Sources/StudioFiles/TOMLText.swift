import Foundation
import TOMLKit

/// Reads and writes Codable values as TOML, with errors that name file, line, key and value.
enum TOMLText {
  /// Reads a file's text.
  static func read(_ path: String) throws(StudioFilesError) -> String {
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw .unreadable(path: path, reason: reason(error, path: path))
    }
  }

  /// Decodes a value from text; `path` is for the errors.
  static func decode<Value: Decodable>(
    _ type: Value.Type, from text: String, path: String
  ) throws(StudioFilesError) -> Value {
    do {
      return try TOMLDecoder().decode(type, from: TOMLTable(string: text))
    } catch let error as TOMLParseError {
      throw .malformed(path: path, line: error.source.begin.line, reason: error.description)
    } catch let error as DecodingError {
      throw problem(error, text: text, path: path)
    } catch {
      throw .malformed(path: path, line: 1, reason: "\(error)")
    }
  }

  /// Encodes a value.
  ///
  /// - Precondition: the value encodes as a table; those of this program do.
  static func encode(_ value: some Encodable) -> String {
    do {
      return try TOMLEncoder(options: [.allowLiteralStrings, .allowUnicodeStrings])
        .encode(value) + "\n"
    } catch {
      preconditionFailure("a value of our own cannot be written as TOML: \(error)")
    }
  }

  // MARK: - Errors

  private static func reason(_ error: any Error, path: String) -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return "there is no such file"
    }
    if isFolder.boolValue { return "it is a folder" }
    if !FileManager.default.isReadableFile(atPath: path) { return "permission denied" }
    return "it is not UTF-8 text"
  }

  private static func problem(
    _ error: DecodingError, text: String, path: String
  ) -> StudioFilesError {
    switch error {
    case .typeMismatch(let type, let context):
      invalid(context.codingPath, expected: words(for: type), text: text, path: path)
    case .valueNotFound(let type, let context):
      invalid(context.codingPath, expected: words(for: type), text: text, path: path)
    case .keyNotFound(_, let context):
      // TOMLKit reports a value of the wrong kind this way as well, naming the kind in quotes; its
      // coding path already ends with the key.
      invalid(
        context.codingPath, expected: words(forTypeQuotedIn: context.debugDescription), text: text,
        path: path)
    case .dataCorrupted(let context):
      if let unknown = context.underlyingError as? UnknownKey {
        .unknownKey(
          path: path, line: location(context.codingPath, text)?.line,
          key: dotted(context.codingPath), known: unknown.known)
      } else {
        invalid(
          context.codingPath, expected: context.debugDescription, text: text, path: path)
      }
    @unknown default: .malformed(path: path, line: 1, reason: "\(error)")
    }
  }

  private static func invalid(
    _ codingPath: [any CodingKey], expected: String, text: String, path: String
  ) -> StudioFilesError {
    let place = location(codingPath, text)
    return .invalidValue(
      path: path, line: place?.line, key: dotted(codingPath), expected: expected,
      found: place?.value)
  }

  private static func location(_ codingPath: [any CodingKey], _ text: String) -> TOMLPlace? {
    TOMLPlace(of: codingPath.map { TOMLPlace.Step($0) }, in: text)
  }

  /// `rig.light.2.azimuth`; list positions count from 1, as people do.
  private static func dotted(_ codingPath: [any CodingKey]) -> String {
    codingPath.map { $0.intValue.map { "\($0 + 1)" } ?? $0.stringValue }.joined(separator: ".")
  }

  private static func words(for type: Any.Type) -> String {
    words(forTypeNamed: type is any Collection.Type && type != String.self ? "Array" : "\(type)")
  }

  private static func words(forTypeQuotedIn description: String) -> String {
    let quoted = description.split(separator: "\"", omittingEmptySubsequences: false)
    return words(forTypeNamed: description.hasPrefix("A \"") ? String(quoted[1]) : "")
  }

  private static func words(forTypeNamed name: String) -> String {
    switch name {
    case "String": "a text in quotes"
    case "Bool": "true or false"
    case "Int", "Double", "Float": "a number"
    case "Array": "a list"
    default: "a value"
    }
  }
}

/// Carried by a `DecodingError` for a key that means nothing.
struct UnknownKey: Error {
  let known: [String]
}

/// A key that is whatever the file says, for tables whose keys are checked by hand.
struct FileKey: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init(stringLiteral value: String) { stringValue = value }
  init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<FileKey> {
  /// Refuses keys that mean nothing: they are nearly always misspelt.
  func refuseKeys(otherThan known: [String]) throws {
    for key in allKeys where !known.contains(key.stringValue) {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: codingPath + [key], debugDescription: "unknown key",
          underlyingError: UnknownKey(known: known)))
    }
  }

  /// Fails at a key with what it should have held.
  func failure(at key: FileKey, expected: String) -> DecodingError {
    DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: expected)
  }
}
