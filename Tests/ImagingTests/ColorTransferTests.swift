import Imaging
import TestSupport
import Testing

@Suite struct ColorTransferTests {
  @Test(
    "known points of the sRGB curve",
    arguments: [
      (Float(0), Float(0)), (0.04045, 0.003_130_8), (0.5, 0.214_041_1), (0.735_356_9, 0.5), (1, 1),
    ])
  func knownPoints(encoded: Float, linear: Float) {
    #expect(abs(ColorTransfer.linear(fromSRGB: encoded) - linear) < 1e-6)
    #expect(abs(ColorTransfer.sRGB(fromLinear: linear) - encoded) < 1e-6)
  }

  @Test("the tables follow the exact curve, below 0 and above 1 too")
  func tables() {
    var generator = SeededGenerator(seed: 7)
    let values = (0..<20000).map { _ in Float.random(in: -0.5...2, using: &generator) } + [0, 1]
    var decoded = values
    ColorTransfer.decode(&decoded)
    var encoded = values
    ColorTransfer.encode(&encoded)
    for (index, value) in values.enumerated() {
      #expect(abs(decoded[index] - ColorTransfer.linear(fromSRGB: value)) < 1e-6, "value \(value)")
      #expect(abs(encoded[index] - ColorTransfer.sRGB(fromLinear: value)) < 2e-6, "value \(value)")
    }
  }

  @Test("converting there and back keeps every 16-bit value")
  func roundTrip() {
    let samples = (0...65535).map { Float($0) / 65535 }
    let image = Image(width: 256, height: 256, channels: 1, encoding: .sRGB, samples: samples)
    let back = image.converted(to: .linear).converted(to: .sRGB)
    #expect(back.encoding == .sRGB)
    #expect(largestDifference(image, back) < 0.5 / 65535)
  }

  @Test("luminance weighs linear light by Rec.709")
  func luminance() {
    let image = Image(
      width: 1, height: 1, channels: 3, encoding: .linear, samples: [0.5, 0.25, 1])
    #expect(abs(image.luminance.samples[0] - (0.1063 + 0.1788 + 0.0722)) < 1e-6)
  }

  @Test("a display image rounds, clips, repeats grey and turns NaN black")
  func displayImage() {
    let color = Image(
      width: 2, height: 1, channels: 3, encoding: .sRGB,
      samples: [0.5, -1, 2, .nan, 1 / 255.0, 1])
    #expect(DisplayImage(color).bytes == [128, 255, 1, 0, 0, 255])
    let gray = Image(width: 1, height: 1, channels: 1, encoding: .linear, samples: [0.215_861])
    #expect(DisplayImage(gray).bytes == [128, 128, 128])
  }

  @Test("a display image survives the way through floats")
  func displayRoundTrip() {
    let display = DisplayImage(width: 16, height: 16, bytes: (0..<768).map { UInt8($0 % 256) })
    #expect(DisplayImage(display.image) == display)
  }
}
