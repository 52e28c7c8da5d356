/// An 8-bit interleaved RGB image behind the sRGB curve: what terminals and 8-bit files take.
public struct DisplayImage: Equatable, Sendable {
  /// Columns of pixels.
  public let width: Int
  /// Rows of pixels.
  public let height: Int
  /// Red, green and blue of each pixel, rows from the top: `3 * width * height` bytes.
  public var bytes: [UInt8]

  /// Wraps bytes that are already interleaved.
  ///
  /// - Precondition: `bytes.count == 3 * width * height`.
  public init(width: Int, height: Int, bytes: [UInt8]) {
    precondition(width >= 0 && height >= 0, "an image has no negative extent")
    precondition(
      bytes.count == 3 * width * height, "\(bytes.count) bytes do not fill \(width)×\(height)")
    self.width = width
    self.height = height
    self.bytes = bytes
  }

  /// Quantises an image; linear images pass the sRGB curve, data is shown as it is.
  ///
  /// One or two channels become grey, three or more give red, green and blue. Values outside 0..1
  /// are clipped, NaN becomes black.
  ///
  /// - Precondition: the image has at least one channel.
  public init(_ image: Image) {
    precondition(image.channels > 0, "an image without channels cannot be shown")
    let encoded = image.encoding == .linear ? image.converted(to: .sRGB) : image
    let count = encoded.pixelCount
    let green = encoded.channels >= 3 ? count : 0
    let blue = encoded.channels >= 3 ? 2 * count : 0
    let bytes = [UInt8](unsafeUninitializedCapacity: 3 * count) { bytes, initialized in
      encoded.samples.withUnsafeBufferPointer { samples in
        for pixel in 0..<count {
          bytes[3 * pixel] = Self.quantized(samples[pixel])
          bytes[3 * pixel + 1] = Self.quantized(samples[green + pixel])
          bytes[3 * pixel + 2] = Self.quantized(samples[blue + pixel])
        }
      }
      initialized = 3 * count
    }
    self.init(width: image.width, height: image.height, bytes: bytes)
  }

  /// The same picture as floating-point samples, 3 channels, `.sRGB`.
  public var image: Image {
    let count = width * height
    let samples = [Float](unsafeUninitializedCapacity: 3 * count) { samples, initialized in
      bytes.withUnsafeBufferPointer { bytes in
        for channel in 0..<3 {
          for pixel in 0..<count {
            samples[channel * count + pixel] = Float(bytes[3 * pixel + channel]) / 255
          }
        }
      }
      initialized = 3 * count
    }
    return Image(width: width, height: height, channels: 3, encoding: .sRGB, samples: samples)
  }

  private static func quantized(_ value: Float) -> UInt8 {
    // `max` on the right-hand side of a comparison with NaN yields its other argument, 0.
    let clipped = value > 0 ? min(value, 1) : 0
    return UInt8(clipped * 255 + 0.5)
  }
}
