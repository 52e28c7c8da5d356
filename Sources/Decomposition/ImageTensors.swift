import Imaging
import NeuralRuntime

extension Tensor {
  /// A picture, or some rows of it, as a network sees it, `scale · sample + offset`.
  init(_ image: Image, rows: Range<Int>? = nil, scale: Float = 1, offset: Float = 0) {
    let rows = rows ?? 0..<image.height
    let (first, plane) = (rows.lowerBound * image.width, rows.count * image.width)
    let count = image.channels * plane
    let samples = [Float](unsafeUninitializedCapacity: count) { target, initialized in
      image.samples.withUnsafeBufferPointer { source in
        for channel in 0..<image.channels {
          let start = channel * image.pixelCount + first
          let values = UnsafeBufferPointer(rebasing: source[start..<start + plane])
          let part = UnsafeMutableBufferPointer(
            rebasing: target[channel * plane..<(channel + 1) * plane])
          for index in values.indices { part[index] = values[index] * scale + offset }
        }
      }
      initialized = count
    }
    self.init(
      shape: Shape(channels: image.channels, height: rows.count, width: image.width),
      samples: samples)
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
  /// Takes over rows of a tensor whose first row is row `start` of the picture.
  mutating func replaceRows(_ rows: Range<Int>, by tensor: Tensor, startingAt start: Int) {
    let (count, length, plane) = (pixelCount, rows.count * width, tensor.shape.pixelCount)
    samples.withUnsafeMutableBufferPointer { samples in
      tensor.samples.withUnsafeBufferPointer { source in
        for channel in 0..<tensor.shape.channels {
          let from = channel * plane + (rows.lowerBound - start) * tensor.shape.width
          let to = channel * count + rows.lowerBound * tensor.shape.width
          _ = UnsafeMutableBufferPointer(rebasing: samples[to..<to + length])
            .update(fromContentsOf: source[from..<from + length])
        }
      }
    }
  }

  /// The picture at a network's side: exact means when shrinking, as in training, bicubic when enlarging.
  func fitted(toSide side: Int) -> Image {
    width == side && height == side
      ? self : resized(width: side, height: side).clamped(to: 0...1)
  }
}

extension Image {
  /// The picture with little more than `side` pixels in a row, where averages need no more.
  func reduced(toward side: Int) -> Image {
    let reduction = max(width / side, 1)
    return resized(
      width: max(width / reduction, 1), height: max(height / reduction, 1), filter: .area)
  }

  /// The first three channels of a pixel.
  func pixel(_ index: Int) -> SIMD3<Float> {
    let count = pixelCount
    return SIMD3(samples[index], samples[count + index], samples[2 * count + index])
  }
}
