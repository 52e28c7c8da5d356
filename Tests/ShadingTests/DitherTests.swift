import Imaging
import Shading
import Testing

@Suite struct DitherTests {
  @Test("the mean of a flat tone survives, black and white stay pure")
  func mean() {
    let value: Float = 100.3 / 255
    let flat = Image(width: 64, height: 64, channels: 3, encoding: .sRGB, repeating: value)
    let bytes = Dither.quantized(flat).bytes
    let mean = bytes.reduce(0) { $0 + Double($1) } / Double(bytes.count)
    #expect(abs(mean - 100.3) < 0.05)
    #expect(Set(bytes) == [100, 101])
    for (tone, byte) in [(Float(0), UInt8(0)), (1, 255)] {
      let pure = Image(width: 16, height: 16, channels: 3, encoding: .sRGB, repeating: tone)
      #expect(Set(Dither.quantized(pure).bytes) == [byte])
    }
  }
}
