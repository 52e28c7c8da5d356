import Foundation

/// How open a relief is around each of its points: what light from all around makes of it.
package struct Openness: Sendable {
  /// Points of the relief's grid.
  private let count: Int
  /// x, y and z of what takes the normal to the bent normal, then the hidden share, plane by plane.
  let planes: [Float]

  /// Every which of the horizon map's azimuths is looked at.
  private static let azimuthStep = 3

  /// Sums the light that comes in over the horizons.
  ///
  /// Each horizon bounds a half slice of the sphere around the axis to the camera, from the axis down to
  /// the horizon or to where the surface turns away. Cosine-weighted light and its mean direction have
  /// closed integrals over it (after Jimenez et al. 2016, "Practical Realtime Strategies for Accurate
  /// Indirect Occlusion").
  package init(shadow: inout CastShadow) {
    let turns = stride(from: 0, to: CastShadow.azimuths, by: Self.azimuthStep)
    let horizons = turns.map { shadow.horizon(azimuth: $0) }
    let ways = turns.map { azimuth in
      let angle = 2 * Float.pi * Float(azimuth) / Float(CastShadow.azimuths)
      return SIMD2(cos(angle), -sin(angle))
    }
    let field = shadow.field
    count = field.depth.count
    let points = Parallel.map(count: count) { index -> SIMD4<Float> in
      let source = field.representative[index]
      guard source >= 0 else { return .zero }
      let normal = field.normals[Int(source)]
      var sum = HalfSlice(open: 0, direction: .zero)
      for (way, horizon) in zip(ways, horizons) {
        sum.add(normal: normal, way: way, horizon: horizon[index])
      }
      let open = min(max(sum.open * 2 / Float(ways.count), 0), 1)
      let length = dot(sum.direction, sum.direction).squareRoot()
      guard length > 1e-4 else { return SIMD4(0, 0, 0, 1 - open) }
      let bend = sum.direction / length - normal
      return SIMD4(bend.x, bend.y, bend.z, 1 - open)
    }
    planes = (0..<4).flatMap { lane in points.map { $0[lane] } }
  }

  /// Cosine-weighted share of the hemisphere that a point of the grid sees, 0...1.
  package func visibility(_ index: Int) -> Float { 1 - planes[3 * count + index] }

  /// What takes the normal of a point to the middle of the light that it sees.
  package func bend(_ index: Int) -> SIMD3<Float> {
    SIMD3(planes[index], planes[count + index], planes[2 * count + index])
  }
}

/// Sums over directions between the camera's axis and horizons.
private struct HalfSlice {
  /// ∫ n·ω sin θ dθ.
  var open: Float
  /// ∫ n·ω ω sin θ dθ.
  var direction: SIMD3<Float>

  /// Adds the directions towards one side of the picture plane, to the right and up.
  mutating func add(normal: SIMD3<Float>, way: SIMD2<Float>, horizon: Float) {
    let sideways = normal.x * way.x + normal.y * way.y
    // Light from behind the surface does not reach it.
    let end = min(.pi / 2 - horizon, atan2(max(normal.z, 0), -sideways))
    guard end > 0 else { return }
    let (sine, cosine) = (sin(end), cos(end))
    let (cubedSine, cubedCosine) = (sine * sine * sine, cosine * cosine * cosine)
    open += sideways * (end - sine * cosine) / 2 + normal.z * sine * sine / 2
    let outwards = sideways * (2 - 3 * cosine + cubedCosine) / 3 + normal.z * cubedSine / 3
    let forwards = sideways * cubedSine / 3 + normal.z * (1 - cubedCosine) / 3
    direction += SIMD3(way.x * outwards, way.y * outwards, forwards)
  }
}
