import Foundation

/// Shadows that the relief throws on itself: nose on cheek, brow on eye, chin on neck.
package struct CastShadow: Sendable {
  private let field: DepthField
  /// Horizon angles of the azimuths that were asked for, radians above the picture plane.
  private var horizons: [Int: [Float]] = [:]

  /// Azimuths in the picture plane at which horizons are kept; between two they are blended.
  private static let azimuths = 48
  /// Half the least width of a penumbra, radians: the relief is not known any better.
  private static let leastPenumbra: Float = 0.07
  /// Relief that rises less than this, in steps of the grid, is not taken for an obstacle.
  private static let tolerance: Float = 0.9
  /// No shadow is longer than this share of the picture.
  private static let reach: Float = 0.5

  /// Shadows of one relief.
  package init(field: DepthField) {
    self.field = field
  }

  /// How much of a light every point of the relief's grid sees, 0...1.
  ///
  /// A horizon map (Max 1988), filled as lights come by: the first light from a side walks over the
  /// relief, later ones only compare their elevation with what was found.
  package mutating func visibility(of source: LightSource) -> [Float] {
    let direction = source.direction
    let sideways = (direction.x * direction.x + direction.y * direction.y).squareRoot()
    // Within a few degrees of the camera's axis whatever is seen is lit.
    guard sideways > 0.05 else { return [Float](repeating: 1, count: field.depth.count) }
    let turn = atan2(-direction.y, direction.x) / (2 * .pi) + 1
    let position = turn * Float(Self.azimuths)
    let first = Int(position)
    let share = position - Float(first)
    let (near, far) = (horizon(azimuth: first), horizon(azimuth: first + 1))
    let elevation = atan2(direction.z, sideways)
    let penumbra = max(source.radius, Self.leastPenumbra)
    let (most, scale) = (elevation + penumbra, 1 / (2 * penumbra))
    var result = [Float](repeating: 1, count: near.count)
    for index in result.indices {
      let angle = near[index] + (far[index] - near[index]) * share
      let seen = min(max((most - angle) * scale, 0), 1)
      result[index] = seen * seen * (3 - 2 * seen)
    }
    return result
  }

  /// The horizon at one of the kept azimuths, which run clockwise in the picture from the right.
  private mutating func horizon(azimuth: Int) -> [Float] {
    let index = azimuth % Self.azimuths
    if let known = horizons[index] { return known }
    let angle = 2 * Float.pi * Float(index) / Float(Self.azimuths)
    let step = SIMD2(cos(angle), sin(angle))
    let (width, height) = (field.width, field.height)
    var result = [Float](repeating: -.pi / 2, count: width * height)
    result.withUnsafeMutableBufferPointer { result in
      // Each row is written by one thread alone.
      nonisolated(unsafe) let result = result
      let field = field
      Parallel.forEach(count: height) { y in
        for x in 0..<width where field.isSubject[y * width + x] {
          result[y * width + x] = atan(Self.steepestRise(x: x, y: y, along: step, on: field))
        }
      }
    }
    GaussianBlur(sigma: 0.8).apply(to: &result, width: width, height: height)
    horizons[index] = result
    return result
  }

  /// The tangent of the highest obstacle on the way to the light.
  private static func steepestRise(
    x: Int, y: Int, along step: SIMD2<Float>, on field: DepthField
  ) -> Float {
    let (width, height) = (field.width, field.height)
    let limit = reach * Float(max(width, height))
    return field.depth.withUnsafeBufferPointer { depth in
      let base = depth[y * width + x] + tolerance
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
    let (count, pixelCount) = (strips.count, samples.pixels.count)
    let (width, height) = (Float(field.width), Float(field.height))
    let scale = SIMD2(width / Float(samples.width), height / Float(samples.height))
    let limit = SIMD2(width, height) - 1.001
    let (columns, stride) = (Int32(samples.width), field.width)
    visibility.withUnsafeBufferPointer { grid in
      samples.pixels.withUnsafeBufferPointer { pixels in
        _ = strips.withMutablePointer { target in
          // Each strip is written by one thread alone.
          nonisolated(unsafe) let (grid, pixels, target) = (grid, pixels, target)
          Parallel.forEach(count: count) { strip in
            let first = strip * Strips.width
            // Pixels come row by row: one division per strip finds the first row.
            var y = pixels[first] / columns
            for place in first..<min(first + Strips.width, pixelCount) {
              while pixels[place] &- y &* columns >= columns { y &+= 1 }
              let u = min(
                max((Float(pixels[place] &- y &* columns) + 0.5) * scale.x - 0.5, 0), limit.x)
              let v = min(max((Float(y) + 0.5) * scale.y - 0.5, 0), limit.y)
              let (column, row) = (Int32(u), Int32(v))
              let (fx, fy) = (u - Float(column), v - Float(row))
              let corner = Int(row) &* stride &+ Int(column)
              let below = corner &+ stride
              let left = grid[corner] + (grid[below] - grid[corner]) * fy
              let right = grid[corner &+ 1] + (grid[below &+ 1] - grid[corner &+ 1]) * fy
              target[place] = left + (right - left) * fx
            }
          }
        }
      }
    }
    return strips
  }
}
