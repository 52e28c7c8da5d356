import Foundation

/// Integrates unit normals to depth where depth may jump: bilateral normal integration.
///
/// Cao et al. 2022, "Bilateral Normal Integration", orthographic: each pixel's slope is believed to one
/// side of it only where the other side lies behind an edge. Which side that is comes from the depth
/// found so far, so that a few weighted least-squares problems are solved in turn, each by conjugate
/// gradients, on coarse grids first.
struct NormalIntegration {
  let width: Int
  let height: Int
  /// Components of the normals, row by row.
  private let normals: [SIMD3<Float>]
  private let isInside: [Bool]

  /// How sharply one side is preferred, `k` of the paper.
  private static let sharpness: Float = 4
  /// Grids smaller than this are not halved again.
  private static let coarsest = 64
  /// Changes of the weights, and steps of the solver for each, on the coarsest grid and on others.
  private static let coarseRounds = (weights: 8, steps: 60)
  private static let fineRounds = (weights: 5, steps: 28)
  /// Slopes steeper than this belong to outlines, where depth jumps instead of rising.
  private static let greatestSlope: Float = 5

  /// A surface by its unit normals, row by row, +x right, +y up, +z to the camera.
  ///
  /// Only pixels that are inside are integrated.
  init(normals: [SIMD3<Float>], isInside: [Bool], width: Int, height: Int) {
    precondition(normals.count == width * height && isInside.count == width * height)
    self.normals = normals
    self.isInside = isInside
    self.width = width
    self.height = height
  }

  /// Depth in pixels, positive to the camera; each connected part has an offset of its own.
  func depth() -> [Float] {
    guard max(width, height) > Self.coarsest else {
      return solution(from: [Float](repeating: 0, count: width * height), rounds: Self.coarseRounds)
    }
    let coarse = halved
    let coarseDepth = coarse.depth()
    var start = [Float](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width where isInside[y * width + x] {
        let slope = slope(y * width + x)
        let (right, down): (Float, Float) = (x % 2 == 0 ? -0.5 : 0.5, y % 2 == 0 ? -0.5 : 0.5)
        start[y * width + x] =
          2 * coarseDepth[y / 2 * coarse.width + x / 2] + right * slope.x + down * slope.y
      }
    }
    return solution(from: start, rounds: Self.fineRounds)
  }

  /// Change of depth per pixel to the right and per pixel down.
  private func slope(_ index: Int) -> SIMD2<Float> {
    let normal = normals[index]
    let slope = SIMD2(-normal.x, normal.y) / max(normal.z, 0.05)
    let steepness = (slope * slope).sum().squareRoot()
    return steepness > Self.greatestSlope ? slope * (Self.greatestSlope / steepness) : slope
  }

  /// The same surface at half the size.
  private var halved: NormalIntegration {
    let (newWidth, newHeight) = ((width + 1) / 2, (height + 1) / 2)
    var sums = [SIMD3<Float>](repeating: .zero, count: newWidth * newHeight)
    for y in 0..<height {
      for x in 0..<width where isInside[y * width + x] {
        sums[y / 2 * newWidth + x / 2] += normals[y * width + x]
      }
    }
    return NormalIntegration(
      normals: sums.map(normalized), isInside: sums.map { $0 != .zero }, width: newWidth,
      height: newHeight)
  }

  private func solution(
    from start: [Float], rounds: (weights: Int, steps: Int)
  ) -> [Float] {
    var system = LinkedGrid(width: width, height: height)
    system.depth.replaceSubrange(system.first..<system.first + start.count, with: start)
    for round in 0..<rounds.weights {
      // Both sides count the same at first: jumps show only in a depth that is nearly right.
      link(&system, sharpness: round == 0 ? 0 : Self.sharpness)
      system.relax(steps: rounds.steps)
    }
    return Array(system.depth[system.first..<system.first + start.count])
  }

  /// Weighs each pixel's slope to either side by how well it fits the depth there.
  private func link(_ system: inout LinkedGrid, sharpness: Float) {
    system.unlink()
    for (step, axis) in [(1, 0), (width, 1)] {
      for index in normals.indices where isInside[index] {
        let normal = normals[index]
        let rise = axis == 0 ? -normal.x : normal.y
        let weight = max(normal.z, 0)
        let hasBefore = hasNeighbour(index, axis: axis, isAfter: false)
        let hasAfter = hasNeighbour(index, axis: axis, isAfter: true)
        let here = system.depth[system.first + index]
        let before = hasBefore ? weight * (here - system.depth[system.first + index - step]) : 0
        let after = hasAfter ? weight * (system.depth[system.first + index + step] - here) : 0
        let exponent = sharpness * (after * after - before * before)
        let shareAfter = 1 / (1 + exp(min(max(exponent, -50), 50)))
        if hasAfter {
          system.add(
            at: index, axis: axis, weight: shareAfter * weight * weight,
            rise: shareAfter * weight * rise)
        }
        if hasBefore {
          system.add(
            at: index - step, axis: axis, weight: (1 - shareAfter) * weight * weight,
            rise: (1 - shareAfter) * weight * rise)
        }
      }
    }
    system.prepare()
  }

