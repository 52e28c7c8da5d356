import Foundation
import Imaging

/// Where a head's own axes point in the camera's frame.
public struct HeadPose: Equatable, Sendable {
  /// The turn to image right, degrees.
  public let yawDegrees: Float
  /// The turn upwards, degrees.
  public let pitchDegrees: Float
  /// The tilt against the clock as the camera sees it, degrees.
  public let rollDegrees: Float
  private let right: SIMD3<Float>
  private let up: SIMD3<Float>
  private let forward: SIMD3<Float>

  /// A head that looks into the camera.
  public static let frontal = HeadPose(yawDegrees: 0, pitchDegrees: 0, rollDegrees: 0)

  /// The pose of given angles.
  public init(yawDegrees: Float, pitchDegrees: Float, rollDegrees: Float) {
    self.yawDegrees = yawDegrees
    self.pitchDegrees = pitchDegrees
    self.rollDegrees = rollDegrees
    right = Self.right(yawDegrees: yawDegrees, rollDegrees: rollDegrees)
    let level = Direction.vector(azimuthDegrees: yawDegrees, elevationDegrees: 0)
    let upright = cross(level, right)
    let tilt = Direction.vector(azimuthDegrees: 0, elevationDegrees: pitchDegrees)
    forward = level * tilt.z + upright * tilt.y
    up = upright * tilt.z - level * tilt.y
  }

  /// A direction of the head's frame as the camera sees it.
  func cameraDirection(_ direction: SIMD3<Float>) -> SIMD3<Float> {
    right * direction.x + up * direction.y + forward * direction.z
  }

  private static func right(yawDegrees: Float, rollDegrees: Float) -> SIMD3<Float> {
    let yaw = Direction.vector(azimuthDegrees: yawDegrees, elevationDegrees: 0)
    let roll = Direction.vector(azimuthDegrees: 0, elevationDegrees: rollDegrees)
    return SIMD3(yaw.z * roll.z, roll.y, -yaw.x * roll.z)
  }
}

extension HeadPose {
  private static let yaws: ClosedRange<Float> = -45...45
  /// Portrait crops are turned until the eyes are level, so little is left.
  private static let rolls: ClosedRange<Float> = -10...10
  /// Pixels on the longer side that are looked at.
  private static let extent = 128
  /// Fewer pixels of skin than this say nothing.
  private static let leastPixels = 300
  /// How well the two halves of a face must match.
  private static let leastSymmetry: Float = 0.75

  /// Estimates the pose of a face; nothing where there is too little skin or no symmetry.
  ///
  /// The left and right half of a face have mirrored normals: yaw and roll are those of the plane in
  /// which the extended Gaussian image (Horn 1984) of the visible skin is most symmetric (Sun &
  /// Sherrah 1997). Weights are areas on the face, not in the picture. Pitch is that of the mean
  /// normal within this plane, since a face has no symmetry between top and bottom.
  ///
  /// - Parameters:
  ///   - normal: Unit normals, 3 channels.
  ///   - skin: Matte of the facial skin, 1 channel, of the same extent.
  public init?(normal: Image, skin: Image) {
    let scale = min(Float(Self.extent) / Float(max(normal.width, normal.height)), 1)
    let width = max(Int((Float(normal.width) * scale).rounded()), 1)
    let height = max(Int((Float(normal.height) * scale).rounded()), 1)
    let normals = normal.resized(width: width, height: height).normalizedVectors().samples
    let matte = skin.resized(width: width, height: height).samples
    let count = width * height
    var points: [(normal: SIMD3<Float>, area: Float)] = []
    for pixel in 0..<count where matte[pixel] > 0.5 && normals[2 * count + pixel] > 0.15 {
      let n = SIMD3(normals[pixel], normals[count + pixel], normals[2 * count + pixel])
      // Grazing normals are few and uncertain.
      points.append((n, matte[pixel] / max(n.z, 0.25)))
    }
    guard points.count >= Self.leastPixels else { return nil }
    let image = GaussianImage(points)
    let planes = stride(from: Self.yaws.lowerBound, through: Self.yaws.upperBound, by: 1).flatMap {
      yaw in
      stride(from: Self.rolls.lowerBound, through: Self.rolls.upperBound, by: 2).map {
        (yaw: yaw, roll: $0)
      }
    }
    let symmetries = Parallel.map(count: planes.count) { index in
      image.symmetry(
        mirror: Self.right(yawDegrees: planes[index].yaw, rollDegrees: planes[index].roll))
    }
    guard let best = symmetries.indices.max(by: { symmetries[$0] < symmetries[$1] }),
      symmetries[best] >= Self.leastSymmetry
    else { return nil }
    let plane = planes[best]
    let level = HeadPose(yawDegrees: plane.yaw, pitchDegrees: 0, rollDegrees: plane.roll)
    let mean = points.reduce(SIMD3<Float>.zero) { $0 + $1.normal * $1.area }
    self.init(
      yawDegrees: plane.yaw,
      pitchDegrees: atan2(dot(mean, level.up), dot(mean, level.forward)) * 180 / .pi,
      rollDegrees: plane.roll)
  }
}

