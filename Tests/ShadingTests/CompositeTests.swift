import Foundation
import Imaging
import RenderPasses
import Shading
import Testing

@Suite struct CompositeTests {
  private let photograph = SyntheticPortrait.photograph(width: 81, height: 67, seed: 2)
    .converted(to: .sRGB)
  /// The crop is the square of 32 pixels at (20, 18), seen at the given magnification.
  private func map(_ magnification: Double) -> AffineMap {
    AffineMap(
      origin: SIMD2(-20, -18) * magnification, right: SIMD2(magnification, 0),
      down: SIMD2(0, magnification))
  }

  @Test("two fifths of its side beyond the crop every bit stays", arguments: [0.5, 1, 3])
  func outside(magnification: Double) {
    let crop = crop(magnification)
    let relit = Image(
      width: crop.width, height: crop.height, channels: 3, encoding: .sRGB, repeating: 0.9)
    let result = Composite.intoPhotograph(
      photograph, relit: relit, original: crop, photographToCrop: map(magnification))
    var changed = 0
    for y in 0..<67 {
      for x in 0..<81 {
        for channel in 0..<3 {
          let isNear = x >= 7 && x < 65 && y >= 5 && y < 63
          if !isNear { #expect(result[channel, x, y] == photograph[channel, x, y]) }
          if result[channel, x, y] != photograph[channel, x, y] { changed += 1 }
        }
      }
    }
    #expect(changed > 2000)
  }

  @Test("beyond the crop light goes on in what looks alike, ever less, and nowhere jumps")
  func continued() {
    // Hair left of a darker wall; the crop sees their lower half and darkens the hair alone.
    let side = 160
    var photograph = Image(width: side, height: side, channels: 3, encoding: .linear)
    for channel in 0..<3 {
      for y in 0..<side {
        for x in 0..<side { photograph[channel, x, y] = x < side / 2 ? 0.5 : 0.1 }
      }
    }
    let original = photograph.cropped(x: 40, y: 80, width: 80, height: 80)
    var relit = original
    for channel in 0..<3 {
      for y in 0..<80 { for x in 0..<40 { relit[channel, x, y] = 0.2 } }
    }
    let result = Composite.intoPhotograph(
      photograph, relit: relit, original: original,
      photographToCrop: AffineMap(
        origin: SIMD2(-40, -80), right: SIMD2(1, 0), down: SIMD2(0, 1)))
    let hair = (40..<159).map { result[0, 60, $0] }
    #expect(abs(hair[40 + 8] - 0.2) < 0.01, "in the crop")
    #expect(hair[40 - 2] < 0.3, "just above it")
    #expect(hair[40 - 28] > 0.45, "far above it")
    for (upper, lower) in zip(hair[...40], hair[1...]) {
      #expect(lower <= upper + 1e-4 && upper - lower < 0.03, "\(upper) above \(lower)")
    }
    for y in 40..<159 { #expect(abs(result[0, 84, y] - 0.1) < 0.002, "the wall at \(y)") }
  }

  @Test("a crop that did not change leaves the photograph bit for bit", arguments: [0.5, 1, 3])
  func unchanged(magnification: Double) {
    let crop = crop(magnification)
    let result = Composite.intoPhotograph(
      photograph, relit: crop, original: crop, photographToCrop: map(magnification))
    #expect(result == photograph)
  }

  @Test(
    "a turned crop changes what lies in it or near it and nothing else",
    arguments: [0, 33, 90, 200.5], [0.4, 1])
  func turned(angleDegrees: Double, magnification: Double) {
    let (extent, angle) = (41.0, angleDegrees * .pi / 180)
    let right = SIMD2(cos(angle), sin(angle)) * magnification
    let down = SIMD2(-right.y, right.x)
    // The crop's middle lies in the middle of the photograph.
    let map = AffineMap(
      origin: SIMD2(extent, extent) / 2 - right * 40.5 - down * 33.5, right: right, down: down)
    let original = Image(
      width: Int(extent), height: Int(extent), channels: 3, encoding: .linear, repeating: 0.3)
    let relit = Image(
      width: Int(extent), height: Int(extent), channels: 3, encoding: .linear, repeating: 0.1)
    let result = Composite.intoPhotograph(
      photograph, relit: relit, original: original, photographToCrop: map)
    for y in 0..<67 {
      for x in 0..<81 {
        let place = map(SIMD2(Double(x) + 0.5, Double(y) + 0.5))
        let depth = min(place.min(), extent - place.max())
        if depth < -0.4 * extent { #expect(result[0, x, y] == photograph[0, x, y]) }
        if depth > 1 { #expect(result[0, x, y] < photograph[0, x, y]) }
      }
    }
  }

  @Test("a part with all that is near the crop comes out as if it were all", arguments: [1.7, 3])
  func parts(magnification: Double) {
    let large = SyntheticPortrait.photograph(width: 301, height: 203, seed: 3)
      .converted(to: .sRGB)
    let right = SIMD2(0.8, -0.6) * magnification
    let down = SIMD2(-right.y, right.x)
    // The crop's middle lies in the part.
    let map = AffineMap(
      origin: SIMD2(28.5, 28.5) - right * 100 - down * 70, right: right, down: down)
    let original = SyntheticPortrait.photograph(width: 57, height: 57, seed: 4)
    var relit = original
    for index in relit.samples.indices { relit.samples[index] *= 0.6 }
    func composite(_ photograph: Image, _ map: AffineMap) -> Image {
      Composite.intoPhotograph(
        photograph, relit: relit, original: original, photographToCrop: map)
    }
    let part = composite(
      large.cropped(x: 37, y: 21, width: 131, height: 97),
      AffineMap(
        origin: map.origin + map.right * 37 + map.down * 21, right: map.right, down: map.down))
    let whole = composite(large, map)
    let isChanged = whole != large
    #expect(isChanged)
    for (found, expected) in zip(
      part.samples, whole.cropped(x: 37, y: 21, width: 131, height: 97).samples)
    {
      #expect(abs(found - expected) <= 1e-5)
    }
  }

  @Test("in the middle the relit crop arrives")
  func inside() {
    let crop = crop(1)
    var relit = crop.converted(to: .linear)
    for index in relit.samples.indices { relit.samples[index] *= 0.5 }
    let result = Composite.intoPhotograph(
      photograph, relit: relit.converted(to: .sRGB), original: crop, photographToCrop: map(1))
    let (before, after) = (photograph.converted(to: .linear), result.converted(to: .linear))
    #expect(abs(after[0, 36, 34] - 0.5 * before[0, 36, 34]) < 0.01)
  }

  @Test("a pixel that is no number stays alone", arguments: [Float.nan, .infinity])
  func undefined(value: Float) {
    var photograph = Image(width: 64, height: 64, channels: 3, encoding: .linear, repeating: 0.4)
    photograph[0, 20, 31] = value
    photograph[0, 30, 31] = value
    let original = photograph.cropped(x: 16, y: 16, width: 32, height: 32)
    let relit = Image(width: 32, height: 32, channels: 3, encoding: .linear, repeating: 0.2)
    let result = Composite.intoPhotograph(
      photograph, relit: relit, original: original,
      photographToCrop: AffineMap(
        origin: SIMD2(-16, -16), right: SIMD2(1, 0), down: SIMD2(0, 1)))
    #expect(result.samples.count { !$0.isFinite } <= 2 * 9, "the pixel and its neighbours")
    #expect(abs(result[1, 40, 40] - 0.2) < 0.01)
    #expect(result[1, 31, 12] < 0.35 && result[0, 31, 12] < 0.35)
  }

  @Test("structure finer than the crop is kept and takes the new light")
  func fineStructure() {
    // Stripes of one pixel, seen by a crop of half the resolution as plain grey.
    var stripes = Image(width: 64, height: 64, channels: 3, encoding: .linear)
    for channel in 0..<3 {
      for y in 0..<64 { for x in 0..<64 { stripes[channel, x, y] = x % 2 == 0 ? 0.3 : 0.5 } }
    }
    let grey = Image(width: 32, height: 32, channels: 3, encoding: .linear, repeating: 0.4)
    let darker = Image(width: 32, height: 32, channels: 3, encoding: .linear, repeating: 0.2)
    let result = Composite.intoPhotograph(
      stripes, relit: darker, original: grey,
      photographToCrop: AffineMap(origin: .zero, right: SIMD2(0.5, 0), down: SIMD2(0, 0.5)))
    #expect(abs(result[0, 32, 32] - 0.15) < 0.01)
    #expect(abs(result[0, 33, 32] - 0.25) < 0.01)
  }

  @Test("light on the subject stops where the subject does", arguments: [2, 4])
  func edges(scale: Int) throws {
    // A bright subject left of a slanted edge before a darker wall; relighting doubles the wall's
    // neighbour only, as seen by a crop whose pixels mix both at the edge.
    let extent = 64 * scale
    func coverage(_ x: Int, _ y: Int) -> Float {
      Float(x) + 0.37 * Float(y) < 0.7 * Float(extent) ? 1 : 0
    }
    var photograph = Image(width: extent, height: extent, channels: 3, encoding: .linear)
    var truth = photograph
    for y in 0..<extent {
      for x in 0..<extent {
        let matte = coverage(x, y)
        for channel in 0..<3 {
          photograph[channel, x, y] = 0.1 + 0.3 * matte
          truth[channel, x, y] = 0.1 + 0.7 * matte
        }
      }
    }
    let result = Composite.intoPhotograph(
      photograph, relit: truth.resized(width: 64, height: 64),
      original: photograph.resized(width: 64, height: 64),
      photographToCrop: AffineMap(
        origin: .zero, right: SIMD2(1 / Double(scale), 0), down: SIMD2(0, 1 / Double(scale))))
    var worstWall: Float = 0
    var error: Float = 0
    let inside = extent / 8..<extent * 7 / 8
    for y in inside {
      for x in inside {
        let miss = abs(result[0, x, y] - truth[0, x, y])
        error += miss / Float(inside.count * inside.count)
        if coverage(x, y) == 0 { worstWall = max(worstWall, miss) }
      }
    }
    // Bilinear upsampling misses by 0.12 on the wall beside the edge.
    #expect(worstWall < 0.06, "halo of \(worstWall)")
    #expect(error < 0.004, "mean error \(error)")
  }

  private func crop(_ magnification: Double) -> Image {
    let extent = Int(32 * magnification)
    return photograph.warped(
      width: extent, height: extent,
      by: AffineMap(
        origin: SIMD2(20, 18), right: SIMD2(1 / magnification, 0),
        down: SIMD2(0, 1 / magnification)))
  }
}
