import Imaging
import RenderPasses

/// The relief behind the normals: depth on a coarse grid, in grid steps, positive to the camera.
package struct DepthField: Sendable {
  package let width: Int
  package let height: Int
  /// Depth, row by row; the background lies out of sight, so that it throws no shadow.
  package let depth: [Float]
  /// Unit normals, row by row.
  let normals: [SIMD3<Float>]
  /// Whether a point belongs to the subject's largest part; the background has no relief.
  let isSubject: [Bool]
  /// The point of the subject that each point takes its horizon from: itself, or the nearest for points just
  /// outside, whose pixels may belong to the subject's rim; −1 far outside.
  let representative: [Int32]
  /// Depth of the middle of the face: distances of lamps are measured from there.
  let middle: Float
  /// Heads per grid step.
  let scale: Float

  /// Side of an aligned portrait crop: pupils 63 mm apart stand 26 % of it apart.
  static let cropMillimetres: Float = 243
  /// The height of a head.
  static let headMillimetres: Float = 225

  /// Side of the grid: a shadow's edge is never sharper than a 256th of the picture.
  private static let extent = 256
  /// Points outside the subject that still have a horizon.
  private static let rim = 3
  static let backgroundDepth: Float = -1e6

  /// Where a point of the grid lies relative to the middle of the face, heads.
  package func position(_ index: Int) -> SIMD3<Float> {
    let (x, y) = (Float(index % width) + 0.5, Float(index / width) + 0.5)
    let rise = isSubject[index] ? depth[index] - middle : 0
    return SIMD3(x - Float(width) / 2, Float(height) / 2 - y, rise) * scale
  }

  /// A plane, which throws no shadow on itself, before a square portrait.
  ///
  /// Nothing changes over a plane, so that the coarsest grid tells all of it.
  static let plane = DepthField()

  private init() {
    (width, height, middle) = (2, 2, 0)
    depth = [Float](repeating: 0, count: 4)
    normals = [SIMD3<Float>](repeating: SIMD3(0, 0, 1), count: 4)
    isSubject = [Bool](repeating: true, count: 4)
    representative = [0, 1, 2, 3]
    scale = Self.cropMillimetres / Self.headMillimetres / 2
  }

  /// Integrates the normals of a portrait, over jumps such as those below nose and jaw.
  package init(stack: PassStack) {
    let scale = min(Double(Self.extent) / Double(max(stack.width, stack.height)), 1)
    let width = max(Int((Double(stack.width) * scale).rounded()), 2)
    let height = max(Int((Double(stack.height) * scale).rounded()), 2)
    let normal = stack.normal.resized(width: width, height: height).normalizedVectors().samples
    let covered = stack.subject.resized(width: width, height: height).samples.map { $0 > 0.5 }
    // How far other parts, leaks of a matte, stand from the face cannot be told from normals: they are
    // background, or they would throw shadows on it from anywhere.
    let isSubject = largestPart(of: covered, width: width)
    let count = width * height
    normals = (0..<count).map { SIMD3(normal[$0], normal[count + $0], normal[2 * count + $0]) }
    let relief = NormalIntegration(
      normals: normals, isInside: isSubject, width: width, height: height
    ).depth()
    self.width = width
    self.height = height
    self.isSubject = isSubject
    representative = Self.representatives(isSubject, width: width, height: height)
    self.scale = Self.cropMillimetres / Self.headMillimetres / Float(max(width, height))
    middle = Self.middle(of: relief, isSubject: isSubject, width: width, height: height)
    depth = zip(relief, isSubject).map { $1 ? $0 : Self.backgroundDepth }
  }

  private static func representatives(
    _ isSubject: [Bool], width: Int, height: Int
  ) -> [Int32] {
    var result = isSubject.indices.map { isSubject[$0] ? Int32($0) : -1 }
    for _ in 0..<rim {
      let known = result
      for index in known.indices where known[index] < 0 {
        let (x, y) = (index % width, index / width)
        let neighbours = [
          x > 0 ? index - 1 : index, x + 1 < width ? index + 1 : index,
          y > 0 ? index - width : index, y + 1 < height ? index + width : index,
        ]
        result[index] = neighbours.lazy.map { known[$0] }.first { $0 >= 0 } ?? -1
      }
    }
    return result
  }

  /// The mean depth of the subject in the central quarter of the picture.
  private static func middle(
    of relief: [Float], isSubject: [Bool], width: Int, height: Int
  ) -> Float {
    var (sum, count) = (Float(0), Float(0))
    for y in height / 4..<height - height / 4 {
      for x in width / 4..<width - width / 4 where isSubject[y * width + x] {
        sum += relief[y * width + x]
        count += 1
      }
    }
    return count > 0 ? sum / count : 0
  }
}
