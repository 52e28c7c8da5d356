import Foundation
import Imaging
import RenderPasses

/// The relief behind the normals: depth on a coarse grid, in grid steps, positive to the camera.
///
/// Least-squares integration of the normals' slopes by a cosine transform (Frankot & Chellappa 1988;
/// Simchony et al. 1990), once per portrait.
package struct DepthField: Sendable {
  package let width: Int
  package let height: Int
  /// Depth, row by row; the background lies out of sight, so that it throws no shadow.
  package let depth: [Float]
  /// Whether a point belongs to the subject; the background has no relief.
  let isSubject: [Bool]

  /// Side of the grid: a shadow's edge is never sharper than a 256th of the picture.
  private static let extent = 256
  /// Slopes steeper than this belong to outlines, where depth jumps instead of rising.
  private static let greatestSlope: Float = 5
  static let backgroundDepth: Float = -1e6
  /// Undoes the flattening by clamped slopes and outlines.
  ///
  /// This much makes the shadows of path-traced heads as long as they are.
  private static let flattening: Float = 1.4

  /// Integrates the normals of a portrait.
  package init(stack: PassStack) {
    let scale = min(Double(Self.extent) / Double(max(stack.width, stack.height)), 1)
    let width = max(Int((Double(stack.width) * scale).rounded()), 2)
    let height = max(Int((Double(stack.height) * scale).rounded()), 2)
    let normal = stack.normal.resized(width: width, height: height).normalizedVectors()
    let matte = stack.subject.resized(width: width, height: height).samples
    self.width = width
    self.height = height
    isSubject = matte.map { $0 > 0.5 }
    let slopes = Self.slopes(normal: normal, isSubject: isSubject)
    let divergence = Self.divergence(slopes, isSubject: isSubject, width: width, height: height)
    let relief = PoissonSolver.solve(divergence, width: width, height: height)
    depth = zip(relief, isSubject).map { $1 ? $0 * Self.flattening : Self.backgroundDepth }
  }

  /// Change of depth per step to the right and per step down.
  private static func slopes(normal: Image, isSubject: [Bool]) -> [SIMD2<Float>] {
    let count = normal.pixelCount
    return (0..<count).map { index in
      guard isSubject[index] else { return .zero }
      let nz = max(normal.samples[2 * count + index], 0.1)
      let slope = SIMD2(-normal.samples[index], normal.samples[count + index]) / nz
      let steepness = (slope * slope).sum().squareRoot()
      return steepness > greatestSlope ? slope * (greatestSlope / steepness) : slope
    }
  }

  /// Divergence of the slopes between neighbours that both belong to the subject.
  private static func divergence(
    _ slopes: [SIMD2<Float>], isSubject: [Bool], width: Int, height: Int
  ) -> [Float] {
    var result = [Float](repeating: 0, count: width * height)
    func link(_ from: Int, _ to: Int, axis: Int) {
      guard isSubject[from], isSubject[to] else { return }
      let rise = (slopes[from][axis] + slopes[to][axis]) / 2
      result[from] += rise
      result[to] -= rise
    }
    for y in 0..<height {
      for x in 0..<width {
        let index = y * width + x
        if x + 1 < width { link(index, index + 1, axis: 0) }
        if y + 1 < height { link(index, index + width, axis: 1) }
      }
    }
    return result
  }
}

/// Solves ∆z = f on a grid whose border has no slope, by the discrete cosine transform.
enum PoissonSolver {
  /// The solution of mean zero.
  static func solve(_ f: [Float], width: Int, height: Int) -> [Float] {
    let (columns, rows) = (basis(width), basis(height))
    // Grids are small: two matrix products per direction are quicker than they are long.
    let half = product(rows, f, height, height, width)
    var spectrum = product(half, transposed(columns, width), height, width, width)
    for v in 0..<height {
      for u in 0..<width {
        let eigenvalue =
          2 * cos(Float.pi * Float(u) / Float(width)) + 2 * cos(Float.pi * Float(v) / Float(height))
          - 4
        spectrum[v * width + u] = u + v == 0 ? 0 : spectrum[v * width + u] / eigenvalue
      }
    }
    let back = product(transposed(rows, height), spectrum, height, height, width)
    return product(back, columns, height, width, width)
  }

  /// Orthonormal cosine basis, one function per row (DCT-II).
  private static func basis(_ n: Int) -> [Float] {
    (0..<n * n).map { index in
      let (k, x) = (index / n, index % n)
      let norm = (k == 0 ? 1 : 2) / Double(n)
      return Float(norm.squareRoot() * cos(.pi * (Double(x) + 0.5) * Double(k) / Double(n)))
    }
  }

  private static func transposed(_ matrix: [Float], _ n: Int) -> [Float] {
    (0..<n * n).map { matrix[$0 % n * n + $0 / n] }
  }

  /// The product of an `m` × `k` and a `k` × `n` matrix, row by row.
  private static func product(_ a: [Float], _ b: [Float], _ m: Int, _ k: Int, _ n: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: m * n) { result, initialized in
      nonisolated(unsafe) let result = result
      Parallel.forEach(count: m) { row in
        b.withUnsafeBufferPointer { b in
          for x in 0..<n { result[row &* n &+ x] = 0 }
          for i in 0..<k {
            let factor = a[row * k + i]
            for x in 0..<n { result[row &* n &+ x] += factor * b[i &* n &+ x] }
          }
        }
      }
      initialized = m * n
    }
  }
}
