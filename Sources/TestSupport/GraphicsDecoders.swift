import Glibc
import Imaging

/// A picture sent as sixels, read back the way a terminal does.
public struct DecodedSixel: Equatable, Sendable {
  public let image: DisplayImage
  /// Registers that were defined.
  public let colorCount: Int
  /// Pixels that no sixel covered.
  public let uncoveredPixels: Int

  /// Reads the first device control string with sixels in the bytes; nil when there is none, it
  /// has no raster attributes, or it draws outside of them.
  public init?(_ bytes: [UInt8]) {
    guard let body = Self.body(of: bytes) else { return nil }
    var reader = SixelReader(bytes: body)
    guard let canvas = reader.read() else { return nil }
    image = DisplayImage(width: canvas.width, height: canvas.height, bytes: canvas.bytes)
    colorCount = canvas.registers.count
    uncoveredPixels = canvas.covered.count { !$0 }
  }

  private static func body(of bytes: [UInt8]) -> [UInt8]? {
    guard let start = bytes.firstRange(of: Array("\u{1B}P".utf8)),
      let end = bytes[start.upperBound...].firstRange(of: Array("\u{1B}\\".utf8)),
      let introducer = bytes[start.upperBound..<end.lowerBound].firstIndex(of: UInt8(ascii: "q"))
    else { return nil }
    return Array(bytes[(introducer + 1)..<end.lowerBound])
  }
}

private struct SixelCanvas {
  let width: Int
  let height: Int
  var bytes: [UInt8]
  var covered: [Bool]
  var registers: [Int: (UInt8, UInt8, UInt8)] = [:]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    bytes = Array(repeating: 0, count: 3 * width * height)
    covered = Array(repeating: false, count: width * height)
  }
}

private struct SixelReader {
  let bytes: [UInt8]
  private var index = 0
  private var column = 0
  private var band = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func read() -> SixelCanvas? {
    guard take("\""), case let attributes = numbers(), attributes.count == 4 else { return nil }
    var canvas = SixelCanvas(width: attributes[2], height: attributes[3])
    var color: (UInt8, UInt8, UInt8)?
    while index < bytes.count {
      if take("#") {
        let parameters = numbers()
        if parameters.count == 5, parameters[1] == 2 {
          canvas.registers[parameters[0]] = (
            Self.byte(parameters[2]), Self.byte(parameters[3]), Self.byte(parameters[4])
          )
        }
        color = canvas.registers[parameters[0]]
      } else if take("$") {
        column = 0
      } else if take("-") {
        column = 0
        band += 1
      } else {
        let count = take("!") ? numbers()[0] : 1
        guard index < bytes.count, (63...126).contains(bytes[index]), let color else { return nil }
        let sixel = bytes[index] - 63
        index += 1
        guard draw(sixel, count: count, color: color, on: &canvas) else { return nil }
      }
    }
    return canvas
  }

  private mutating func draw(
    _ sixel: UInt8, count: Int, color: (UInt8, UInt8, UInt8), on canvas: inout SixelCanvas
  ) -> Bool {
    guard column + count <= canvas.width else { return false }
    for bit in 0..<6 where sixel & (1 << bit) != 0 {
      let row = 6 * band + bit
      guard row < canvas.height else { return false }
      for x in column..<column + count {
        let pixel = row * canvas.width + x
        canvas.covered[pixel] = true
        (canvas.bytes[3 * pixel], canvas.bytes[3 * pixel + 1], canvas.bytes[3 * pixel + 2]) = color
      }
    }
    column += count
    return true
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private mutating func numbers() -> [Int] {
    var numbers = [0]
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int(bytes[index] - 48)
      case UInt8(ascii: ";"): numbers.append(0)
      default: return numbers
      }
      index += 1
    }
    return numbers
  }

  /// Registers are given in per cent.
  private static func byte(_ percent: Int) -> UInt8 { UInt8((percent * 255 + 50) / 100) }
}

/// One graphics command of kitty's protocol.
public struct KittyCommand: Equatable, Sendable {
  public let keys: [String: String]
  /// The bytes behind the semicolon, still in base64.
  public let payload: [UInt8]

