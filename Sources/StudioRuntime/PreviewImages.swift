import Imaging
import Studio

extension ImageExtent {
  /// The largest extent of the same proportions inside a limit, at least one pixel.
  func fitted(into limit: ImageExtent) -> ImageExtent {
    let scale = min(
      Double(limit.width) / Double(width), Double(limit.height) / Double(height))
    return ImageExtent(
      width: max(1, Int((Double(width) * scale).rounded())),
      height: max(1, Int((Double(height) * scale).rounded())))
  }
}

extension Image {
  /// One channel of numbers three times over, to be shown as grey as it is.
  var shownAsGray: Image {
    Image(
      width: width, height: height, channels: 3, encoding: .sRGB,
      samples: samples + samples + samples)
  }

  /// Components of −1..1 as display values of 0..1.
  var shownAsColor: Image {
    Image(
      width: width, height: height, channels: 3, encoding: .sRGB,
      samples: samples.map { ($0 + 1) / 2 })
  }

  /// The picture with another one of the same size left of the edge, a line between them.
  func wiped(by other: Image, edge: Float) -> Image {
    var result = self
    let border = Int((Float(width) * edge).rounded())
    for channel in 0..<channels {
      for y in 0..<height {
        let start = (channel * height + y) * width
        for x in 0..<min(max(border, 0), width) {
          result.samples[start + x] = other.samples[start + x]
        }
        if border > 0 && border < width { result.samples[start + border] = 1 }
      }
    }
    return result
  }

  /// The picture with another one of the same size right of it.
  func beside(_ other: Image) -> Image {
    var result = Image(
      width: 2 * width, height: height, channels: channels, encoding: encoding)
    for channel in 0..<channels {
      for y in 0..<height {
        let source = (channel * height + y) * width
        let target = 2 * source
        result.samples.replaceSubrange(
          target..<target + width, with: samples[source..<source + width])
        result.samples.replaceSubrange(
          target + width..<target + 2 * width, with: other.samples[source..<source + width])
      }
    }
    return result
  }
}

extension Image {
  /// A part of the picture at some extent; single pixels stay squares when it is enlarged.
  func showing(_ region: PictureRegion, size: ImageExtent) -> Image {
    guard region != .whole else { return resized(width: size.width, height: size.height) }
    let columns = max(1, Int((Float(width) * region.side).rounded()))
    let rows = max(1, Int((Float(height) * region.side).rounded()))
    let x = min(max(Int((Float(width) * region.x).rounded()), 0), width - columns)
    let y = min(max(Int((Float(height) * region.y).rounded()), 0), height - rows)
    return resized(
      region: PixelRegion(x: x, y: y, width: columns, height: rows), width: size.width,
      height: size.height, filter: .area)
  }

  /// The picture with stripes where a channel is white, and where all are black.
  var withZebra: Image {
    var result = self
    let count = pixelCount
    for pixel in 0..<count {
      let values = (0..<3).map { samples[$0 * count + pixel] }
      let isWhite = values.contains { $0 >= 254.5 / 255 }
      let isBlack = values.allSatisfy { $0 <= 1.5 / 255 }
      guard isWhite || isBlack, (pixel % width + pixel / width) / 3 % 2 == 0 else { continue }
      let stripe: [Float] = isWhite ? [0.9, 0.1, 0.1] : [0.1, 0.3, 0.9]
      for channel in 0..<3 { result.samples[channel * count + pixel] = stripe[channel] }
    }
    return result
  }

  /// Draws a cross with an open middle, dark beside light so that it shows on any ground.
  mutating func mark(x: Float, y: Float) {
    let (centerX, centerY) = (Int(x * Float(width)), Int(y * Float(height)))
    let length = max(3, min(width, height) / 24)
    let thickness = max(1, min(width, height) / 256)
    func paint(_ x: Int, _ y: Int, _ value: Float) {
      guard (0..<width).contains(x), (0..<height).contains(y) else { return }
      for channel in 0..<channels { samples[(channel * height + y) * width + x] = value }
    }
    for offset in (length / 3)...length {
      for across in -thickness...(2 * thickness - 1) {
        let value: Float = (0..<thickness).contains(across) ? 1 : 0
        for along in [centerX - offset, centerX + offset] { paint(along, centerY + across, value) }
        for along in [centerY - offset, centerY + offset] { paint(centerX + across, along, value) }
      }
    }
  }
}
