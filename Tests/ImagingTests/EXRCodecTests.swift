import Foundation
import Imaging
import Testing

@Suite struct EXRCodecTests {
  @Test("layers come back: floats exactly, halves to eleven bits")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let values = noise(width: 37, height: 45, channels: 1).samples
    let wide = values.map { $0 * 3000 - 7 }
    let layers = LayeredImage(
      width: 37, height: 45,
      channels: [
        .init(name: "normal.X", precision: .half, samples: values[...]),
        .init(name: "Z", precision: .float, samples: wide[...]),
      ])
    try ImageFile.write(layers, to: folder.file("a.exr"))
    let read = try ImageFile.readLayers(at: folder.file("a.exr"))
    #expect(read.channels.map(\.name).sorted() == ["Z", "normal.X"])
    #expect(read["Z"] == wide[...])
    let halves = try #require(read["normal.X"])
    #expect(zip(halves, values).allSatisfy { abs($0 - $1) <= 0.0005 * $1 + 1e-7 })
    #expect(read["nothing"] == nil)
  }

  @Test("an environment is R, G, B, or Y three times")
  func environment() throws {
    let image = noise(width: 16, height: 8, encoding: .linear)
    let color = try ImageFile.environment(
      from: ImageFile.encoded(image, as: .openEXR, path: "a.exr"), path: "a.exr")
    #expect(color.encoding == .linear)
    #expect(largestDifference(color, image) < 1e-3)
    let gray = try ImageFile.environment(
      from: ImageFile.encoded(image.plane(1), as: .openEXR, path: "a.exr"), path: "a.exr")
    #expect(gray.channels == 3)
    #expect(gray.plane(0) == gray.plane(2))
    #expect(largestDifference(gray.plane(0), image.plane(1)) < 1e-3)
  }

  @Test("a file without colour is no environment")
  func noColor() throws {
    let folder = try TemporaryFolder()
    let layers = LayeredImage(
      width: 2, height: 2,
      channels: [.init(name: "Z", precision: .float, samples: [1, 2, 3, 4])])
    let path = folder.file("z.exr")
    try ImageFile.write(layers, to: path)
    #expect(
      throws: ImageFileError.unsupported(
        path: path, format: .openEXR, feature: "a picture without channels R, G, B or Y")
    ) {
      try ImageFile.readEnvironment(at: path)
    }
  }
}
