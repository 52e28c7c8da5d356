import Foundation
import Imaging
import Testing

@Suite struct ImageMetricsTests {
  private let first = Image(
    width: 2, height: 1, channels: 1, encoding: .data, samples: [0.5, 0.25])
  private let second = Image(
    width: 2, height: 1, channels: 1, encoding: .data, samples: [0.3, 0.25])

  @Test("MSE and PSNR of two pixels worked out by hand")
  func twoPixels() {
    #expect(abs(ImageMetrics.mse(first, second) - 0.02) < 1e-8)
    #expect(abs(ImageMetrics.psnr(first, second) - 16.9897) < 1e-3)
    #expect(ImageMetrics.psnr(first, first) == .infinity)
  }

  @Test("a mask weighs pixels")
  func mask() {
    let mask = Image(width: 2, height: 1, channels: 1, encoding: .data, samples: [0.25, 0.75])
    #expect(abs(ImageMetrics.mse(first, second, mask: mask) - 0.01) < 1e-8)
    let nothing = Image(width: 2, height: 1, channels: 1, encoding: .data)
    #expect(ImageMetrics.mse(first, second, mask: nothing) == 0)
  }

  @Test("SSIM is 1 for equal pictures and falls with noise and with constant shifts")
  func ssim() {
    let image = noise(width: 32, height: 24)
    #expect(abs(ImageMetrics.ssim(image, image) - 1) < 1e-5)
    #expect(ImageMetrics.ssim(image, noise(width: 32, height: 24, seed: 9)) < 0.1)
    // Flat pictures leave the luminance term alone: (2ab + c1) / (a² + b² + c1).
    let dark = Image(width: 16, height: 16, channels: 1, encoding: .data, repeating: 0.2)
    let light = Image(width: 16, height: 16, channels: 1, encoding: .data, repeating: 0.6)
    #expect(abs(ImageMetrics.ssim(dark, light) - 0.2401 / 0.4001) < 1e-4)
  }

  @Test(
    "angles between vectors of any length",
    arguments: [
      ([1, 0, 0], [0, 2, 0], 90), ([0, 0, 1], [0, 0, 5], 0), ([0, 0, 1], [0, 0, -1], 180),
      ([1, 0, 0], [0.999_999_5, 0.001, 0], 0.0573),
    ] as [([Float], [Float], Double)])
  func angles(a: [Float], b: [Float], degrees: Double) {
    let first = Image(width: 1, height: 1, channels: 3, encoding: .data, samples: a)
    let second = Image(width: 1, height: 1, channels: 3, encoding: .data, samples: b)
    #expect(abs(Double(ImageMetrics.anglesDegrees(first, second).samples[0]) - degrees) < 1e-3)
  }
}
