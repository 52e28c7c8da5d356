import Foundation
import Imaging

/// Where light from all around reaches each point of a relief: the mean direction of what it sees.
package struct BentNormals: Sendable {
  /// Points of the relief's grid.
  private let count: Int
  /// x, y and z of what takes the normal to the bent normal, plane by plane.
  let planes: [Float]

  /// Every which of the horizon map's azimuths is looked at.
  private static let azimuthStep = 3

  /// Sums the light that comes in over the horizons.
  ///
  /// Each horizon bounds a half slice of the sphere around the axis to the camera, from the axis down to
  /// the horizon or to where the surface turns away. Cosine-weighted directions have closed integrals
  /// over it (after Jimenez et al. 2016, "Practical Realtime Strategies for Accurate
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
    let bends = Parallel.map(count: count) { index -> SIMD3<Float> in
      let source = field.representative[index]
      guard source >= 0 else { return .zero }
      let normal = field.normals[Int(source)]
      var sum = SIMD3<Float>.zero
      for (way, horizon) in zip(ways, horizons) {
        sum += Self.halfSlice(normal: normal, way: way, horizon: horizon[index])
      }
      let length = dot(sum, sum).squareRoot()
      return length > 1e-4 ? sum / length - normal : .zero
    }
    planes = (0..<3).flatMap { axis in bends.map { $0[axis] } }
  }

  /// What takes the normal of a point to the middle of the light that it sees.
  package func bend(_ index: Int) -> SIMD3<Float> {
    SIMD3(planes[index], planes[count + index], planes[2 * count + index])
  }

  /// ∫ n·ω ω sin θ dθ over directions between the camera's axis and the horizon at one side of the picture
  /// plane, given to the right and up.
  private static func halfSlice(
    normal: SIMD3<Float>, way: SIMD2<Float>, horizon: Float
  ) -> SIMD3<Float> {
    let sideways = normal.x * way.x + normal.y * way.y
    // Light from behind the surface does not reach it.
    let end = min(.pi / 2 - horizon, atan2(max(normal.z, 0), -sideways))
    guard end > 0 else { return .zero }
    let (sine, cosine) = (sin(end), cos(end))
    let (cubedSine, cubedCosine) = (sine * sine * sine, cosine * cosine * cosine)
    let outwards = sideways * (2 - 3 * cosine + cubedCosine) / 3 + normal.z * cubedSine / 3
    let forwards = sideways * cubedSine / 3 + normal.z * (1 - cubedCosine) / 3
    return SIMD3(way.x * outwards, way.y * outwards, forwards)
  }
}
