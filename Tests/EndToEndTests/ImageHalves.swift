import Imaging

extension Image {
  /// The mean of all channels over the left or the right half.
  func mean(ofLeftHalf isLeft: Bool) -> Float {
    var sum: Float = 0
    for channel in 0..<channels {
      for y in 0..<height {
        for x in 0..<width / 2 { sum += self[channel, isLeft ? x : width - 1 - x, y] }
      }
    }
    return sum / Float(channels * height * (width / 2))
  }
}
