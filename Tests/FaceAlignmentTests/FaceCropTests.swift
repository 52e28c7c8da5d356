import FaceAlignment
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct FaceCropTests {
  @Test("FFHQ's recipe on an upright face")
  func uprightFace() {
    // Eyes 100 apart at y = 200, mouth 110 below: the mouth's distance decides, 3.6 × 110.
    let crop = FaceCrop(ffhq: landmarks(eyeDistance: 100, eyeToMouth: 110, angleDegrees: 0))
    #expect(abs(crop.centerX - 300) < 1e-9)
    #expect(abs(crop.centerY - 211) < 1e-9)
    // The recipe scales by the larger of 2·100 and 1.8·110, twice.
    #expect(abs(crop.size - 400) < 1e-9)
    #expect(abs(crop.angleDegrees) < 1e-9)
    let long = FaceCrop(ffhq: landmarks(eyeDistance: 100, eyeToMouth: 140, angleDegrees: 0))
    #expect(abs(long.size - 504) < 1e-9)
  }

  @Test("the crop turns with the face", arguments: [-70.0, -20, 5, 45, 120])
  func turnedFace(angle: Double) {
    let upright = FaceCrop(ffhq: landmarks(eyeDistance: 90, eyeToMouth: 100, angleDegrees: 0))
    let turned = FaceCrop(ffhq: landmarks(eyeDistance: 90, eyeToMouth: 100, angleDegrees: angle))
    #expect(abs(turned.angleDegrees - angle) < 1e-9)
    #expect(abs(turned.size - upright.size) < 1e-9)
  }

  @Test("without landmarks the detector's box gives nearly the same crop")
  func boxOnly() {
    let box = FaceBox(x: 100, y: 100, width: 200, height: 200)
    let crop = FaceCrop(framing: Face(box: box, score: 1, landmarks: []))
    #expect(crop.centerX == 200)
    #expect(crop.centerY == 160)
    #expect(crop.size == 350)
  }

  @Test("both maps are inverse to each other")
  func inverseMaps() {
    var generator = SeededGenerator(seed: 21)
    for _ in 0..<200 {
      let crop = randomCrop(&generator)
      let point = SIMD2(
        Double.random(in: -500...2000, using: &generator),
        Double.random(in: -500...2000, using: &generator))
      let back = crop.point(inPhotograph: crop.point(inCrop: point, extent: 1024), extent: 1024)
      #expect(abs(back.x - point.x) < 1e-9 && abs(back.y - point.y) < 1e-9)
    }
  }

  @Test("the crop's corners lie half a side from its centre, turned clockwise")
  func corners() {
    let crop = FaceCrop(centerX: 100, centerY: 50, size: 20, angleDegrees: 90)
    let origin = crop.point(inPhotograph: .zero, extent: 64)
    // A quarter turn clockwise brings the upper left corner to the upper right.
    #expect(abs(origin.x - 110) < 1e-9 && abs(origin.y - 40) < 1e-9)
    let center = crop.point(inCrop: SIMD2(100, 50), extent: 64)
    #expect(abs(center.x - 32) < 1e-9 && abs(center.y - 32) < 1e-9)
  }

  @Test("extracting shows the photograph's values where the map says", arguments: [0.0, 30, -100])
  func extraction(angle: Double) {
    let photograph = waves(width: 300, height: 240)
    let crop = FaceCrop(centerX: 150, centerY: 120, size: 130, angleDegrees: angle)
    for extent in [64, 130, 256] {
      let image = crop.extract(from: photograph, extent: extent)
      var worst: Float = 0
      for y in 0..<extent {
        for x in 0..<extent {
          let place = crop.point(
            inPhotograph: SIMD2(Double(x) + 0.5, Double(y) + 0.5), extent: extent)
          worst = max(worst, abs(image[0, x, y] - wave(place.x, place.y)))
        }
      }
      #expect(worst < 6e-3, "extent \(extent)")
    }
  }

  @Test("outside the photograph lies a mirror image that fades, inside nothing changes")
  func padding() {
    let photograph = waves(width: 100, height: 100)
    let crop = FaceCrop(centerX: 20, centerY: 50, size: 100)
    let image = crop.extract(from: photograph, extent: 100)
    for y in 0..<100 {
      for x in 34..<100 {
        #expect(abs(image[0, x, y] - wave(Double(x) - 29.5, Double(y) + 0.5)) < 1e-4)
      }
    }
    #expect(abs(image[0, 29, 50] - photograph[0, 0, 50]) < 0.05)
    // Where the padding ends, one colour is left.
    let edge = (0..<100).map { image[0, 0, $0] }
    #expect((edge.max() ?? 1) - (edge.min() ?? 0) < 0.02)
  }

  /// 68 points of which only eyes and mouth corners matter, turned about the eyes' middle.
  private func landmarks(
    eyeDistance: Double, eyeToMouth: Double, angleDegrees: Double
  ) -> [SIMD2<Double>] {
    let radians = angleDegrees * .pi / 180
    func place(_ x: Double, _ y: Double) -> SIMD2<Double> {
      SIMD2(
        300 + x * cos(radians) - y * sin(radians), 200 + x * sin(radians) + y * cos(radians))
    }
    var points = [SIMD2<Double>](repeating: place(0, 50), count: 68)
    for index in 0..<6 {
      // Six points around each eye, with their mean in its middle.
      let lid = SIMD2(cos(Double(index) * .pi / 3), sin(Double(index) * .pi / 3)) * 8
      points[36 + index] = place(-eyeDistance / 2 + lid.x, lid.y)
      points[42 + index] = place(eyeDistance / 2 + lid.x, lid.y)
    }
    points[48] = place(-30, eyeToMouth)
    points[54] = place(30, eyeToMouth)
    return points
  }

  private func randomCrop(_ generator: inout SeededGenerator) -> FaceCrop {
    FaceCrop(
      centerX: .random(in: 0...1000, using: &generator),
      centerY: .random(in: 0...1000, using: &generator),
      size: .random(in: 20...2000, using: &generator),
      angleDegrees: .random(in: -180...180, using: &generator))
  }

  private func waves(width: Int, height: Int) -> Image {
    Image(
      width: width, height: height, channels: 1, encoding: .sRGB,
      samples: (0..<width * height).map {
        wave(Double($0 % width) + 0.5, Double($0 / width) + 0.5)
      })
  }

  private func wave(_ x: Double, _ y: Double) -> Float {
    Float(0.5 + 0.25 * sin(x / 11) + 0.2 * cos(y / 9 + x / 30))
  }
}
