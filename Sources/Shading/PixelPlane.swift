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
  func level(_ pixel: Int) -> Float { ColorTransfer.luminance(color(pixel)) }
}
