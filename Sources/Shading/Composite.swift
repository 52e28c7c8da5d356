import Imaging

/// Puts a relit crop back into the photograph it was cut from.
public enum Composite {
  /// Share of the crop's side over which the change fades out towards its border.
  private static let border: Float = 0.05
  /// Keeps the ratio of relit to old light finite in black pixels.
  private static let epsilon: Float = 0.01
  private static let greatestGain: Float = 4

  /// The photograph with the crop's change of light applied at its own resolution.
  ///
  /// The change is carried, not the crop's pixels: the difference of relit and old crop, plus the
  /// photograph's finer structure scaled by their ratio. Wherever the crop did not change, pixels
  /// keep their exact bits; at the crop's border the change fades out.
  ///
  /// - Parameters:
  ///   - photograph: The whole picture, 3 channels, sRGB.
  ///   - relit: The square crop as `Relighter.display` gives it.
  ///   - original: The same crop of the photograph before relighting, of the same size.
  ///   - photographToCrop: Takes pixel coordinates of the photograph to those of the crop.
  /// - Returns: The picture, of the photograph's size and encoding.
  public static func intoPhotograph(
    _ photograph: Image, relit: Image, original: Image, photographToCrop: AffineMap
  ) -> Image {
    precondition(relit.extent == original.extent, "relit and original crop differ in size")
    precondition(photograph.channels == 3 && relit.channels == 3, "a picture has three channels")
    let change = LightChange(
      relit: relit, original: original, photographToCrop: photographToCrop)
    var result = photograph
    let (width, height, count) = (result.width, result.height, result.pixelCount)
    let isEncoded = photograph.encoding == .sRGB
    result.samples.withUnsafeMutableBufferPointer { samples in
      // Each row is written by one thread alone.
      nonisolated(unsafe) let samples = samples
      Parallel.forEach(count: height) { y in
        for x in 0..<width {
          guard let here = change.sample(x: x, y: y) else { continue }
          for channel in 0..<3 {
            let index = channel * count + y * width + x
            let old =
              isEncoded ? ColorTransfer.linear(fromSRGB: samples[index]) : samples[index]
            let finer = old - here.original[channel]
            let new = max(
              old + here.weight * (here.difference[channel] + here.gain[channel] * finer), 0)
            samples[index] = isEncoded ? min(ColorTransfer.sRGB(fromLinear: new), 1) : new
          }
        }
      }
    }
    return result
  }

  /// What relighting did to the crop, in linear light, to be read at photograph pixels.
  private struct LightChange: Sendable {
    private let map: AffineMap
    private let width: Int
    private let height: Int
    private let original: [SIMD3<Float>]
    private let difference: [SIMD3<Float>]
    /// Ratio minus 1: zero where nothing changed.
    private let gain: [SIMD3<Float>]

    struct Sample {
      var original: SIMD3<Float>
      var difference: SIMD3<Float>
      var gain: SIMD3<Float>
      var weight: Float
    }

    init(relit: Image, original: Image, photographToCrop: AffineMap) {
      // A crop larger than its place in the photograph is shrunk first, or it would alias.
      let step = (photographToCrop.right * photographToCrop.right).sum().squareRoot()
      let shrink = max(step, 1)
      width = max(Int((Double(relit.width) / shrink).rounded()), 2)
      height = max(Int((Double(relit.height) / shrink).rounded()), 2)
      let scale = SIMD2(
        Double(width) / Double(relit.width), Double(height) / Double(relit.height))
      map = AffineMap(
        origin: photographToCrop.origin * scale, right: photographToCrop.right * scale,
        down: photographToCrop.down * scale)
      let new = relit.converted(to: .linear).resized(width: width, height: height)
      let old = original.converted(to: .linear).resized(width: width, height: height)
      let count = new.pixelCount
      func pixel(_ image: Image, _ index: Int) -> SIMD3<Float> {
        SIMD3(image.samples[index], image.samples[count + index], image.samples[2 * count + index])
      }
      let olds = (0..<count).map { pixel(old, $0) }
      let news = (0..<count).map { pixel(new, $0) }
      self.original = olds
      difference = zip(news, olds).map { $0 - $1 }
      gain = zip(news, olds).map { new, old in
        let ratio = (pointwiseMax(new, .zero) + epsilon) / (pointwiseMax(old, .zero) + epsilon)
        return pointwiseMin(ratio, SIMD3(repeating: greatestGain)) - 1
      }
    }

    /// The change at a photograph pixel; nothing outside the crop or where nothing changed.
    func sample(x: Int, y: Int) -> Sample? {
      let point = map(SIMD2(Double(x) + 0.5, Double(y) + 0.5))
      let (u, v) = (Float(point.x), Float(point.y))
      guard u > 0, v > 0, u < Float(width), v < Float(height) else { return nil }
      let margin = min(
        min(u, Float(width) - u) / Float(width), min(v, Float(height) - v) / Float(height))
      let (left, right, fx) = neighbours(u, count: width)
      let (upper, lower, fy) = neighbours(v, count: height)
      func blend(_ plane: [SIMD3<Float>]) -> SIMD3<Float> {
        let top = plane[upper * width + left] * (1 - fx) + plane[upper * width + right] * fx
        let bottom = plane[lower * width + left] * (1 - fx) + plane[lower * width + right] * fx
        return top * (1 - fy) + bottom * fy
      }
      let (difference, gain) = (blend(difference), blend(gain))
      guard difference != .zero || gain != .zero else { return nil }
      let t = min(margin / border, 1)
      return Sample(
        original: blend(original), difference: difference, gain: gain, weight: t * t * (3 - 2 * t))
    }

    private func neighbours(_ position: Float, count: Int) -> (Int, Int, Float) {
      let shifted = min(max(position - 0.5, 0), Float(count - 1))
      let first = min(Int(shifted), count - 2)
      return (first, first + 1, shifted - Float(first))
    }
  }
}
