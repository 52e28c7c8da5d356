import Imaging
import Shading
import Testing

@Suite struct DitherTests {
  @Test("the mean of a flat tone survives", arguments: [0.02, 0.3, 0.5, 0.97] as [Float])
  func mean(share: Float) {
    let flat = dithered((100 + share) / 255, extent: 64)
    let steps = flat.samples.map { $0 * 255 }
    let mean = steps.reduce(0) { $0 + Double($1) } / Double(steps.count)
    #expect(abs(mean - Double(100 + share)) < 0.01, "mean of \(mean)")
    #expect(Set(steps.map { $0.rounded() }) == [100, 101])
  }

  @Test("every 8-bit value stays as it is")
  func wholeSteps() {
    for step in 0...255 {
      let value = Float(step) / 255
      #expect(Set(dithered(value, extent: 64).samples) == [value])
    }
  }

  @Test("the noise is blue: wide means are far steadier than those of white noise")
  func spectrum() {
    let extent = 64
    let image = dithered(100.5 / 255, extent: extent)
    var variance: Double = 0
    let block = 8
    for top in stride(from: 0, to: extent, by: block) {
      for left in stride(from: 0, to: extent, by: block) {
        var sum: Double = 0
        for y in top..<top + block {
          for x in left..<left + block { sum += Double(image[0, x, y] * 255) }
        }
        let error = sum / Double(block * block) - 100.5
        variance += error * error / Double(extent * extent / block / block)
      }
    }
    // A fair coin per pixel has 1/4; a mean over 64 of them 1/256.
    #expect(variance < 0.1 / 256, "variance of \(variance)")
  }

  private func dithered(_ value: Float, extent: Int) -> Image {
    var image = Image(
      width: extent, height: extent, channels: 3, encoding: .sRGB, repeating: value)
    Dither.apply(to: &image)
    return image
  }
}