  private func hasNeighbour(_ index: Int, axis: Int, isAfter: Bool) -> Bool {
    if axis == 0 {
      let column = index % width
      return isAfter
        ? column + 1 < width && isInside[index + 1] : column > 0 && isInside[index - 1]
    }
    return isAfter
      ? index + width < isInside.count && isInside[index + width]
      : index >= width && isInside[index - width]
  }
}

/// Weighted differences between neighbours of a grid, solved for depth in the least-squares sense.
private struct LinkedGrid {
  let width: Int
  /// Pixels of the grid.
  let count: Int
  /// Where the grid begins in every buffer: a row of zeros lies before and behind it.
  let first: Int
  var depth: [Float]
  /// Weights of the links to the right and down.
  private var across: [Float]
  private var down: [Float]
  /// Divergence of the wanted rises.
  private var source: [Float]
  /// Reciprocal of the sum of a pixel's weights, 0 without any.
  private var scale: [Float]

  init(width: Int, height: Int) {
    self.width = width
    count = width * height
    // Whole vectors may read beyond the last row.
    first = width + 8
    depth = [Float](repeating: 0, count: count + 2 * first)
    (across, down, source, scale) = (depth, depth, depth, depth)
  }

  mutating func unlink() {
    for index in depth.indices {
      across[index] = 0
      down[index] = 0
      source[index] = 0
    }
  }

  /// Wants depth to rise by `rise` over `weight` from a pixel to its neighbour right or below.
  mutating func add(at index: Int, axis: Int, weight: Float, rise: Float) {
    let place = first + index
    if axis == 0 { across[place] += weight } else { down[place] += weight }
    source[place] -= rise
    source[place + (axis == 0 ? 1 : width)] += rise
  }

  /// Takes the sums of the weights.
  mutating func prepare() {
    for place in first..<first + count {
      let sum = across[place] + across[place - 1] + down[place] + down[place - width]
      scale[place] = sum > 0 ? 1 / sum : 0
    }
  }

  /// Steps of conjugate gradients, preconditioned by the diagonal.
  mutating func relax(steps: Int) {
    var (residual, direction, product) = (source, source, source)
    let (first, count, width) = (first, count, width)
    depth.withUnsafeMutableBufferPointer { depth in
      residual.withUnsafeMutableBufferPointer { residual in
        direction.withUnsafeMutableBufferPointer { direction in
          product.withUnsafeMutableBufferPointer { product in
            across.withUnsafeBufferPointer { across in
              down.withUnsafeBufferPointer { down in
                scale.withUnsafeBufferPointer { scale in
                  guard let depth = depth.baseAddress, let residual = residual.baseAddress,
                    let direction = direction.baseAddress, let product = product.baseAddress,
                    let across = across.baseAddress, let down = down.baseAddress,
                    let scale = scale.baseAddress
                  else { return }
                  ConjugateGradients(
                    count: count, width: width, across: across + first, down: down + first,
                    scale: scale + first, depth: depth + first, residual: residual + first,
                    direction: direction + first, product: product + first
                  ).run(steps: steps)
                }
              }
            }
          }
        }
      }
    }
  }
}

/// The solver's loops over raw memory; every buffer has a row of zeros on either side.
private struct ConjugateGradients {
  let count: Int
  let width: Int
  let across: UnsafePointer<Float>
  let down: UnsafePointer<Float>
  let scale: UnsafePointer<Float>
  let depth: UnsafeMutablePointer<Float>
  /// Holds the right-hand side at first.
  let residual: UnsafeMutablePointer<Float>
  let direction: UnsafeMutablePointer<Float>
  let product: UnsafeMutablePointer<Float>

  func run(steps: Int) {
    multiply(depth)
    for i in 0..<count { residual[i] -= product[i] }
    for i in 0..<count { direction[i] = residual[i] * scale[i] }
    var energy = dot(residual, direction)
    for _ in 0..<steps {
      multiply(direction)
      let curvature = dot(direction, product)
      guard curvature > 0, energy > 0 else { return }
      let length = energy / curvature
      for i in 0..<count { depth[i] += length * direction[i] }
      for i in 0..<count { residual[i] -= length * product[i] }
      for i in 0..<count { product[i] = residual[i] * scale[i] }
      let next = dot(residual, product)
      let turn = next / energy
      energy = next
      for i in 0..<count { direction[i] = product[i] + turn * direction[i] }
    }
  }

  /// The weighted differences of `values` to their neighbours, summed into `product`.
  private func multiply(_ values: UnsafeMutablePointer<Float>) {
    let (left, above) = (across - 1, down - width)
    let (before, after) = (values - 1, values + 1)
    let (over, under) = (values - width, values + width)
    for i in 0..<count {
      let here = values[i]
      let sideways = across[i] * (here - after[i]) + left[i] * (here - before[i])
      let upright = down[i] * (here - under[i]) + above[i] * (here - over[i])
      product[i] = sideways + upright
    }
  }

  private func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
    // Eight sums side by side: a single one would not vectorise.
    var sums = SIMD8<Float>.zero
    var i = 0
    while i + 8 <= count {
      let left = UnsafeRawPointer(a + i).loadUnaligned(as: SIMD8<Float>.self)
      let right = UnsafeRawPointer(b + i).loadUnaligned(as: SIMD8<Float>.self)
      sums += left * right
      i += 8
    }
    var sum = sums.sum()
    while i < count {
      sum += a[i] * b[i]
      i += 1
    }
    return sum
  }
}
