import Foundation
import Shading

/// The hemisphere of light positions as seen from the camera, on a disc of radius 1.
///
/// The front half is the orthographic view of the sphere, so a light stands where its highlight
/// would be on a ball. Lights behind the subject lie on the ring around it, the farther out the
/// farther behind; `x` is image right, `y` up.
package enum Gizmo {
  /// The ring's outer radius: that of the corners of a square around the disc, so that a drag over
  /// a square picture reaches every direction.
  package static let outerRadius: Float = 1.4

  /// Fewer rows show no circle.
  static let minimumRows = 5
  /// Enough to aim by.
  static let usualRows = 7
  /// More rows show nothing more, unless the panel is wide.
  static func maximumRows(columns: Int) -> Int { columns >= 64 ? 19 : 11 }

  /// A point of the disc.
  package struct Point: Equatable {
    package var x: Float
    package var y: Float

    package init(x: Float, y: Float) {
      self.x = x
      self.y = y
    }
  }

  /// Where a direction lies.
  package static func point(azimuthDegrees: Float, elevationDegrees: Float) -> Point {
    let vector = Direction.vector(
      azimuthDegrees: azimuthDegrees, elevationDegrees: elevationDegrees)
    guard vector.z < 0 else { return Point(x: vector.x, y: vector.y) }
    let radius = (vector.x * vector.x + vector.y * vector.y).squareRoot()
    // Straight behind has no side of its own; it is shown below, like the floor behind a sitter.
    guard radius > 1e-4 else { return Point(x: 0, y: -outerRadius) }
    let outer = (1 + (1 - radius) * (outerRadius - 1)) / radius
    return Point(x: vector.x * outer, y: vector.y * outer)
  }

  /// The direction of a point, whole degrees; points outside of the ring count as on its edge.
  package static func direction(of point: Point) -> (azimuthDegrees: Float, elevationDegrees: Float)
  {
    let radius = (point.x * point.x + point.y * point.y).squareRoot()
    guard radius > 1e-4 else { return (0, 0) }
    let folded = radius <= 1 ? radius : 1 - min((radius - 1) / (outerRadius - 1), 1)
    let x = point.x / radius * folded
    let y = point.y / radius * folded
    let depth = max(0, 1 - folded * folded).squareRoot() * (radius <= 1 ? 1 : -1)
    let elevation = asin(y)
    let azimuth = atan2(x, depth)
    return ((azimuth * 180 / .pi).rounded(), (elevation * 180 / .pi).rounded())
  }
}
