import Foundation

/// Brute-force integrals over directions.
enum SphereQuadrature {
  /// Midpoint sum over the whole sphere of a function of direction, +z its pole.
  static func integral(
    polar: Int = 200, around: Int = 200, _ function: (SIMD3<Float>) -> Double
  ) -> Double {
    var sum = 0.0
    for i in 0..<polar {
      let theta = (Double(i) + 0.5) / Double(polar) * .pi
      for j in 0..<around {
        let phi = (Double(j) + 0.5) / Double(around) * 2 * .pi
        let direction = SIMD3(
          Float(sin(theta) * cos(phi)), Float(sin(theta) * sin(phi)), Float(cos(theta)))
        sum += function(direction) * sin(theta)
      }
    }
    return sum * .pi / Double(polar) * 2 * .pi / Double(around)
  }

  /// The scalar product.
  static func dot(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float { (a * b).sum() }
}