  /// All commands in the bytes, in order.
  public static func all(in bytes: [UInt8]) -> [KittyCommand] {
    var commands: [KittyCommand] = []
    var rest = bytes[...]
    while let start = rest.firstRange(of: Array("\u{1B}_G".utf8)),
      let end = rest[start.upperBound...].firstRange(of: Array("\u{1B}\\".utf8))
    {
      let body = rest[start.upperBound..<end.lowerBound]
      let parts = body.split(separator: UInt8(ascii: ";"), maxSplits: 1)
      let control = parts.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
      let pairs = control.split(separator: ",").map { $0.split(separator: "=") }
      let keys = Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) })
      commands.append(KittyCommand(keys: keys, payload: parts.count > 1 ? Array(parts[1]) : []))
      rest = rest[end.upperBound...]
    }
    return commands
  }

  /// The picture that a transmission in chunks carries, raw RGB or PNG; nil when it is malformed.
  public static func image(in commands: [KittyCommand]) -> DisplayImage? {
    guard let first = commands.first(where: { $0.keys["a"] == "T" }) else { return nil }
    let payload = commands.filter { $0.keys["a"] != "d" }.flatMap(\.payload)
    guard let bytes = Base64.decode(payload) else { return nil }
    if first.keys["f"] == "100" { return FilePicture.decode(bytes, suffix: "png") }
    guard first.keys["f"] == "24", let width = first.keys["s"].flatMap({ Int($0) }),
      let height = first.keys["v"].flatMap({ Int($0) }), bytes.count == 3 * width * height
    else { return nil }
    return DisplayImage(width: width, height: height, bytes: bytes)
  }

  /// What the shared memory that a command names holds; it is gone afterwards.
  static func sharedBytes(of command: [UInt8]) -> [UInt8]? {
    guard let payload = all(in: command).first?.payload, let name = Base64.decode(payload) else {
      return nil
    }
    let path = String(decoding: name, as: UTF8.self)
    let descriptor = shm_open(path, O_RDONLY, 0)
    guard descriptor >= 0 else { return nil }
    defer {
      close(descriptor)
      shm_unlink(path)
    }
    var description = stat()
    fstat(descriptor, &description)
    var bytes = [UInt8](repeating: 0, count: Int(description.st_size))
    return read(descriptor, &bytes, bytes.count) == bytes.count ? bytes : nil
  }

  static func sharedImage(of command: [UInt8], keys: [String: String]) -> DisplayImage? {
    guard let bytes = sharedBytes(of: command), let width = keys["s"].flatMap({ Int($0) }),
      let height = keys["v"].flatMap({ Int($0) }), keys["f"] == "24",
      keys["S"] == "\(bytes.count)", bytes.count == 3 * width * height
    else { return nil }
    return DisplayImage(width: width, height: height, bytes: bytes)
  }
}

/// A picture of iTerm2's protocol.
public struct InlineImage: Sendable {
  /// The arguments before the file: `inline`, `size`, `width`, `height`.
  public let arguments: [String: String]
  public let image: DisplayImage

  /// Reads the first inline image in the bytes; nil when there is none or it is malformed.
  public init?(_ bytes: [UInt8]) {
    guard let start = bytes.firstRange(of: Array("1337;File=".utf8)),
      let colon = bytes[start.upperBound...].firstIndex(of: UInt8(ascii: ":"))
    else { return nil }
    let text = String(decoding: bytes[start.upperBound..<colon], as: UTF8.self)
    let pairs = text.split(separator: ";").map { $0.split(separator: "=").map(String.init) }
    arguments = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
    let payload = bytes[(colon + 1)...].prefix { $0 != 7 && $0 != 0x1B }
    guard let file = Base64.decode(Array(payload)), arguments["size"] == "\(file.count)",
      let picture = FilePicture.decode(file, suffix: "jpg")
    else { return nil }
    image = picture
  }
}

/// Files inside of terminal sequences.
enum FilePicture {
  static func decode(_ bytes: [UInt8], suffix: String) -> DisplayImage? {
    let path = "/tmp/chiaro-picture-\(getpid())-\(UInt32.random(in: 0 ... .max)).\(suffix)"
    guard let file = fopen(path, "w") else { return nil }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    defer { unlink(path) }
    return (try? ImageFile.readPhotograph(at: path)).map { DisplayImage($0.image) }
  }
}

/// Reads base64 (RFC 4648) with padding.
public enum Base64 {
  /// The bytes, or nil when a character or the length is wrong.
  public static func decode(_ text: [UInt8]) -> [UInt8]? {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var values = [Int?](repeating: nil, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = value }
    guard text.count % 4 == 0 else { return nil }
    var bits = 0
    var bitCount = 0
    var bytes: [UInt8] = []
    for character in text where character != UInt8(ascii: "=") {
      guard let value = values[Int(character)] else { return nil }
      bits = bits << 6 | value
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
        bits &= (1 << bitCount) - 1
      }
    }
    return bytes
  }
}
