import Foundation
import Shading
import Testing

@Suite struct ToneMappingTests {
  @Test(
    "brighter light never comes out darker, and ends in 0...1",
    arguments: ToneMap.allCases.filter { $0 != .falseColor })
  func monotone(toneMap: ToneMap) {
    let mapping = ToneMapping(toneMap)
    var last: Float = -1
    for step in 0...2000 {
      let light = exp2(Float(step) / 2000 * 20 - 14)
      let display = mapping.display(SIMD3(repeating: light))
      #expect(display.min() >= 0 && display.max() <= 1.0001)
      #expect(display.y >= last - 1e-5, "falls at \(light)")
      last = display.y
    }
    #expect(mapping.display(.zero).max() < 0.01)
    #expect(last > 0.9)
  }

  @Test(
    "false colour tells exposures apart",
    arguments: [
      (0.18, "green"), (0.36, "pink"), (1.2, "red"), (0.8, "yellow"), (0.006, "blue"),
      (0.001, "purple"), (0.08, "grey"),
    ] as [(Float, String)])
  func falseColor(light: Float, name: String) {
    let c = ToneMapping(.falseColor).display(SIMD3(repeating: light))
    let found =
      if c.max() - c.min() < 1e-6 {
        "grey"
      } else if c.y == c.max() {
        "green"
      } else if c.z == c.max() {
        c.x > 0.1 ? "purple" : "blue"
      } else {
        c.y > 0.5 ? "yellow" : c.z > 0.1 ? "pink" : "red"
      }
    #expect(found == name)
  }

  @Test("standard keeps the photograph's tones, neutral keeps skin's colour")
  func identity() {
    let skin = SIMD3<Float>(0.5, 0.33, 0.25)
    #expect(ToneMapping(.standard).display(skin) == skin)
    let neutral = ToneMapping(.khronosNeutral).display(skin)
    #expect((neutral - skin).max() <= 0 && (neutral - skin).min() > -0.05)
  }
}
