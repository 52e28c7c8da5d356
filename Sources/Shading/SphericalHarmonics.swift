import Foundation

/// Light from all directions as nine coefficients per colour (real harmonics up to order 2).
///
/// Ramamoorthi & Hanrahan 2001, "An Efficient Representation for Irradiance Environment Maps":
/// diffuse surfaces see no more of their surroundings than this, to about 1 %.
public struct SphericalHarmonics: Equatable, Sendable {
  /// Order 0, then y, z, x, then xy, yz, 3z²−1, xz, x²−y².
  public var coefficients: [SIMD3<Float>]

  /// Wraps nine coefficients.
  ///
  /// - Precondition: there are nine.
  public init(coefficients: [SIMD3<Float>]) {
    precondition(coefficients.count == 9, "order 2 has nine coefficients")
    self.coefficients = coefficients
  }

  /// The basis functions in a direction.
  static func basis(_ d: SIMD3<Float>) -> [Float] {
    [
      0.282_094_79,
      0.488_602_51 * d.y, 0.488_602_51 * d.z, 0.488_602_51 * d.x,
      1.092_548_43 * d.x * d.y, 1.092_548_43 * d.y * d.z,
      0.315_391_57 * (3 * d.z * d.z - 1), 1.092_548_43 * d.x * d.z,
      0.546_274_22 * (d.x * d.x - d.y * d.y),
    ]
  }

  /// Projects a panorama, weighting every texel with its solid angle.
  package init(projecting panorama: Panorama) {
    var sums = [SIMD3<Double>](repeating: .zero, count: 9)
    for row in 0..<panorama.height {
      let solidAngle = Double(panorama.solidAngle(row: row))
      for column in 0..<panorama.width {
        let radiance = SIMD3<Double>(panorama[column, row]) * solidAngle
        let basis = Self.basis(panorama.direction(column: column, row: row))
        for index in 0..<9 { sums[index] += radiance * Double(basis[index]) }
      }
    }
    coefficients = sums.map { SIMD3<Float>($0) }
  }

  /// The sum of the basis functions in a direction.
  public func value(_ direction: SIMD3<Float>) -> SIMD3<Float> {
    zip(coefficients, Self.basis(direction)).reduce(.zero) { $0 + $1.0 * $1.1 }
  }

  /// What a white Lambert surface shows by its normal: radiance convolved with cosine over π.
  public var diffuseReflection: SphericalHarmonics {
    // The clamped cosine's own coefficients over π: 1, 2/3, 1/4 for orders 0, 1, 2.
    let bands: [Float] =
      [1] + [Float](repeating: 2 / 3, count: 3) + [Float](repeating: 1 / 4, count: 5)
    return SphericalHarmonics(coefficients: zip(coefficients, bands).map { $0 * $1 })
  }

  /// The same light turned by degrees of azimuth, by resampling: exact for order 2.
  public func rotated(azimuthDegrees: Float) -> SphericalHarmonics {
    resampled { Direction.rotated($0, azimuthDegrees: -azimuthDegrees) }
  }

  /// The same light blurred by a Gaussian of some standard deviation, radians: the heat kernel.
  func blurred(_ sigma: Float) -> SphericalHarmonics {
    let bands = (0..<3).map { exp(-Float($0 * ($0 + 1)) * sigma * sigma / 2) }
    let factors = [0, 1, 1, 1, 2, 2, 2, 2, 2].map { bands[$0] }
    return SphericalHarmonics(coefficients: zip(coefficients, factors).map { $0 * $1 })
  }

  /// The same light with left and right exchanged.
  public var mirrored: SphericalHarmonics {
    resampled { SIMD3(-$0.x, $0.y, $0.z) }
  }

  /// Projects `value(source(direction))` again, over a grid that integrates order 4 exactly.
  private func resampled(_ source: (SIMD3<Float>) -> SIMD3<Float>) -> SphericalHarmonics {
    var sums = [SIMD3<Double>](repeating: .zero, count: 9)
    // Gauss–Legendre nodes and weights of order 5 in y; nine equal steps of azimuth.
    let nodes: [(Double, Double)] = [
      (-0.906179845938664, 0.236926885056189), (-0.538469310105683, 0.478628670499366),
      (0, 0.568888888888889), (0.538469310105683, 0.478628670499366),
      (0.906179845938664, 0.236926885056189),
    ]
    for (y, weight) in nodes {
      let radius = Float((1 - y * y).squareRoot())
      for step in 0..<9 {
        let ring = Direction.vector(azimuthDegrees: Float(step) * 40, elevationDegrees: 0)
        let direction = SIMD3(ring.x * radius, Float(y), ring.z * radius)
        let value = SIMD3<Double>(value(source(direction))) * (weight * 2 * .pi / 9)
        let basis = Self.basis(direction)
        for index in 0..<9 { sums[index] += value * Double(basis[index]) }
      }
    }
    return SphericalHarmonics(coefficients: sums.map { SIMD3<Float>($0) })
  }

  /// The polynomial in x, y, z that equals `value`: the fast kernels evaluate it.
  ///
  /// Order: 1, x, y, z, xy, yz, xz, z², x²−y².
  var polynomial: [SIMD3<Float>] {
    let c = coefficients
    return [
      0.282_094_79 * c[0] - 0.315_391_57 * c[6],
      0.488_602_51 * c[3], 0.488_602_51 * c[1], 0.488_602_51 * c[2],
      1.092_548_43 * c[4], 1.092_548_43 * c[5], 1.092_548_43 * c[7],
      0.946_174_70 * c[6], 0.546_274_22 * c[8],
    ]
  }
}
