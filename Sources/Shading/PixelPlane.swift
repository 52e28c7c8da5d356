import Imaging

extension Image {
  /// One channel made pixel by pixel, on all cores.
  func plane(_ value: @Sendable (_ pixel: Int) -> Float) -> Image {
    Image(
      width: width, height: height, channels: 1, encoding: .data,
      samples: Parallel.map(count: pixelCount, value))
  }

  /// Three channels of a pixel, by its index.
  func color(_ pixel: Int) -> SIMD3<Float> {
    SIMD3(samples[pixel], samples[pixelCount + pixel], samples[2 * pixelCount + pixel])
  }

  /// Luminance of a pixel of linear light, by its index.
  func level(_ pixel: Int) -> Float { ColorTemperature.luminance(color(pixel)) }
}

/// 0 below a range, 1 above it, Hermite's cubic between.
func smoothStep(_ value: Float, _ range: ClosedRange<Float>) -> Float {
  let t = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  let share = min(max(t, 0), 1)
  return share * share * (3 - 2 * share)
}
