import Imaging

/// An animated PNG put together from still ones (PNG specification, third edition, 2025).
struct AnimatedPNG {
  /// The file so far; whole once `frameCount` pictures were appended.
  var bytes: [UInt8] { file + (appended == frameCount ? Self.chunk("IEND", []) : []) }

  private let frameCount: Int
  private let delayMilliseconds: UInt16
  private var file: [UInt8] = []
  private var appended = 0
  private var sequence: UInt32 = 0

  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// An animation that plays for ever.
  init(frameCount: Int, secondsPerFrame: Double) {
    self.frameCount = frameCount
    delayMilliseconds = UInt16((secondsPerFrame * 1000).rounded())
  }

  /// Adds a picture; all are of one extent.
  ///
  /// - Throws: `ImageFileError.unwritable`.
  mutating func append(_ image: Image, path: String) throws(ImageFileError) {
    let still = try ImageFile.encoded(image, as: .png, path: path)
    let chunks = Self.chunks(of: still)
    if appended == 0 {
      file = Self.signature
      // What describes the samples stands before the first picture's data.
      for chunk in chunks.prefix(while: { $0.name != "IDAT" }) {
        file += Self.chunk(chunk.name, chunk.data)
        guard chunk.name == "IHDR" else { continue }
        file += Self.chunk("acTL", Self.word(UInt32(frameCount)) + Self.word(0))
      }
    }
    file += Self.chunk("fcTL", control(width: image.width, height: image.height))
    for chunk in chunks where chunk.name == "IDAT" {
      // The first picture is also what programs show that know no animations.
      file +=
        appended == 0
        ? Self.chunk("IDAT", chunk.data) : Self.chunk("fdAT", nextNumber() + chunk.data)
    }
    appended += 1
  }

  /// A frame control chunk: the whole picture, shown for the delay, drawn over the one before.
  private mutating func control(width: Int, height: Int) -> [UInt8] {
    nextNumber() + Self.word(UInt32(width)) + Self.word(UInt32(height)) + Self.word(0)
      + Self.word(0) + [UInt8(delayMilliseconds >> 8), UInt8(delayMilliseconds & 0xFF)]
      + [UInt8(1000 >> 8), UInt8(1000 & 0xFF), 0, 0]
  }

  private mutating func nextNumber() -> [UInt8] {
    defer { sequence += 1 }
    return Self.word(sequence)
  }

  // MARK: - Chunks

  private static func chunks(of png: [UInt8]) -> [(name: String, data: [UInt8])] {
    var chunks: [(name: String, data: [UInt8])] = []
    var position = signature.count
    while position + 12 <= png.count {
      let length = png[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = String(decoding: png[position + 4..<position + 8], as: UTF8.self)
      chunks.append((name, Array(png[position + 8..<position + 8 + length])))
      position += length + 12
    }
    return chunks
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    return word(UInt32(data.count)) + body + word(checksum(body))
  }

  private static func word(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1
    }
  }

  /// The cyclic redundancy check of ISO 3309.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
  }
}
