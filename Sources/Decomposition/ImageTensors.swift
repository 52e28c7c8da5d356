import Imaging
import NeuralRuntime

extension Tensor {
  /// A picture as a network sees it, `scale · sample + offset`.
  init(_ image: Image, scale: Float = 1, offset: Float = 0) {
    self.init(
      shape: Shape(channels: image.channels, height: image.height, width: image.width),
      samples: scale == 1 && offset == 0
        ? image.samples : image.samples.map { $0 * scale + offset })
  }

  /// Some neighbouring channels as a picture.
  func image(_ channels: Range<Int>, _ encoding: ColorEncoding) -> Image {
    let plane = shape.pixelCount
    return Image(
      width: shape.width, height: shape.height, channels: channels.count, encoding: encoding,
      samples: Array(samples[channels.lowerBound * plane..<channels.upperBound * plane]))
  }
}

extension Image {
  /// The picture at a network's side: exact means when shrinking, as in training, bicubic when enlarging.
  func fitted(toSide side: Int) -> Image {
    width == side && height == side
      ? self : resized(width: side, height: side).clamped(to: 0...1)
  }
}

extension Image {
  /// The first three channels of a pixel.
  func pixel(_ index: Int) -> SIMD3<Float> {
    let count = pixelCount
    return SIMD3(samples[index], samples[count + index], samples[2 * count + index])
  }
}
