import Imaging

/// How far coverage is from a line in the photograph's colours, around each pixel.
///
/// The matrix of Levin, Lischinski & Weiss 2008, "A Closed-Form Solution to Natural Image Matting", of
/// windows of 3×3 pixels, kept for the unknown pixels alone.
package struct MattingLaplacian {
  private let width: Int
  private let height: Int
  private let isUnknown: [Bool]
  /// The unknown pixels, as indices of a plane with a border of two pixels.
  private let places: [Int]
  /// For each unknown pixel what its 5×5 neighbours count, row by row.
  private let stencils: [Float]

  private static let reach = 2
  private static let side = 2 * reach + 1

  /// Builds the matrix.
  ///
  /// - Parameters:
  ///   - photograph: 3 channels, sRGB-encoded, at least 3 pixels each way.
  ///   - isUnknown: One per pixel.
  ///   - epsilon: Variance of a colour below which a window counts as plain.
  package init(_ photograph: Image, isUnknown: [Bool], epsilon: Float) {
    let (width, height) = (photograph.width, photograph.height)
    precondition(width > 2 && height > 2, "a window of matting does not fit")
    (self.width, self.height, self.isUnknown) = (width, height, isUnknown)
    var ordinals = [Int](repeating: -1, count: isUnknown.count)
    var places: [Int] = []
    for index in isUnknown.indices where isUnknown[index] {
      ordinals[index] = places.count
      places.append(Self.place(index, width: width))
    }
    self.places = places
    var stencils = [Float](repeating: 0, count: places.count * Self.side * Self.side)
    let share = 1 / Float(MattingWindow.count)
    // Windows that share a pixel add to the same row of the matrix, so that one core builds it.
    stencils.withUnsafeMutableBufferPointer { stencils in
      for y in 1..<height - 1 {
        for x in 1..<width - 1 {
          let middle = y * width + x
          let window = MattingWindow(around: middle, width: width)
          guard window.contains(where: { isUnknown[$0] }) else { continue }
          let line = ColorLine(photograph, window, epsilon: epsilon)
          for i in 0..<MattingWindow.count {
            let ordinal = ordinals[window[i]]
            guard ordinal >= 0 else { continue }
            let first = ordinal * Self.side * Self.side
            for j in 0..<MattingWindow.count {
              let alike = share * (1 + (line.directions[i] * line.differences[j]).sum())
              let (across, down) = (j % 3 - i % 3 + Self.reach, j / 3 - i / 3 + Self.reach)
              stencils[first + down * Self.side + across] += (i == j ? 1 : 0) - alike
            }
          }
        }
      }
    }
    self.stencils = stencils
  }

  /// The coverage that follows the photograph, keeps what is known and stays near what is expected.
  ///
  /// Conjugate gradients, scaled by the diagonal, from `expected` on.
  ///
  /// - Parameters:
  ///   - expected: Coverage by pixel; it is final where it is known.
  ///   - confidence: Weight of the expectation where it is not, by pixel.
  ///   - tolerance: Rest of the residual, relative to the first, at which to stop.
  /// - Returns: Coverage by pixel.
  package func solve(expected: [Float], confidence: [Float], tolerance: Float = 1e-3) -> [Float] {
    let stride = width + 2 * Self.reach
    var plane = [Float](repeating: 0, count: stride * (height + 2 * Self.reach))
    for index in expected.indices { plane[Self.place(index, width: width)] = expected[index] }
    let middle = Self.side * Self.side / 2
    let confidence = confidence.indices.filter { isUnknown[$0] }.map { confidence[$0] }
    let scale = places.indices.map {
      1 / max(stencils[$0 * Self.side * Self.side + middle] + confidence[$0], 1e-6)
    }
    // What is expected cancels out of the first residual but for the matrix's own part.
    var residual = product(plane, stride: stride).map { -$0 }
    var direction = [Float](repeating: 0, count: plane.count)
    var energy: Float = 0
    let first = dot(residual, residual)
    for round in 0..<Self.mostRounds {
      if dot(residual, residual) <= tolerance * tolerance * first { break }
      let step = zip(residual, scale).map(*)
      let next = dot(residual, step)
      let carried = round == 0 ? 0 : next / energy
      energy = next
      for (index, place) in places.enumerated() {
        direction[place] = step[index] + carried * direction[place]
      }
      var image = product(direction, stride: stride)
      var curvature: Float = 0
      for (index, place) in places.enumerated() {
        image[index] += confidence[index] * direction[place]
        curvature += image[index] * direction[place]
      }
      guard curvature > 0 else { break }
      let length = energy / curvature
      for (index, place) in places.enumerated() {
        plane[place] += length * direction[place]
        residual[index] -= length * image[index]
      }
    }
    return expected.indices.map { plane[Self.place($0, width: width)] }
  }

  private static let mostRounds = 150

  private func dot(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The matrix times a plane, at the unknown pixels.
  private func product(_ plane: [Float], stride: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: places.count) { products, initialized in
      plane.withUnsafeBufferPointer { plane in
        stencils.withUnsafeBufferPointer { stencils in
          for ordinal in places.indices {
            var sum: Float = 0
            let stencil = ordinal &* (Self.side * Self.side)
            let corner = places[ordinal] &- Self.reach &* (stride &+ 1)
            for down in 0..<Self.side {
              for across in 0..<Self.side {
                sum +=
                  stencils[stencil &+ down &* Self.side &+ across]
                  * plane[corner &+ down &* stride &+ across]
              }
            }
            products[ordinal] = sum
          }
        }
      }
      initialized = places.count
    }
  }

  /// Where a pixel lies in a plane with a border.
  private static func place(_ index: Int, width: Int) -> Int {
    (index / width + reach) * (width + 2 * reach) + index % width + reach
  }
}

