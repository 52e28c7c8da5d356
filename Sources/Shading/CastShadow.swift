import Foundation

/// Shadows that the relief throws on itself: nose on cheek, brow on eye, chin on neck.
package struct CastShadow: Sendable {
  private let field: DepthField

  /// Half the least width of a penumbra, radians: the relief is not known any better.
  private static let leastPenumbra: Float = 0.07
  /// Relief that rises less than this, in steps of the grid, is not taken for an obstacle.
  private static let tolerance: Float = 1.2
  /// No shadow is longer than this share of the picture.
  private static let reach: Float = 0.5

  /// Shadows of one relief.
  package init(field: DepthField) {
    self.field = field
  }

  /// How much of a light every point of the relief's grid sees, 0...1.
  package func visibility(of source: LightSource) -> [Float] {
    let direction = source.direction
    let sideways = (direction.x * direction.x + direction.y * direction.y).squareRoot()
    let (width, height) = (field.width, field.height)
    // Within a few degrees of the camera's axis whatever is seen is lit.
    guard sideways > 0.05 else { return [Float](repeating: 1, count: width * height) }
    let step = SIMD2(direction.x, -direction.y) / sideways
    let elevation = atan2(direction.z, sideways)
    let penumbra = max(source.radius, Self.leastPenumbra)
    var result = [Float](repeating: 1, count: width * height)
    result.withUnsafeMutableBufferPointer { result in
      // Each row is written by one thread alone.
      nonisolated(unsafe) let result = result
      Parallel.forEach(count: height) { y in
        for x in 0..<width where field.isSubject[y * width + x] {
          let horizon = atan(steepestRise(x: x, y: y, along: step))
          let seen = min(max((elevation + penumbra - horizon) / (2 * penumbra), 0), 1)
          result[y * width + x] = seen * seen * (3 - 2 * seen)
        }
      }
    }
    GaussianBlur(sigma: 0.8).apply(to: &result, width: width, height: height)
    return result
  }

  /// The tangent of the highest obstacle on the way to the light.
  private func steepestRise(x: Int, y: Int, along step: SIMD2<Float>) -> Float {
    let (width, height) = (field.width, field.height)
    let limit = Self.reach * Float(max(width, height))
    return field.depth.withUnsafeBufferPointer { depth in
      let base = depth[y * width + x] + Self.tolerance
      var steepest = -Float.greatestFiniteMagnitude
      var distance: Float = 1.5
      while distance < limit {
        let px = Float(x) + step.x * distance
        let py = Float(y) + step.y * distance
        guard px >= 0, py >= 0, px < Float(width - 1), py < Float(height - 1) else { break }
        let (column, row) = (Int(px), Int(py))
        let corner = row &* width &+ column
        let (fx, fy) = (px - Float(column), py - Float(row))
        let top = depth[corner] + (depth[corner &+ 1] - depth[corner]) * fx
        let below = corner &+ width
        let bottom = depth[below] + (depth[below &+ 1] - depth[below]) * fx
        steepest = max(steepest, (top + (bottom - top) * fy - base) / distance)
        // Far obstacles are large and smooth: longer strides find them as well.
        distance += 1 + 0.08 * distance
      }
      return steepest
    }
  }

  /// Visibility of the gathered pixels, read from the relief's grid.
  package func strips(_ visibility: [Float], for samples: SurfaceSamples) -> Strips {
    var strips = Strips(lanes: 1, pixels: samples.pixels.count)
    let (width, height) = (field.width, field.height)
    let (scaleX, scaleY) = (
      Float(width) / Float(samples.width), Float(height) / Float(samples.height)
    )
    _ = strips.withMutablePointer { target in
      visibility.withUnsafeBufferPointer { grid in
        for (place, pixel) in samples.pixels.enumerated() {
          let (x, y) = (Int(pixel) % samples.width, Int(pixel) / samples.width)
          let u = min(max((Float(x) + 0.5) * scaleX - 0.5, 0), Float(width) - 1.001)
          let v = min(max((Float(y) + 0.5) * scaleY - 0.5, 0), Float(height) - 1.001)
          let corner = Int(v) * width + Int(u)
          let (fx, fy) = (u - u.rounded(.down), v - v.rounded(.down))
          let top = grid[corner] + (grid[corner + 1] - grid[corner]) * fx
          let bottom =
            grid[corner + width] + (grid[corner + width + 1] - grid[corner + width]) * fx
          target[place] = top + (bottom - top) * fy
        }
      }
    }
    return strips
  }
}
