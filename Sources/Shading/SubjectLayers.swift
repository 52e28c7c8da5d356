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
  /// Coverage that goes with these colours, 1 channel: the matte, corrected where colours tell more.
  package let coverage: Image

  /// Pixels of the photograph to a point of the grid that the layers' smooth parts are held on.
  private static let step = 4

  /// Standard deviation of the matte from the true coverage.
  private static let deviation: Float = 0.06
  /// Coverage of pixels that show both, at least of either.
  private static let least: Float = 1e-3

  /// Takes a photograph apart.
  ///
  /// What a layer's colours are like is seen where it covers alone; where both show, each gets the colour that
  /// is most likely (Chuang et al. 2001). A wall that is plain stays plain under hair, even if the matte errs.
  ///
  /// - Parameters:
  ///   - photograph: 3 channels, linear.
  ///   - matte: Coverage, 1 channel of the same extent.
  package init(photograph: Image, matte: Image) {
    let (width, height) = (photograph.width, photograph.height)
    let (across, down) = (max(width / Self.step, 2), max(height / Self.step, 2))
    let colors = photograph.colorMoments(width: across, height: down)
    let coarse = matte.resized(width: across, height: down)
    func smooth(_ share: @Sendable (Float) -> Float) -> Image {
      var weight = coarse
      for index in weight.samples.indices {
        // Pixels that show both count for next to nothing, but where there are no others.
        var value = min(max(share(weight.samples[index]), 0), 1)
        for _ in 0..<4 { value *= value }
        weight.samples[index] = value
      }
      return colors.filled(weight: weight)
    }
    let planes = [smooth { $0 }, smooth { 1 - $0 }]
    let grid = CoarseGrid(width: across, height: down, picture: (width, height))
    var (subject, behind, coverage) = (photograph, photograph, matte)
    let count = photograph.pixelCount
    subject.samples.withUnsafeMutableBufferPointer { subject in
      behind.samples.withUnsafeMutableBufferPointer { behind in
        coverage.samples.withUnsafeMutableBufferPointer { coverage in
          // Each row is written by one thread alone.
          nonisolated(unsafe) let (subject, behind, coverage) = (subject, behind, coverage)
          Parallel.forEachBatch(count: height) { rows in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 8 * width) { lines in
              guard let base = lines.baseAddress else { return }
              for y in rows {
                for (layer, plane) in planes.enumerated() {
                  plane.samples.withUnsafeBufferPointer { samples in
                    guard let samples = samples.baseAddress else { return }
                    for channel in 0..<4 {
                      grid.read(
                        samples + channel * grid.count, x: 0, y: y, count: width,
                        into: base + (4 * layer + channel) * width)
                    }
                  }
                }
                func moments(_ layer: Int, _ x: Int) -> SIMD4<Float> {
                  let line = base + 4 * layer * width + x
                  return SIMD4(line[0], line[width], line[2 * width], line[3 * width])
                }
                for x in 0..<width {
                  let pixel = y * width + x
                  let alpha = matte.samples[pixel]
                  guard alpha < 1 else { continue }
                  let front = moments(0, x)
                  var layers = (
                    front: SIMD3(front.x, front.y, front.z), back: photograph.color(pixel)
                  )
                  if alpha > 0 {
                    let shown = pointwiseMax(layers.back, .zero)
                    let mixture = ColorMixture(front: front, back: moments(1, x))
                    let likeliest = mixture.coverage(
                      of: shown, expected: alpha, deviation: Self.deviation
                    ).likeliest
                    coverage[pixel] = min(max(likeliest, Self.least), 1 - Self.least)
                    layers = mixture.layers(of: shown, coverage: coverage[pixel])
                  }
                  for channel in 0..<3 {
                    subject[channel * count + pixel] = layers.front[channel]
                    behind[channel * count + pixel] = layers.back[channel]
                  }
                }
              }
            }
          }
        }
      }
    }
    (self.subject, self.behind, self.coverage) = (subject, behind, coverage)
  }
}
