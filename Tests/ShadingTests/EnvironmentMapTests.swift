import Foundation
import Imaging
import Shading
import Testing

@Suite struct EnvironmentMapTests {
  @Test("prefiltered reflections equal quadrature", arguments: [0.3, 0.6, 1] as [Float])
  func prefilter(roughness: Float) {
    let image = window(width: 64)
    let panorama = Panorama(image)
    let map = EnvironmentMap(image: image, isNormalized: false, extractsLamps: false)
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
    let map = EnvironmentMap(image: window(width: 64), extractsLamps: false)
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
      let diffuse = EnvironmentMap(image: image, extractsLamps: false).diffuse
      #expect(diffuse.value(direction).x > 0.9)
      #expect(diffuse.value(direction).x > 3 * abs(diffuse.value(-direction).x))
    }
  }

  @Test("a lamp that is taken out and the rest send what the panorama sent")
  func lamps() throws {
    // A sun of 10° above left, a faint sky; the rest is what a quadrature of the whole finds.
    let (width, height) = (256, 128)
    let sun = Direction.vector(azimuthDegrees: -50, elevationDegrees: 40)
    var image = Image(width: width, height: height, channels: 3, encoding: .linear, repeating: 0.2)
    let empty = Panorama(image)
    for row in 0..<height {
      for column in 0..<width {
        let direction = empty.direction(column: column, row: row)
        guard SphereQuadrature.dot(direction, sun) > cos(5 * Float.pi / 180) else { continue }
        image[0, column, row] = 200
        image[1, column, row] = 150
        image[2, column, row] = 100
      }
    }
    let whole = Panorama(image)
    let map = EnvironmentMap(image: image, isNormalized: false)
    let lamp = try #require(map.lamps.first)
    #expect(map.lamps.count == 1)
    #expect(SphereQuadrature.dot(lamp.direction, sun) > cos(1 * Float.pi / 180))
    #expect(abs(lamp.radius * 180 / .pi - 5) < 1.5, "\(lamp.radius * 180 / .pi)°")
    for (azimuth, elevation) in [(-50, 40), (0, 0), (60, 10), (-120, -30)] as [(Float, Float)] {
      let normal = Direction.vector(azimuthDegrees: azimuth, elevationDegrees: elevation)
      var expected = SIMD3<Float>.zero
      for row in 0..<height {
        for column in 0..<width {
          let cosine = max(
            SphereQuadrature.dot(normal, whole.direction(column: column, row: row)), 0)
          expected += whole[column, row] * (cosine * whole.solidAngle(row: row) / .pi)
        }
      }
      let cosine = max(SphereQuadrature.dot(normal, lamp.direction), 0)
      let found = map.diffuse.value(normal) + lamp.color * cosine
      for channel in 0..<3 {
        #expect(abs(found[channel] - expected[channel]) < 0.02 + 0.02 * expected[channel])
      }
    }
  }

  @Test("an even sky has no lamps")
  func evenSky() {
    let sky = Image(width: 64, height: 32, channels: 3, encoding: .linear, repeating: 1)
    #expect(EnvironmentMap(image: sky).lamps.isEmpty)
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
