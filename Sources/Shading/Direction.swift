import Foundation

/// Directions as azimuth and elevation, and as places on a lat-long panorama.
///
/// Frame: +x image right, +y up, +z to the camera. A panorama's top row is up, its centre column
/// faces the subject from the camera's side, and its right half is image right.
public enum Direction {
  /// The unit vector towards azimuth and elevation in degrees.
  public static func vector(azimuthDegrees: Float, elevationDegrees: Float) -> SIMD3<Float> {
    let azimuth = Double(azimuthDegrees) * .pi / 180
    let elevation = Double(elevationDegrees) * .pi / 180
    return SIMD3(
      Float(sin(azimuth) * cos(elevation)), Float(sin(elevation)),
      Float(cos(azimuth) * cos(elevation)))
  }

  /// The direction of a point of the panorama; both coordinates 0...1 from its top left corner.
  static func vector(u: Float, v: Float) -> SIMD3<Float> {
    vector(azimuthDegrees: (u - 0.5) * 360, elevationDegrees: (0.5 - v) * 180)
  }

  /// The point of the panorama in a direction.
  static func panoramaPoint(_ direction: SIMD3<Float>) -> (u: Float, v: Float) {
    let u = atan2(direction.x, direction.z) / (2 * .pi) + 0.5
    let v = 0.5 - asin(min(max(direction.y, -1), 1)) / .pi
    return (u, v)
  }

  /// A direction turned about the vertical axis by degrees of azimuth.
  static func rotated(_ direction: SIMD3<Float>, azimuthDegrees: Float) -> SIMD3<Float> {
    let angle = Double(azimuthDegrees) * .pi / 180
    let (sine, cosine) = (Float(sin(angle)), Float(cos(angle)))
    return SIMD3(
      direction.x * cosine + direction.z * sine, direction.y,
      direction.z * cosine - direction.x * sine)
  }
}

/// The scalar product.
@inline(__always)
func dot(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float { a.x * b.x + a.y * b.y + a.z * b.z }

/// The vector scaled to unit length; a zero vector stays zero.
func normalized(_ vector: SIMD3<Float>) -> SIMD3<Float> {
  let length = dot(vector, vector).squareRoot()
  return length > 0 ? vector / length : vector
}

/// The vector product.
func cross(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
