import Imaging
import Testing

@Suite struct RadianceCodecTests {
  @Test("flat pixels are mantissas times a power of two, divided by the exposure")
  func flat() throws {
    let bytes =
      header(width: 2, height: 2, lines: ["EXPOSURE=2"]) + [
        128, 64, 0, 129, 255, 255, 255, 128, 0, 0, 0, 0, 128, 128, 128, 136,
      ]
    let image = try read(bytes)
    #expect(image.encoding == .linear)
    #expect(image[0, 0, 0] == 0.5)
    #expect(image[1, 0, 0] == 0.25)
    #expect(image[2, 1, 0] == Float(255) / 512)
    #expect(image[0, 0, 1] == 0)
    #expect(image[0, 1, 1] == 64)
  }

  @Test("run-length coded lines are unrolled")
  func coded() throws {
    let line: [UInt8] = [2, 2, 0, 8] + [136, 64] + [136, 32] + [2, 16, 24, 134, 8] + [136, 129]
    let image = try read(header(width: 8, height: 2) + line + line)
    #expect(image[0, 7, 1] == 0.5)
    #expect(image[1, 3, 0] == 0.25)
    #expect(image[2, 0, 0] == 0.125)
    #expect(image[2, 1, 1] == 0.1875)
    #expect(image[2, 2, 1] == 0.0625)
  }

  @Test("the old runs repeat the last pixel")
  func oldRuns() throws {
    let image = try read(
      header(width: 3, height: 2) + [128, 0, 0, 129, 1, 1, 1, 2] + [
        128, 0, 0, 130, 128, 0, 0, 130, 128, 0, 0, 130,
      ])
    #expect(image.plane(0).samples == [1, 1, 1, 2, 2, 2])
  }

  @Test("other formats, other row orders and runs that are too long are refused")
  func refusals() throws {
    let pixels = [UInt8](repeating: 1, count: 64)
    #expect(throws: ImageFileError.self) {
      try read(header(width: 2, height: 2, lines: ["FORMAT=32-bit_rle_xyze"]) + pixels)
    }
    #expect(throws: ImageFileError.self) {
      try read(Array("#?RADIANCE\n\n+Y 2 +X 2\n".utf8) + pixels)
    }
    #expect(throws: ImageFileError.self) {
      try read(header(width: 8, height: 2) + [2, 2, 0, 8, 255, 1] + pixels)
    }
    #expect(throws: ImageFileError.truncated(path: "a.hdr", format: .radiance)) {
      try read(header(width: 4, height: 4) + [1, 2, 3])
    }
  }

  private func header(width: Int, height: Int, lines: [String] = []) -> [UInt8] {
    let text = ["#?RADIANCE", "# by hand"] + lines + ["", "-Y \(height) +X \(width)", ""]
    return Array(text.joined(separator: "\n").utf8)
  }

  private func read(_ bytes: [UInt8]) throws -> Image {
    try ImageFile.environment(from: bytes, path: "a.hdr")
  }
}
