import Imaging

/// A photograph taken apart along the subject's matte: the subject's own colours, and those behind it.
///
/// At hair and jaw a pixel shows both, I = αF + (1 − α)B. Only F takes the new light; were it given to I,
/// a dark wall's edge would stay bright as a rim around a subject in shadow, and a sky would darken.
package struct SubjectLayers: Sendable {
  /// Colours of the subject, linear; beyond its edge those that it had there.
  package let subject: Image
  /// Colours behind the subject, linear; under what covers fully they do not matter.
  package let behind: Image

  /// Pixels of the photograph to a point of the grid that the layers' smooth parts are held on.
  private static let step = 4

  /// Takes a photograph apart.
  ///
  /// Smooth layers come from where one covers alone; what they miss of the photograph is shared out by least
  /// squares (Forte 2021, "Approximate Fast Foreground Colour Estimation").
  ///
  /// - Parameters:
  ///   - photograph: 3 channels, linear.
  ///   - matte: Coverage, 1 channel of the same extent.
  package init(photograph: Image, matte: Image) {
    let (width, height) = (photograph.width, photograph.height)
    let (across, down) = (max(width / Self.step, 2), max(height / Self.step, 2))
    let colors = photograph.resized(width: across, height: down)
    let coverage = matte.resized(width: across, height: down)
    func smooth(_ share: @Sendable (Float) -> Float) -> Image {
      var weight = coverage
      for index in weight.samples.indices {
        // Pixels that show both count for next to nothing, but where there are no others.
        var value = min(max(share(weight.samples[index]), 0), 1)
        for _ in 0..<4 { value *= value }
        weight.samples[index] = value
      }
      return colors.filled(weight: weight)
    }
    let (front, back) = (smooth { $0 }, smooth { 1 - $0 })
    let grid = CoarseGrid(width: across, height: down, picture: (width, height))
    var (subject, behind) = (photograph, photograph)
    let count = photograph.pixelCount
    subject.samples.withUnsafeMutableBufferPointer { subject in
      behind.samples.withUnsafeMutableBufferPointer { behind in
        // Each row is written by one thread alone.
        nonisolated(unsafe) let (subject, behind) = (subject, behind)
        Parallel.forEachBatch(count: height) { rows in
          withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * width) { buffer in
            guard let fronts = buffer.baseAddress else { return }
            let backs = fronts + width
            for y in rows {
              for channel in 0..<3 {
                for (plane, line) in [(front, fronts), (back, backs)] {
                  plane.samples.withUnsafeBufferPointer { samples in
                    guard let base = samples.baseAddress else { return }
                    grid.read(
                      base + channel * grid.count, x: 0, y: y, count: width, into: line)
                  }
                }
                for x in 0..<width {
                  let alpha = matte.samples[y * width + x]
                  guard alpha < 1 else { continue }
                  let index = channel * count + y * width + x
                  let shown = photograph.samples[index]
                  let layers = Self.layers(
                    of: shown, alpha: alpha, front: fronts[x], back: backs[x])
                  (subject[index], behind[index]) = (layers.front, layers.back)
                }
              }
            }
          }
        }
      }
    }
    (self.subject, self.behind) = (subject, behind)
  }

  /// Layers of one channel of a pixel that is not fully covered; together they show what is shown.
  private static func layers(
    of shown: Float, alpha: Float, front: Float, back: Float
  ) -> (front: Float, back: Float) {
    guard alpha > 0 else { return (front, shown) }
    let missing = shown - alpha * front - (1 - alpha) * back
    let weight = alpha / (alpha * alpha + (1 - alpha) * (1 - alpha))
    // Neither layer may take more light than is shown.
    let own = min(max(front + weight * missing, 0), max(shown, 0) / alpha)
    return (own, (shown - alpha * own) / (1 - alpha))
  }
}
