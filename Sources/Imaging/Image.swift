/// How the numbers of an image relate to light.
public enum ColorEncoding: String, Sendable, Codable {
  /// Rec.709 primaries behind the sRGB curve, as in an 8-bit file.
  case sRGB
  /// Scene-linear light with Rec.709 primaries.
  case linear
  /// Not a colour: normals, mattes, coefficients.
  case data
}

/// Width and height in pixels.
public struct ImageExtent: Hashable, Sendable, Codable {
  /// Columns of pixels.
  public let width: Int
  /// Rows of pixels.
  public let height: Int

  /// Makes an extent.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }
}

/// A planar Float32 image, shape (channels, height, width).
///
/// Sample order is channel, row, column; rows go from top to bottom. Continuous pixel coordinates put
/// the centre of the first pixel at (0.5, 0.5).
public struct Image: Equatable, Sendable {
  /// Columns of pixels.
  public let width: Int
  /// Rows of pixels.
  public let height: Int
  /// Planes.
  public let channels: Int
  /// What the samples mean.
  public var encoding: ColorEncoding
  /// All samples, `channels * height * width` of them.
  public var samples: [Float]

  /// Wraps samples that are already in planar order.
  ///
  /// - Precondition: `samples.count == channels * height * width`.
  public init(
    width: Int, height: Int, channels: Int, encoding: ColorEncoding, samples: [Float]
  ) {
    precondition(width >= 0 && height >= 0 && channels >= 0, "an image has no negative extent")
    precondition(
      samples.count == width * height * channels,
      "\(samples.count) samples do not fill \(width)×\(height)×\(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.encoding = encoding
    self.samples = samples
  }

  /// Makes an image with one value everywhere.
  public init(
    width: Int, height: Int, channels: Int, encoding: ColorEncoding, repeating value: Float = 0
  ) {
    self.init(
      width: width, height: height, channels: channels, encoding: encoding,
      samples: [Float](repeating: value, count: width * height * channels))
  }

  /// Pixels in one plane, which is also the distance between planes.
  public var pixelCount: Int { width * height }

  /// Width and height together.
  public var extent: ImageExtent { ImageExtent(width: width, height: height) }

  /// One sample.
  ///
  /// - Precondition: the position lies inside the image.
  public subscript(channel: Int, x: Int, y: Int) -> Float {
    get { samples[offset(channel, x, y)] }
    set { samples[offset(channel, x, y)] = newValue }
  }

  /// One channel as an image of its own.
  public func plane(_ channel: Int) -> Image {
    let plane = samples(ofChannel: channel)
    if channels == 1 { return self }
    return Image(
      width: width, height: height, channels: 1, encoding: encoding, samples: Array(plane))
  }

  /// The samples of one channel.
  public func samples(ofChannel channel: Int) -> ArraySlice<Float> {
    precondition(channel >= 0 && channel < channels, "no channel \(channel) in \(channels)")
    return samples[channel * pixelCount..<(channel + 1) * pixelCount]
  }

  /// The first channels as an image of their own.
  ///
  /// - Precondition: the image has that many channels.
  public func leading(channels count: Int) -> Image {
    precondition(count > 0 && count <= channels, "no \(count) channels in \(channels)")
    if count == channels { return self }
    return Image(
      width: width, height: height, channels: count, encoding: encoding,
      samples: Array(samples[..<(count * pixelCount)]))
  }

  /// The same image with every sample limited to a range; NaN becomes the lower bound.
  public consuming func clamped(to range: ClosedRange<Float>) -> Image {
    var result = self
    result.samples.withUnsafeMutableBufferPointer { samples in
      for index in samples.indices {
        let value = samples[index]
        samples[index] = value > range.lowerBound ? min(value, range.upperBound) : range.lowerBound
      }
    }
    return result
  }

  /// Three-channel vectors scaled to unit length; the zero vector becomes +z.
  ///
  /// Vectors that have unit length but for rounding stay as they are, so that a second time changes
  /// nothing.
  ///
  /// - Precondition: the image has three channels.
  public consuming func normalizedVectors() -> Image {
    precondition(channels == 3, "vectors need three channels, not \(channels)")
    let count = pixelCount
    var result = self
    result.samples.withUnsafeMutableBufferPointer { samples in
      for index in 0..<count {
        let (x, y, z) = (samples[index], samples[count + index], samples[2 * count + index])
        let squaredLength = x * x + y * y + z * z
        if abs(squaredLength - 1) < 1e-6 { continue }
        let length = squaredLength.squareRoot()
        let isDefined = length > 1e-6 && length.isFinite
        samples[index] = isDefined ? x / length : 0
        samples[count + index] = isDefined ? y / length : 0
        samples[2 * count + index] = isDefined ? z / length : 1
      }
    }
    return result
  }

  private func offset(_ channel: Int, _ x: Int, _ y: Int) -> Int {
    precondition(
      channel >= 0 && channel < channels && x >= 0 && x < width && y >= 0 && y < height,
      "sample (\(channel), \(x), \(y)) lies outside \(width)×\(height)×\(channels)")
    return (channel * height + y) * width + x
  }
}
