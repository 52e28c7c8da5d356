import Imaging
import Testing

@Suite struct ImageTests {
  @Test("samples are ordered channel, row, column")
  func order() {
    let image = Image(
      width: 2, height: 2, channels: 2, encoding: .data, samples: [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(image[0, 1, 0] == 1)
    #expect(image[0, 0, 1] == 2)
    #expect(image[1, 1, 1] == 7)
    #expect(image.plane(1).samples == [4, 5, 6, 7])
    #expect(image.leading(channels: 1).samples == [0, 1, 2, 3])
  }

  @Test("clamping takes NaN to the lower bound")
  func clamping() {
    let image = Image(
      width: 4, height: 1, channels: 1, encoding: .data, samples: [-1, 0.5, 3, .nan])
    #expect(image.clamped(to: 0...1).samples == [0, 0.5, 1, 0])
  }

  @Test("vectors become unit vectors, undefined ones point to the camera")
  func vectors() {
    let image = Image(
      width: 2, height: 1, channels: 3, encoding: .data, samples: [3, 0, 0, 0, 4, 0])
    let unit = image.normalizedVectors()
    #expect(abs(unit[0, 0, 0] - 0.6) < 1e-6)
    #expect(abs(unit[2, 0, 0] - 0.8) < 1e-6)
    #expect(unit[2, 1, 0] == 1)
  }
}
