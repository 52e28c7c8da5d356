import Shading
import Testing

@Suite struct ColorTemperatureTests {
  @Test("flash is white")
  func neutral() {
    let color = ColorTemperature.color(kelvin: ColorTemperature.neutralKelvin)
    #expect(abs(color.x - 1) < 1e-5 && abs(color.y - 1) < 1e-5 && abs(color.z - 1) < 1e-5)
  }

  @Test("hotter lamps are bluer, all the way")
  func monotone() {
    var ratios: [Float] = []
    for kelvin in stride(from: Float(1800), through: 20000, by: 100) {
      let color = ColorTemperature.color(kelvin: kelvin)
      ratios.append(color.x / color.z)
    }
    #expect(zip(ratios, ratios.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test("every colour has luminance 1", arguments: [1800, 3200, 5600, 9000, 20000] as [Float])
  func luminance(kelvin: Float) {
    for tint: Float in [-100, 0, 100] {
      let color = ColorTemperature.color(kelvin: kelvin, tint: tint)
      let luminance = (color * SIMD3(0.2126, 0.7152, 0.0722)).sum()
      #expect(abs(luminance - 1) < 1e-4)
      #expect(color.min() > 0)
    }
  }

  @Test("tint runs from green to magenta")
  func tint() {
    let green = ColorTemperature.color(kelvin: 5600, tint: -50)
    let magenta = ColorTemperature.color(kelvin: 5600, tint: 50)
    #expect(green.y > green.x && green.y > green.z)
    #expect(magenta.y < magenta.x && magenta.y < magenta.z)
  }
}
