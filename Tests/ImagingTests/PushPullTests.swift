import Imaging
import TestSupport
import Testing

@Suite struct PushPullTests {
  private func noise(_ channels: Int, width: Int, height: Int, seed: UInt64) -> Image {
    var generator = SeededGenerator(seed: seed)
    return Image(
      width: width, height: height, channels: channels, encoding: .linear,
      samples: (0..<channels * width * height).map { _ in
        Float.random(in: 0...1, using: &generator)
      })
  }

  @Test("what counts fully stays, bit for bit", arguments: [(37, 21), (1, 1), (2, 9), (64, 64)])
  func kept(width: Int, height: Int) {
    let picture = noise(3, width: width, height: height, seed: 1)
    let ones = Image(
      width: width, height: height, channels: 1, encoding: .data, repeating: 1)
    #expect(picture.filled(weight: ones) == picture)
  }

  @Test("one pixel that counts, however little, fills the picture", arguments: [1, 1e-5])
  func single(weight: Float) {
    let picture = noise(2, width: 45, height: 30, seed: 2)
    var weights = Image(width: 45, height: 30, channels: 1, encoding: .data)
    weights[0, 40, 3] = weight
    let filled = picture.filled(weight: weights)
    for channel in 0..<2 {
      let value = picture[channel, 40, 3]
      for y in 0..<30 {
        for x in 0..<45 { #expect(abs(filled[channel, x, y] - value) < 1e-4 * value + 1e-6) }
      }
    }
  }

  @Test("filled values lie among those that count")
  func range() {
    let picture = noise(1, width: 50, height: 40, seed: 3)
    var weights = noise(1, width: 50, height: 40, seed: 4)
    for index in weights.samples.indices where weights.samples[index] < 0.7 {
      weights.samples[index] = 0
    }
    let counted = picture.samples.indices.filter { weights.samples[$0] > 0 }
      .map { picture.samples[$0] }
    let filled = picture.filled(weight: weights).samples
    #expect(filled.min()! >= counted.min()! - 1e-5)
    #expect(filled.max()! <= counted.max()! + 1e-5)
  }

  @Test("the largest part is that of the most points joined by their sides")
  func parts() {
    let rows = [
      "##...#",
      "#.#..#",
      "..#..#",
      "###..#",
      "....#.",
    ]
    let largest = [
      "......",
      "..#...",
      "..#...",
      "###...",
      "......",
    ]
    let found = largestPart(of: rows.joined().map { $0 == "#" }, width: 6)
    #expect(found == largest.joined().map { $0 == "#" })
    #expect(largestPart(of: [false, false], width: 2) == [false, false])
  }
}
