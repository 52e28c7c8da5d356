import Imaging
import Testing

@Suite struct WebPCodecTests {
  @Test("a lossless picture comes back exactly")
  func lossless() throws {
    let display = DisplayImage(noise(width: 33, height: 21))
    let bytes = try ImageFile.encoded(display.image, as: .webP, path: "a.webp")
    let photograph = try ImageFile.photograph(from: bytes, path: "a.webp")
    #expect(photograph.format == .webP)
    #expect(DisplayImage(photograph.image) == display)
  }

  @Test("EXIF and ICC chunks are honoured")
  func chunks() throws {
    let flat = Image(width: 12, height: 8, channels: 3, encoding: .sRGB, repeating: 64 / 255.0)
    let plain = try ImageFile.encoded(flat, as: .webP, path: "a.webp")
    let linear = matrixProfile(
      gamma: 1, red: [0.4361, 0.2225, 0.0139], green: [0.3851, 0.7169, 0.0971],
      blue: [0.1431, 0.0606, 0.7141])
    let bytes = extendedWebP(
      plain, width: 12, height: 8,
      chunks: [("ICCP", 0x20, linear), ("EXIF", 0x08, exifBlock(orientation: 8))])
    let photograph = try ImageFile.photograph(from: bytes, path: "a.webp")
    #expect(photograph.orientation == 8)
    #expect(photograph.image.extent == ImageExtent(width: 8, height: 12))
    let expected = ColorTransfer.sRGB(fromLinear: 64 / 255.0)
    #expect(photograph.image.samples.allSatisfy { abs($0 - expected) < 4e-3 })
  }
}
