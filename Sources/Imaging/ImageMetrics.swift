import Foundation

/// How far two images are apart.
///
/// A mask is one channel of the same extent; its values weight the pixels.
public enum ImageMetrics {
  /// The mean squared error over all channels.
  ///
  /// - Precondition: both images have the same extent and channels.
  public static func mse(_ first: Image, _ second: Image, mask: Image? = nil) -> Double {
    check(first, second, mask)
    let count = first.pixelCount
    var sum = 0.0
    var weight = 0.0
    for pixel in 0..<count {
      let share = Double(mask?.samples[pixel] ?? 1)
      for channel in 0..<first.channels {
        let difference = Double(
          first.samples[channel * count + pixel] - second.samples[channel * count + pixel])
        sum += share * difference * difference
      }
      weight += share
    }
    return weight > 0 ? sum / (weight * Double(first.channels)) : 0
  }

  /// The peak signal-to-noise ratio in dB for signals of 0..`peak`; infinite for equal images.
  ///
  /// - Precondition: both images have the same extent and channels.
  public static func psnr(
    _ first: Image, _ second: Image, peak: Double = 1, mask: Image? = nil
  ) -> Double {
    let error = mse(first, second, mask: mask)
    return error > 0 ? 10 * log10(peak * peak / error) : .infinity
  }

  /// The mean structural similarity over channels and pixels, for signals of 0..`peak`.
  ///
  /// As Wang, Bovik, Sheikh and Simoncelli (2004) define it.
  /// Statistics are taken in an 11×11 Gaussian window of σ = 1.5; windows that leave the image are
  /// left out, as in the authors' code, unless the image is smaller than the window.
  ///
  /// - Precondition: both images have the same extent and channels.
  public static func ssim(
    _ first: Image, _ second: Image, peak: Double = 1, mask: Image? = nil
  ) -> Double {
    check(first, second, mask)
    var sum = 0.0
    var weight = 0.0
    for channel in 0..<first.channels {
      let map = similarityMap(first.plane(channel), second.plane(channel), peak: Float(peak))
      let inset = min(first.width, first.height) >= windowSize ? windowSize / 2 : 0
      for y in inset..<first.height - inset {
        for x in inset..<first.width - inset {
          let share = Double(mask?.samples[y * first.width + x] ?? 1)
          sum += share * Double(map[y * first.width + x])
          weight += share
        }
      }
    }
    return weight > 0 ? sum / weight : 1
  }

  /// The angle between two images of vectors at every pixel, in degrees, one channel of `.data`.
  ///
  /// Vectors need not have unit length.
  ///
  /// - Precondition: both images have the same extent and three channels.
  public static func anglesDegrees(_ first: Image, _ second: Image) -> Image {
    check(first, second, nil)
    precondition(first.channels == 3, "vectors need three channels, not \(first.channels)")
    let count = first.pixelCount
    let angles = (0..<count).map { pixel in
      func vector(_ image: Image) -> SIMD3<Double> {
        let samples = image.samples
        return SIMD3(
          Double(samples[pixel]), Double(samples[count + pixel]), Double(samples[2 * count + pixel])
        )
      }
      let (a, b) = (vector(first), vector(second))
      // The half-angle form stays exact for small angles, where the arc cosine loses all digits.
      let left = a * (b * b).sum().squareRoot()
      let right = b * (a * a).sum().squareRoot()
      let apart = ((left - right) * (left - right)).sum().squareRoot()
      let along = ((left + right) * (left + right)).sum().squareRoot()
      return Float(2 * atan2(apart, along) * 180 / .pi)
    }
    return Image(
      width: first.width, height: first.height, channels: 1, encoding: .data, samples: angles)
  }

  // MARK: - Windows

  private static let windowSize = 11

  private static func similarityMap(_ first: Image, _ second: Image, peak: Float) -> [Float] {
    let kernel = gaussianKernel()
    func mean(_ samples: [Float]) -> [Float] {
      let image = Image(
        width: first.width, height: first.height, channels: 1, encoding: .data, samples: samples)
      return image.convolved(kernel).samples
    }
    let (a, b) = (first.samples, second.samples)
    let (meanA, meanB) = (mean(a), mean(b))
    let squareA = mean(zip(a, a).map(*))
    let squareB = mean(zip(b, b).map(*))
    let product = mean(zip(a, b).map(*))
    let c1 = (0.01 * peak) * (0.01 * peak)
    let c2 = (0.03 * peak) * (0.03 * peak)
    return a.indices.map { index in
      let (ma, mb) = (meanA[index], meanB[index])
      let varianceA = squareA[index] - ma * ma
      let varianceB = squareB[index] - mb * mb
      let covariance = product[index] - ma * mb
      return (2 * ma * mb + c1) * (2 * covariance + c2)
        / ((ma * ma + mb * mb + c1) * (varianceA + varianceB + c2))
    }
  }

  private static func gaussianKernel() -> [Float] {
    let weights = (0..<windowSize).map { index in
      let distance = Double(index - windowSize / 2)
      return exp(-distance * distance / (2 * 1.5 * 1.5))
    }
    let sum = weights.reduce(0, +)
    return weights.map { Float($0 / sum) }
  }

  private static func check(_ first: Image, _ second: Image, _ mask: Image?) {
    precondition(
      first.extent == second.extent && first.channels == second.channels,
      "\(first.width)×\(first.height)×\(first.channels) cannot be compared with "
        + "\(second.width)×\(second.height)×\(second.channels)")
    precondition(
      mask.map { $0.extent == first.extent && $0.channels == 1 } ?? true,
      "a mask has one channel and the images' extent")
  }
}
