import Imaging

/// The colour of a lamp from its temperature and tint.
public enum ColorTemperature {
  /// The temperature that is white: photographs are balanced for flash and daylight.
  public static let neutralKelvin: Float = 5600

  /// Linear Rec.709 of a lamp, scaled so that its luminance is 1.
  ///
  /// - Parameters:
  ///   - kelvin: Temperature of the black body, 1667...25000.
  ///   - tint: Green (negative) to magenta (positive), −100...100.
  /// - Returns: Red, green and blue; all ones at `neutralKelvin` without tint.
  public static func color(kelvin: Float, tint: Float = 0) -> SIMD3<Float> {
    let white = unbalanced(kelvin: neutralKelvin, tint: 0)
    // A pure channel would turn skin into a cut-out; the most saturated lamps keep a trace.
    let balanced = unbalanced(kelvin: kelvin, tint: tint) / white
    let color = balanced.clamped(
      lowerBound: .init(repeating: 0.002), upperBound: .init(repeating: 1e6))
    return color / ColorTransfer.luminance(color)
  }

  /// Linear Rec.709 (white D65) of a black body of luminance 1.
  private static func unbalanced(kelvin: Float, tint: Float) -> SIMD3<Float> {
    let (x, y) = chromaticity(kelvin: Double(kelvin), tint: Double(tint))
    let (X, Z) = (x / y, (1 - x - y) / y)
    // XYZ to Rec.709 primaries, D65 (IEC 61966-2-1).
    return SIMD3(
      Float(3.2404542 * X - 1.5371385 - 0.4985314 * Z),
      Float(-0.9692660 * X + 1.8760108 + 0.0415560 * Z),
      Float(0.0556434 * X - 0.2040259 + 1.0572252 * Z))
  }

  /// CIE 1931 chromaticity on the Planckian locus, shifted across it by the tint.
  ///
  /// The locus is the cubic spline of Kim et al., US patent 7,024,034 (2002), 1667...25000 K. The
  /// tint moves along the normal in CIE 1960 u, v, where the distance is called Duv.
  private static func chromaticity(kelvin: Double, tint: Double) -> (x: Double, y: Double) {
    let here = uv(planckian(kelvin))
    guard tint != 0 else { return xy(here) }
    let (below, above) = (uv(planckian(kelvin * 0.99)), uv(planckian(kelvin * 1.01)))
    let (du, dv) = (above.u - below.u, above.v - below.v)
    let length = (du * du + dv * dv).squareRoot()
    // Towards bluer temperatures u and v fall; the normal with falling v points to magenta.
    let duv = 0.02 * tint / 100
    return xy((here.u - duv * dv / length, here.v + duv * du / length))
  }

  private static func planckian(_ kelvin: Double) -> (x: Double, y: Double) {
    let t = 1000 / min(max(kelvin, 1667), 25000)
    let x =
      kelvin < 4000
      ? -0.2661239 * t * t * t - 0.2343589 * t * t + 0.8776956 * t + 0.179910
      : -3.0258469 * t * t * t + 2.1070379 * t * t + 0.2226347 * t + 0.240390
    let y =
      if kelvin < 2222 {
        -1.1063814 * x * x * x - 1.34811020 * x * x + 2.18555832 * x - 0.20219683
      } else if kelvin < 4000 {
        -0.9549476 * x * x * x - 1.37418593 * x * x + 2.09137015 * x - 0.16748867
      } else {
        3.0817580 * x * x * x - 5.87338670 * x * x + 3.75112997 * x - 0.37001483
      }
    return (x, y)
  }

  private static func uv(_ c: (x: Double, y: Double)) -> (u: Double, v: Double) {
    let scale = -2 * c.x + 12 * c.y + 3
    return (4 * c.x / scale, 6 * c.y / scale)
  }

  private static func xy(_ c: (u: Double, v: Double)) -> (x: Double, y: Double) {
    let scale = 2 * c.u - 8 * c.v + 4
    return (3 * c.u / scale, 2 * c.v / scale)
  }
}
