import Foundation

/// A similarity or any other affine map between continuous pixel coordinates.
public struct AffineMap: Equatable, Sendable {
  /// Where (0, 0) lands.
  public let origin: SIMD2<Double>
  /// What one step to the right becomes.
  public let right: SIMD2<Double>
  /// What one step down becomes.
  public let down: SIMD2<Double>

  /// Makes a map from the images of the origin and of both steps.
  public init(origin: SIMD2<Double>, right: SIMD2<Double>, down: SIMD2<Double>) {
    self.origin = origin
    self.right = right
    self.down = down
  }

  /// The image of a point.
  public func callAsFunction(_ point: SIMD2<Double>) -> SIMD2<Double> {
    origin + right * point.x + down * point.y
  }
}

extension Image {
  /// The picture seen through an affine map, Catmull–Rom interpolated, mirrored at its borders.
  ///
  /// Nothing is filtered for shrinking: a caller that shrinks resizes by area first.
  ///
  /// The map takes coordinates of the result to coordinates of this image.
  ///
  /// - Precondition: the image and the result are not empty.
  public func warped(width newWidth: Int, height newHeight: Int, by map: AffineMap) -> Image {
    precondition(width > 0 && height > 0 && newWidth > 0 && newHeight > 0, "nothing to warp")
    let count = channels * newWidth * newHeight
    let samples = self.samples
    let warped = [Float](unsafeUninitializedCapacity: count) { target, initialized in
      nonisolated(unsafe) let target = target
      DispatchQueue.concurrentPerform(iterations: newHeight) { y in
        samples.withUnsafeBufferPointer { source in
          for x in 0..<newWidth {
            let point = map(SIMD2(Double(x) + 0.5, Double(y) + 0.5))
            let columns = CubicTaps(at: point.x, count: width)
            let rows = CubicTaps(at: point.y, count: height)
            for channel in 0..<channels {
              let start = channel * width * height
              target[(channel * newHeight + y) * newWidth + x] =
                rows.weights[0] * columns.sum(source, start + rows.indices[0] * width)
                + rows.weights[1] * columns.sum(source, start + rows.indices[1] * width)
                + rows.weights[2] * columns.sum(source, start + rows.indices[2] * width)
                + rows.weights[3] * columns.sum(source, start + rows.indices[3] * width)
            }
          }
        }
      }
      initialized = count
    }
    return Image(
      width: newWidth, height: newHeight, channels: channels, encoding: encoding, samples: warped)
  }
}

/// The four samples of one axis that an interpolated value is made of.
private struct CubicTaps {
  let indices: SIMD4<Int>
  let weights: SIMD4<Float>

  init(at position: Double, count: Int) {
    let shifted = position - 0.5
    let first = shifted.rounded(.down)
    let t = Float(shifted - first)
    // Catmull and Rom (1974), tension 0.5.
    weights = SIMD4(
      ((-0.5 * t + 1) * t - 0.5) * t,
      (1.5 * t - 2.5) * t * t + 1,
      ((-1.5 * t + 2) * t + 0.5) * t,
      (0.5 * t - 0.5) * t * t)
    let base = Int(max(min(first, 1e9), -1e9))
    if base >= 1 && base + 2 < count {
      indices = SIMD4(base - 1, base, base + 1, base + 2)
    } else {
      indices = SIMD4(
        Self.mirrored(base - 1, count), Self.mirrored(base, count),
        Self.mirrored(base + 1, count), Self.mirrored(base + 2, count))
    }
  }

  @inline(__always)
  func sum(_ source: UnsafeBufferPointer<Float>, _ start: Int) -> Float {
    weights[0] * source[start + indices[0]] + weights[1] * source[start + indices[1]]
      + weights[2] * source[start + indices[2]] + weights[3] * source[start + indices[3]]
  }

  /// Mirrors at the pixels' outer edges, so that the border pixel appears twice.
  private static func mirrored(_ index: Int, _ count: Int) -> Int {
    let period = 2 * count
    let phase = ((index % period) + period) % period
    return phase < count ? phase : period - 1 - phase
  }
}
