extension Image {
  /// The picture where it counts, and the nearest of what counts, ever smoother, where it does not.
  ///
  /// Push-pull of Gortler et al. 1996, "The Lumigraph": weighted means over squares of twice the side
  /// fill what the squares leave open. Where nothing counts at all the result is 0.
  ///
  /// - Parameter weight: How much each pixel counts, 0..1, 1 channel of the same extent.
  /// - Returns: A picture of the same extent and channels.
  package func filled(weight: Image) -> Image {
    precondition(weight.channels == 1 && weight.extent == extent, "a weight for each pixel")
    var weighted = self
    for channel in 0..<channels {
      let first = channel * pixelCount
      for pixel in 0..<pixelCount { weighted.samples[first + pixel] *= weight.samples[pixel] }
    }
    return weighted.pulled(weight.samples)
  }

  /// Fills a picture that holds values times weights.
  private func pulled(_ weights: [Float]) -> Image {
    var result = self
    if width == 1 && height == 1 {
      for channel in 0..<channels {
        result.samples[channel] /= max(weights[0], .leastNormalMagnitude)
      }
      return result
    }
    let (across, down) = ((width + 1) / 2, (height + 1) / 2)
    var coarse = resized(width: across, height: down, filter: .area)
    var coarseWeights = Image(
      width: width, height: height, channels: 1, encoding: .data, samples: weights
    ).resized(width: across, height: down, filter: .area).samples
    for pixel in coarseWeights.indices {
      // One pixel of four that counts is enough.
      let share = min(4 * coarseWeights[pixel], 1)
      let gain = share / max(coarseWeights[pixel], .leastNormalMagnitude)
      for channel in 0..<channels { coarse.samples[channel * across * down + pixel] *= gain }
      coarseWeights[pixel] = share
    }
    let behind = coarse.pulled(coarseWeights)
      .resized(width: width, height: height, filter: .bilinear)
    for channel in 0..<channels {
      let first = channel * pixelCount
      for pixel in 0..<pixelCount {
        result.samples[first + pixel] += (1 - weights[pixel]) * behind.samples[first + pixel]
      }
    }
    return result
  }
}