/// The nine pixels around one that has neighbours on all sides, row by row.
struct MattingWindow {
  static let count = 9
  private let first: Int
  private let width: Int

  init(around index: Int, width: Int) {
    first = index - width - 1
    self.width = width
  }

  /// The place of a pixel in the picture.
  subscript(position: Int) -> Int { first + position / 3 * width + position % 3 }

  /// Whether a pixel of the window is such.
  func contains(where isSuch: (Int) -> Bool) -> Bool {
    (0..<Self.count).contains { isSuch(self[$0]) }
  }
}

/// The colours of a window around their mean, and what takes coverage to a line in them.
struct ColorLine {
  let mean: SIMD3<Float>
  /// Colours less their mean.
  let differences: InlineArray<9, SIMD3<Float>>
  /// The same through the inverse of their covariance.
  let directions: InlineArray<9, SIMD3<Float>>

  /// - Parameters:
  ///   - photograph: 3 channels.
  ///   - window: A place in it.
  ///   - epsilon: Added to the variances, shared by the pixels.
  init(_ photograph: Image, _ window: MattingWindow, epsilon: Float) {
    var mean = SIMD3<Float>.zero
    var differences = InlineArray<9, SIMD3<Float>> { photograph.pixel(window[$0]) }
    for i in differences.indices { mean += differences[i] }
    mean /= Float(MattingWindow.count)
    // Rows of the symmetric covariance: doubles, as colours hardly differ but in brightness.
    let share = 1 / Double(MattingWindow.count)
    var a = SIMD3(Double(epsilon) * share, 0, 0)
    var b = SIMD3(0, Double(epsilon) * share, 0)
    var c = SIMD3(0, 0, Double(epsilon) * share)
    for i in differences.indices {
      differences[i] -= mean
      let difference = SIMD3<Double>(differences[i])
      a += difference * (difference.x * share)
      b += difference * (difference.y * share)
      c += difference * (difference.z * share)
    }
    // Its inverse has the cross products of its rows as columns.
    let (bc, ca, ab) = (Self.cross(b, c), Self.cross(c, a), Self.cross(a, b))
    let scale = 1 / (a * bc).sum()
    (self.mean, self.differences) = (mean, differences)
    directions = InlineArray { [differences] index in
      let d = SIMD3<Double>(differences[index]) * scale
      return SIMD3<Float>(bc * d.x + ca * d.y + ab * d.z)
    }
  }

  /// The line in the window's colours that its values lie on.
  func fitted(to values: InlineArray<9, Float>) -> (slope: SIMD3<Float>, offset: Float) {
    let share = 1 / Float(MattingWindow.count)
    var slope = SIMD3<Float>.zero
    var sum: Float = 0
    for i in values.indices {
      slope += directions[i] * (values[i] * share)
      sum += values[i] * share
    }
    return (slope, sum - (slope * mean).sum())
  }

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }
}
