import Foundation
import Imaging
import Shading
import Testing

@Suite struct EnvironmentMapTests {
  @Test("prefiltered reflections equal quadrature", arguments: [0.3, 0.6, 1] as [Float])
  func prefilter(roughness: Float) {
    let image = window(width: 64)
    let panorama = Panorama(image)
    let map = EnvironmentMap(image: image, isNormalized: false)
    let alphaSquared = pow(roughness, 4)
    var peak: Float = 0
    var worst: Float = 0
    for azimuth in stride(from: Float(-180), to: 180, by: 45) {
      for elevation: Float in [-30, 10, 50] {
        let n = Direction.vector(azimuthDegrees: azimuth, elevationDegrees: elevation)
        var (sum, total): (Float, Float) = (0, 0)
        for row in 0..<panorama.height {
          for column in 0..<panorama.width {
            let l = panorama.direction(column: column, row: row)
            let nDotL = SphereQuadrature.dot(n, l)
            guard nDotL > 0 else { continue }
            let nDotH = ((1 + nDotL) / 2).squareRoot()
            let weight =
              Microfacet.distributionGGX(nDotH: nDotH, alphaSquared: alphaSquared) * nDotL
              * panorama.solidAngle(row: row)
            sum += panorama[column, row].x * weight
            total += weight
          }
        }
        peak = max(peak, sum / total)
        worst = max(worst, abs(map.reflection(n, roughness: roughness).x - sum / total))
      }
    }
    #expect(worst < 0.08 * peak, "off by \(worst / peak) of the peak")
  }

  @Test("a normalised panorama lights white to 1 from its brightest side")
  func normalization() {
    let map = EnvironmentMap(image: window(width: 64))
    var brightest: Float = 0
    for azimuth in stride(from: Float(-180), to: 180, by: 5) {
      for elevation in stride(from: Float(-90), through: 90, by: 5) {
        let normal = Direction.vector(azimuthDegrees: azimuth, elevationDegrees: elevation)
        brightest = max(brightest, map.diffuse.value(normal).y)
      }
    }
    #expect(abs(brightest - 1) < 0.03)
  }

  @Test("the centre column is the camera's side, the right half image right, row 0 up")
  func convention() {
    for (column, row, direction) in [
      (32, 16, SIMD3<Float>(0, 0, 1)), (48, 16, SIMD3(1, 0, 0)), (16, 16, SIMD3(-1, 0, 0)),
      (32, 0, SIMD3(0, 1, 0)), (0, 16, SIMD3(0, 0, -1)),
    ] {
      var image = Image(width: 64, height: 32, channels: 3, encoding: .linear)
      for channel in 0..<3 { image[channel, column, row] = 1 }
      let diffuse = EnvironmentMap(image: image).diffuse
      #expect(diffuse.value(direction).x > 0.9)
      #expect(diffuse.value(direction).x > 3 * abs(diffuse.value(-direction).x))
    }
  }

  private func window(width: Int) -> Image {
    var image = Image(
      width: width, height: width / 2, channels: 3, encoding: .linear, repeating: 0.1)
    for channel in 0..<3 {
      for row in width / 8..<width / 4 {
        for column in width / 2..<width * 5 / 8 { image[channel, column, row] = 4 }
      }
    }
    return image
  }
}
