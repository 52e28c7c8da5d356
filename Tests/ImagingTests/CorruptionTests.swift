import Imaging
import TestSupport
import Testing

/// Damaged files end in an `ImageFileError` or in a picture, never in a crash.
@Suite struct CorruptionTests {
  static let formats: [ImageFormat] = [.png, .jpeg, .webP, .openEXR, .radiance]

  @Test("a file cut anywhere is refused", arguments: formats)
  func truncation(format: ImageFormat) throws {
    let whole = try sample(format)
    try decode(whole, format)
    // The last bytes of a PNG and a JPEG only say that the file ends.
    let ends = Set(stride(from: 0, to: whole.count - 16, by: max(1, whole.count / 150)))
    for end in ends.sorted() {
      #expect(throws: ImageFileError.self, "\(format) cut at \(end) of \(whole.count)") {
        try decode(Array(whole[..<end]), format)
      }
    }
  }

  @Test("flipped bits do not crash", arguments: formats)
  func bitFlips(format: ImageFormat) throws {
    let whole = try sample(format)
    var generator = SeededGenerator(seed: 11)
    var refused = 0
    for _ in 0..<400 {
      var damaged = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        // Headers matter most, so half of the flips go there.
        let limit = Bool.random(using: &generator) ? min(200, whole.count) : whole.count
        damaged[Int.random(in: 0..<limit, using: &generator)] ^=
          1 << UInt8.random(in: 0..<8, using: &generator)
      }
      do {
        try decode(damaged, format)
      } catch is ImageFileError {
        refused += 1
      }
    }
    #expect(refused > 20)
  }

  @Test("noise behind a signature does not crash", arguments: formats)
  func noise(format: ImageFormat) throws {
    let signature = Array(try sample(format).prefix(12))
    var generator = SeededGenerator(seed: 12)
    for _ in 0..<200 {
      let tail = (0..<Int.random(in: 0...600, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      #expect(throws: ImageFileError.self) { try decode(signature + tail, format) }
    }
  }

  private func sample(_ format: ImageFormat) throws -> [UInt8] {
    let image = waves(width: 40, height: 36, channels: 3)
    if format != .radiance { return try ImageFile.encoded(image, as: format, path: "a") }
    let line: [UInt8] =
      [2, 2, 0, 40] + (0..<4).flatMap { _ in [UInt8]([128 + 30, 130, 10]) + Array(1...10) }
    return Array("#?RADIANCE\n\n-Y 36 +X 40\n".utf8) + (0..<36).flatMap { _ in line }
  }

  private func decode(_ bytes: [UInt8], _ format: ImageFormat) throws {
    switch format {
    case .openEXR, .radiance: _ = try ImageFile.environment(from: bytes, path: "a")
    case .png, .jpeg, .webP: _ = try ImageFile.photograph(from: bytes, path: "a")
    }
  }
}
