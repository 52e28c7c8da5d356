import Foundation
import Imaging
import Testing

@Suite struct WarpingTests {
  @Test("the identity changes nothing")
  func identity() {
    let image = noise(width: 17, height: 11)
    let map = AffineMap(origin: .zero, right: SIMD2(1, 0), down: SIMD2(0, 1))
    #expect(largestDifference(image.warped(width: 17, height: 11, by: map), image) < 1e-6)
  }

  @Test(
    "a turned and scaled picture has the values of the places it shows", arguments: [0.4, 1, 1.7])
  func similarity(step: Double) {
    let image = waves(width: 160, height: 160, channels: 2)
    let map = AffineMap(
      origin: SIMD2(70, 30), right: SIMD2(cos(0.6), sin(0.6)) * step,
      down: SIMD2(-sin(0.6), cos(0.6)) * step)
    let warped = image.warped(width: 40, height: 40, by: map)
    for y in 0..<40 {
      for x in 0..<40 {
        let place = map(SIMD2(Double(x) + 0.5, Double(y) + 0.5))
        guard place.x > 4, place.y > 4, place.x < 156, place.y < 156 else { continue }
        #expect(abs(warped[1, x, y] - wave(place.x, place.y)) < 4e-3)
      }
    }
  }

  @Test("shrinking a fine pattern gives its mean, not a coarse one")
  func antialiasing() {
    var image = Image(width: 256, height: 256, channels: 1, encoding: .data)
    for y in 0..<256 {
      for x in 0..<256 { image[0, x, y] = Float((x + y) % 2) }
    }
    let map = AffineMap(
      origin: SIMD2(60, 20), right: SIMD2(3.1, 0.4), down: SIMD2(-0.4, 3.1))
    let warped = image.warped(width: 48, height: 48, by: map)
    #expect(warped.samples.allSatisfy { abs($0 - 0.5) < 0.06 })
  }

  @Test("outside lies the mirror image")
  func mirror() {
    let image = noise(width: 8, height: 8, channels: 1)
    let map = AffineMap(origin: SIMD2(-3, 0), right: SIMD2(1, 0), down: SIMD2(0, 1))
    let warped = image.warped(width: 8, height: 8, by: map)
    #expect(abs(warped[0, 2, 4] - image[0, 0, 4]) < 1e-6)
    #expect(abs(warped[0, 0, 4] - image[0, 2, 4]) < 1e-6)
  }

  @Test("an inverted map leads back")
  func inverted() {
    let map = AffineMap(
      origin: SIMD2(3, -7), right: SIMD2(1.5, 0.25), down: SIMD2(-0.5, 2))
    for point in [SIMD2(0.0, 0), SIMD2(12, -5), SIMD2(-3.5, 40)] {
      let back = map.inverted(map(point))
      #expect(abs(back.x - point.x) < 1e-12 && abs(back.y - point.y) < 1e-12)
    }
  }
}
