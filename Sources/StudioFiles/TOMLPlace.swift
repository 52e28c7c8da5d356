/// Where in a TOML text a key has its value, for errors found after parsing.
///
/// The parser keeps positions only for its own errors. This finds values written as `key = value`
/// under `[table]` and `[[list]]` headers, which is how this program's files are written; what stands
/// in inline tables is found at the line of the table.
struct TOMLPlace: Equatable {
  /// One step down: into a table by key, or into a list by position from 0.
  enum Step: Equatable {
    case key(String)
    case index(Int)

    init(_ key: any CodingKey) {
      self = key.intValue.map { .index($0) } ?? .key(key.stringValue)
    }
  }

  /// The line, from 1.
  let line: Int
  /// The value's text; nil for a table.
  let value: String?

  /// Looks the deepest written part of a path up; nil when not even its table is written.
  init?(of path: [Step], in text: String) {
    var header: [Step] = []
    var counts: [String: Int] = [:]
    var best: (depth: Int, place: TOMLPlace)?

    func offer(_ steps: [Step], _ place: TOMLPlace) {
      guard path.starts(with: steps), steps.count > best?.depth ?? 0 else { return }
      best = (steps.count, place)
    }

    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let trimmed = Self.trimmed(line)
      if trimmed.hasPrefix("[[") {
        let names = Self.names(trimmed.dropFirst(2).prefix { $0 != "]" })
        let key = names.joined(separator: ".")
        counts[key, default: -1] += 1
        header = Self.steps(names, counts: counts)
        // The header stands for the list as well as for its latest element.
        offer(Array(header.dropLast()), TOMLPlace(line: index + 1, value: nil))
        offer(header, TOMLPlace(line: index + 1, value: nil))
      } else if trimmed.hasPrefix("[") {
        header = Self.steps(Self.names(trimmed.dropFirst().prefix { $0 != "]" }), counts: counts)
        offer(header, TOMLPlace(line: index + 1, value: nil))
      } else if let equals = trimmed.firstIndex(of: "="), !trimmed.hasPrefix("#") {
        let names = Self.names(trimmed[..<equals])
        let value = Self.trimmed(trimmed[trimmed.index(after: equals)...])
        offer(
          header + names.map { .key($0) },
          TOMLPlace(line: index + 1, value: Self.withoutComment(value)))
      }
    }
    guard let found = best?.place else { return nil }
    // A value found half-way, as that of an inline table, is not the value asked for.
    self.init(line: found.line, value: best?.depth == path.count ? found.value : nil)
  }

  private init(line: Int, value: String?) {
    self.line = line
    self.value = value
  }

  /// The steps to a table; every list on the way means its latest element.
  private static func steps(_ names: [String], counts: [String: Int]) -> [Step] {
    var steps: [Step] = []
    for end in names.indices {
      steps.append(.key(names[end]))
      if let count = counts[names[...end].joined(separator: ".")] { steps.append(.index(count)) }
    }
    return steps
  }

  /// The parts of a dotted key, quotes taken off; a quoted part may hold dots.
  private static func names(_ text: Substring) -> [String] {
    var names: [String] = []
    var current = ""
    var quote: Character?
    for character in text {
      if character == quote {
        quote = nil
      } else if quote == nil, character == "\"" || character == "'" {
        quote = character
      } else if quote == nil, character == "." {
        names.append(current)
        current = ""
      } else if quote != nil || !character.isWhitespace {
        current.append(character)
      }
    }
    return names + [current]
  }

  private static func withoutComment(_ value: Substring) -> String {
    var quote: Character?
    for index in value.indices {
      let character = value[index]
      if character == quote {
        quote = nil
      } else if quote == nil, character == "\"" || character == "'" {
        quote = character
      } else if quote == nil, character == "#" {
        return String(trimmed(value[..<index]))
      }
    }
    return String(value)
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
