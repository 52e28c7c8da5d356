import Foundation
import Imaging
import TestSupport

extension Recorder {
  /// Bytes of sixels, how near they are to the frame, and the same from afar, where neighbouring
  /// pixels blend.
  func quality(_ name: String, _ frame: DisplayImage, _ sixels: [UInt8]) throws {
    figure("\(name): bytes", Double(sixels.count) / 1000, unit: "kB")
    guard let decoded = DecodedSixel(sixels)?.image else { return }
    figure("\(name): PSNR", Self.decibels(frame.image, decoded.image), unit: "dB")
    figure(
      "\(name): PSNR after a blur of σ = 1",
      Self.decibels(frame.image.blurred, decoded.image.blurred), unit: "dB")
  }

  private static func decibels(_ left: Image, _ right: Image) -> Double {
    let squares = zip(left.samples, right.samples).reduce(0.0) { sum, pair in
      sum + Double(pair.0 - pair.1) * Double(pair.0 - pair.1)
    }
    return -10 * log10(squares / Double(left.samples.count))
  }
}

extension Image {
  /// Blurred by a Gaussian of one pixel's standard deviation.
  fileprivate var blurred: Image {
    let weights: [Float] = (-3...3).map { exp(-Float($0 * $0) / 2) }
    let sum = weights.reduce(0, +)
    var across = self
    var result = self
    for channel in 0..<channels {
      for y in 0..<height {
        for x in 0..<width {
          across[channel, x, y] =
            (-3...3).reduce(0) { value, offset in
              value + weights[offset + 3] * self[channel, min(max(x + offset, 0), width - 1), y]
            } / sum
        }
      }
      for y in 0..<height {
        for x in 0..<width {
          result[channel, x, y] =
            (-3...3).reduce(0) { value, offset in
              value + weights[offset + 3] * across[channel, x, min(max(y + offset, 0), height - 1)]
            } / sum
        }
      }
    }
    return result
  }
}
