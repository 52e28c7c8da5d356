import Foundation

/// The analytic shape behind `SyntheticPortrait.bump`: half a ball on a square wall, and rays cast at it.
enum HalfBall {
  static let extent = 96
  static let radius: Float = 16

  /// The surface below a pixel; the ball's centre lies between the pixels 47 and 48.
  static func point(
    column: Int, row: Int
  ) -> (position: SIMD3<Float>, normal: SIMD3<Float>) {
    let place = SIMD2(Float(column), Float(-row)) + SIMD2(0.5, -0.5) - SIMD2(48, -48)
    let square = place.x * place.x + place.y * place.y
    guard square < radius * radius else {
      return (SIMD3(place.x, place.y, 0), SIMD3(0, 0, 1))
    }
    let position = SIMD3(place.x, place.y, (radius * radius - square).squareRoot())
    return (position, position / radius)
  }

  /// The mean of the cosine-weighted directions that leave a point of the surface.
  static func cast(
    from position: SIMD3<Float>, normal: SIMD3<Float>
  ) -> SIMD3<Float> {
    let helper: SIMD3<Float> = abs(normal.x) < 0.5 ? SIMD3(1, 0, 0) : SIMD3(0, 1, 0)
    let across = unit(helper - normal * dot(helper, normal))
    let up = SIMD3(
      normal.y * across.z - normal.z * across.y, normal.z * across.x - normal.x * across.z,
      normal.x * across.y - normal.y * across.x)
    let (rings, spokes) = (64, 128)
    var sum = SIMD3<Float>.zero
    for ring in 0..<rings {
      let square = (Float(ring) + 0.5) / Float(rings)
      for spoke in 0..<spokes {
        let angle = (Float(spoke) + 0.5) / Float(spokes) * 2 * .pi
        let (x, y) = (square.squareRoot() * cos(angle), square.squareRoot() * sin(angle))
        let way = across * x + up * y + normal * (1 - square).squareRoot()
        guard !isBlocked(position + normal * 0.01, way) else { continue }
        sum += way
      }
    }
    return unit(sum)
  }

  /// Whether a ray from the surface meets the shape again.
  static func isBlocked(_ start: SIMD3<Float>, _ way: SIMD3<Float>) -> Bool {
    let half = dot(start, way)
    let square = half * half - dot(start, start) + radius * radius
    // From above the wall whatever meets the ball meets its upper half, or the wall before it.
    if square > 0, half < 0 { return true }
    guard way.z < 0 else { return false }
    let hit = start - way * (start.z / way.z)
    return max(abs(hit.x), abs(hit.y)) < Float(extent) / 2
  }

  /// The scalar product.
  static func dot(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float { (a * b).sum() }
  /// The vector at length 1.
  static func unit(_ a: SIMD3<Float>) -> SIMD3<Float> { a / dot(a, a).squareRoot() }
}