/// How much surface faces each direction of the front, on a square grid.
private struct GaussianImage: Sendable {
  private static let extent = 48
  /// Beyond this angle to the camera the surface hides itself.
  private static let leastCosine: Float = 0.2

  /// Smoothed areas, row by row.
  private let areas: [Float]
  /// Cells that face the camera well enough, with the directions of their centres.
  private let cells: [(direction: SIMD3<Float>, area: Float)]

  init(_ points: [(normal: SIMD3<Float>, area: Float)]) {
    let extent = Self.extent
    var areas = [Float](repeating: 0, count: extent * extent)
    for point in points {
      let place = Self.place(of: point.normal)
      let column = min(max(Int(place.x.rounded()), 0), extent - 1)
      let row = min(max(Int(place.y.rounded()), 0), extent - 1)
      areas[row * extent + column] += point.area
    }
    GaussianBlur(sigma: 1.6).apply(to: &areas, width: extent, height: extent)
    self.areas = areas
    cells = areas.indices.compactMap { index in
      let x = (Float(index % extent) + 0.5) / Float(extent) * 2 - 1
      let y = (Float(index / extent) + 0.5) / Float(extent) * 2 - 1
      let z = 1 - (x * x + y * y)
      guard z > Self.leastCosine else { return nil }
      let scale = (1 + z).squareRoot()
      return (SIMD3(x * scale, y * scale, z), areas[index])
    }
  }

  /// Lambert's equal-area map of the sphere's front: cells are equally large.
  private static func place(of n: SIMD3<Float>) -> SIMD2<Float> {
    let scale = 1 / max(1 + n.z, 0.01).squareRoot()
    return (SIMD2(n.x, n.y) * scale + 1) / 2 * Float(extent) - 0.5
  }

  /// How far the areas equal their mirror image, 1 at best, over what both sides show.
  func symmetry(mirror: SIMD3<Float>) -> Float {
    var (product, squares): (Float, Float) = (0, 0)
    for cell in cells {
      let mirrored = cell.direction - mirror * (2 * dot(cell.direction, mirror))
      guard mirrored.z > Self.leastCosine else { continue }
      let other = sample(Self.place(of: mirrored))
      product += 2 * cell.area * other
      squares += cell.area * cell.area + other * other
    }
    return squares > 0 ? product / squares : 0
  }

  private func sample(_ place: SIMD2<Float>) -> Float {
    let extent = Self.extent
    let limit = Float(extent) - 1.001
    let (x, y) = (min(max(place.x, 0), limit), min(max(place.y, 0), limit))
    let (column, row) = (Int(x), Int(y))
    let (fx, fy) = (x - Float(column), y - Float(row))
    let corner = row * extent + column
    let top = areas[corner] * (1 - fx) + areas[corner + 1] * fx
    let bottom = areas[corner + extent] * (1 - fx) + areas[corner + extent + 1] * fx
    return top * (1 - fy) + bottom * fy
  }
}
