import Imaging

/// 8-bit quantisation that hides its steps.
public enum Dither {
  /// Quantises a picture with one least significant bit of ordered noise.
  ///
  /// Interleaved gradient noise (Jimenez 2014, "Next Generation Post Processing in Call of Duty")
  /// spreads evenly over small neighbourhoods and depends on the position alone, so that equal
  /// pictures give equal bytes. Pure black and white stay pure.
  public static func quantized(_ image: Image) -> DisplayImage {
    let encoded = image.converted(to: .sRGB)
    let count = encoded.pixelCount
    let width = encoded.width
    let bytes = [UInt8](unsafeUninitializedCapacity: 3 * count) { bytes, initialized in
      encoded.samples.withUnsafeBufferPointer { samples in
        for pixel in 0..<count {
          let noise = gradientNoise(x: pixel % width, y: pixel / width)
          for channel in 0..<3 {
            let value = samples[channel * count + pixel] * 255
            let clipped = value > 0 ? min(value + noise, 255) : 0
            bytes[3 * pixel + channel] = UInt8(clipped)
          }
        }
      }
      initialized = 3 * count
    }
    return DisplayImage(width: width, height: encoded.height, bytes: bytes)
  }

  private static func gradientNoise(x: Int, y: Int) -> Float {
    let phase = 0.06711056 * Float(x) + 0.00583715 * Float(y)
    let scaled = 52.9829189 * (phase - phase.rounded(.down))
    return scaled - scaled.rounded(.down)
  }
}
