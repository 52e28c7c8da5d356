import Foundation
import Imaging
import Shading
import Testing

@Suite struct SphericalHarmonicsTests {
  @Test("diffuse light equals brute-force integration where the radiance is smooth")
  func smoothRadiance() {
    let panorama = panorama(width: 128) { d in
      let value = 1 + 0.5 * d.x + 0.3 * d.y * d.z - 0.2 * d.z * d.z
      return SIMD3(value, 2 * value, 1)
    }
    expectIrradiance(of: panorama, within: 0.01)
  }

  @Test("diffuse light of a small lamp is right to a few per cent of its peak")
  func smallLamp() {
    let panorama = panorama(width: 128) { d in
      SIMD3(repeating: d.x > 0.95 ? 20 : 0.1)
    }
    expectIrradiance(of: panorama, within: 0.09)
  }

  @Test("rotation by degrees of azimuth moves light to image right")
  func rotation() {
    let front = SphericalHarmonics(
      projecting: panorama(width: 64) { SIMD3(repeating: max($0.z, 0) + 0.2 * $0.y) })
    let right = SphericalHarmonics(
      projecting: panorama(width: 64) { SIMD3(repeating: max($0.x, 0) + 0.2 * $0.y) })
    let rotated = front.rotated(azimuthDegrees: 90)
    for index in 0..<9 {
      #expect(abs(rotated.coefficients[index].x - right.coefficients[index].x) < 2e-3)
    }
    #expect(
      front.rotated(azimuthDegrees: 30).rotated(azimuthDegrees: -30).value([0, 0, 1]).x
        .isClose(to: front.value([0, 0, 1]).x))
  }

  @Test("mirroring exchanges left and right")
  func mirroring() {
    let light = SphericalHarmonics(
      projecting: panorama(width: 64) { SIMD3(repeating: max($0.x, 0) + 0.2 * $0.y) })
    #expect(light.mirrored.value([-1, 0, 0]).x.isClose(to: light.value([1, 0, 0]).x))
  }

  private func panorama(width: Int, _ radiance: (SIMD3<Float>) -> SIMD3<Float>) -> Panorama {
    var panorama = Panorama(
      width: width, height: width / 2,
      texels: [SIMD3<Float>](repeating: .zero, count: width * width / 2))
    for row in 0..<width / 2 {
      for column in 0..<width {
        panorama.texels[row * width + column] = radiance(
          panorama.direction(column: column, row: row))
      }
    }
    return panorama
  }

  private func expectIrradiance(of panorama: Panorama, within tolerance: Float) {
    let diffuse = SphericalHarmonics(projecting: panorama).diffuseReflection
    var worst: Float = 0
    var peak: Float = 0
    for azimuth in stride(from: Float(-180), to: 180, by: 30) {
      for elevation: Float in [-60, 0, 45] {
        let normal = Direction.vector(azimuthDegrees: azimuth, elevationDegrees: elevation)
        var truth: Float = 0
        for row in 0..<panorama.height {
          for column in 0..<panorama.width {
            let cosine = SphereQuadrature.dot(
              normal, panorama.direction(column: column, row: row))
            truth += panorama[column, row].x * max(cosine, 0) * panorama.solidAngle(row: row) / .pi
          }
        }
        worst = max(worst, abs(diffuse.value(normal).x - truth))
        peak = max(peak, truth)
      }
    }
    #expect(worst <= tolerance * peak, "off by \(worst / peak) of the peak")
  }
}

extension Float {
  fileprivate func isClose(to other: Float) -> Bool { abs(self - other) < 1e-3 }
}
