import Imaging

/// A lat-long picture of linear radiance that can be sampled by direction.
package struct Panorama: Sendable {
  package let width: Int
  package let height: Int
  /// Row by row from the top.
  package var texels: [SIMD3<Float>]

  package init(width: Int, height: Int, texels: [SIMD3<Float>]) {
    self.width = width
    self.height = height
    self.texels = texels
  }

  /// Takes the radiance of an image; negative and undefined values count as darkness.
  package init(_ image: Image) {
    let linear = image.encoding == .sRGB ? image.converted(to: .linear) : image
    let count = linear.pixelCount
    let (green, blue) = linear.channels >= 3 ? (count, 2 * count) : (0, 0)
    let samples = linear.samples
    func radiance(_ value: Float) -> Float { value > 0 && value.isFinite ? value : 0 }
    self.init(
      width: linear.width, height: linear.height,
      texels: (0..<count).map {
        SIMD3(
          radiance(samples[$0]), radiance(samples[green + $0]), radiance(samples[blue + $0]))
      })
  }

  package subscript(column: Int, row: Int) -> SIMD3<Float> { texels[row * width + column] }

  /// The direction of a texel's centre.
  package func direction(column: Int, row: Int) -> SIMD3<Float> {
    Direction.vector(
      u: (Float(column) + 0.5) / Float(width), v: (Float(row) + 0.5) / Float(height))
  }

  /// The solid angle of any texel of a row, steradians.
  package func solidAngle(row: Int) -> Float {
    let (top, bottom) = (Double(row) / Double(height), Double(row + 1) / Double(height))
    let band =
      Direction.vector(u: 0.5, v: Float(top)).y - Direction.vector(u: 0.5, v: Float(bottom)).y
    return 2 * .pi / Float(width) * band
  }

  /// Bilinear radiance in a direction; azimuth wraps around.
  package func sample(_ direction: SIMD3<Float>) -> SIMD3<Float> {
    let (u, v) = Direction.panoramaPoint(direction)
    let x = u * Float(width) - 0.5
    let y = min(max(v * Float(height) - 0.5, 0), Float(height - 1))
    let (column, row) = (x.rounded(.down), y.rounded(.down))
    let (fx, fy) = (x - column, y - row)
    let left = (Int(column) + width) % width
    let right = (left + 1) % width
    let upper = Int(row)
    let lower = min(upper + 1, height - 1)
    let top = self[left, upper] * (1 - fx) + self[right, upper] * fx
    let bottom = self[left, lower] * (1 - fx) + self[right, lower] * fx
    return top * (1 - fy) + bottom * fy
  }

  /// Half the size, each texel the mean over the four it covers, weighted by solid angle.
  var halved: Panorama {
    let (newWidth, newHeight) = (max(width / 2, 1), max(height / 2, 1))
    var result = Panorama(
      width: newWidth, height: newHeight,
      texels: [SIMD3<Float>](repeating: .zero, count: newWidth * newHeight))
    for row in 0..<newHeight {
      let rows = [min(2 * row, height - 1), min(2 * row + 1, height - 1)]
      let weights = rows.map(solidAngle(row:))
      for column in 0..<newWidth {
        let columns = [min(2 * column, width - 1), min(2 * column + 1, width - 1)]
        var sum = SIMD3<Float>.zero
        for (row, weight) in zip(rows, weights) {
          sum += (self[columns[0], row] + self[columns[1], row]) * (weight / 2)
        }
        result.texels[row * newWidth + column] = sum / (weights[0] + weights[1])
      }
    }
    return result
  }
}
