import Imaging

/// 8-bit quantisation that hides its steps.
public enum Dither {
  /// Rounds every sample of a picture to a step of 8 bits, up or down by blue noise.
  ///
  /// The noise depends on the position alone, so that equal pictures give equal bytes; the three
  /// colours use it shifted against each other. Samples that are a whole step stay: black, white and
  /// a photograph's own 8-bit pixels.
  ///
  /// - Parameter image: sRGB-encoded; values outside 0...1 are clipped.
  public static func apply(to image: inout Image) {
    precondition(image.encoding == .sRGB, "steps of 8 bits are even behind the sRGB curve")
    let (width, height, channels) = (image.width, image.height, image.channels)
    let extent = BlueNoise.extent
    let thresholds = BlueNoise.tile.thresholds
    image.samples.withUnsafeMutableBufferPointer { samples in
      guard let base = samples.baseAddress else { return }
      // Each row is written by one thread alone.
      nonisolated(unsafe) let samples = base
      Parallel.forEach(count: height) { y in
        for channel in 0..<channels {
          let row = samples + (channel * height + y) * width
          let noise = (y + channel * shift) % extent * extent
          for x in 0..<width {
            let value = min(max(row[x], 0), 1) * 255
            let whole = value.rounded()
            let isWhole = (value - whole).magnitude < exactness
            let dithered =
              (value + thresholds[noise + (x + channel * shift) % extent]).rounded(.down)
            row[x] = (isWhole ? whole : min(dithered, 255)) / 255
          }
        }
      }
    }
  }

  /// Pixels between the noise of one colour and that of the next.
  private static let shift = 21
  /// Steps by which a decoded 8-bit value may miss its step.
  private static let exactness: Float = 1e-3
}
