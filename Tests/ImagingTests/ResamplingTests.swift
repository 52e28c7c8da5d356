import Imaging
import TestSupport
import Testing

@Suite struct ResamplingTests {
  static let filters: [ResamplingFilter] = [.area, .bilinear, .bicubic, .lanczos, .automatic]

  @Test("every filter keeps a constant", arguments: filters)
  func constant(filter: ResamplingFilter) {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<40 {
      let image = Image(
        width: .random(in: 1...40, using: &generator),
        height: .random(in: 1...40, using: &generator),
        channels: 2, encoding: .data, repeating: 0.375)
      let resized = image.resized(
        width: .random(in: 1...60, using: &generator),
        height: .random(in: 1...60, using: &generator), filter: filter)
      #expect(resized.samples.allSatisfy { abs($0 - 0.375) < 1e-5 })
    }
  }

  @Test("area shrinking is the exact mean of what a pixel covers")
  func areaMean() {
    let image = Image(
      width: 3, height: 1, channels: 1, encoding: .data, samples: [0, 0.6, 0.3])
    let halves = image.resized(width: 2, height: 1, filter: .area)
    // Each target pixel covers one whole pixel and half of the middle one.
    #expect(abs(halves.samples[0] - 0.2) < 1e-6)
    #expect(abs(halves.samples[1] - 0.4) < 1e-6)
  }

  @Test("area shrinking keeps the mean of the picture")
  func areaKeepsMean() {
    var generator = SeededGenerator(seed: 5)
    for seed in 0..<40 {
      let image = noise(
        width: .random(in: 10...70, using: &generator),
        height: .random(in: 10...70, using: &generator), channels: 1, seed: UInt64(seed))
      let small = image.resized(width: 7, height: 9, filter: .area)
      #expect(abs(mean(image) - mean(small)) < 1e-5, "seed \(seed)")
    }
  }

  @Test("enlarging by area repeats pixels")
  func areaRepeats() {
    let image = Image(width: 2, height: 1, channels: 1, encoding: .data, samples: [0.25, 0.75])
    #expect(
      image.resized(width: 4, height: 2, filter: .area).samples == [
        0.25, 0.25, 0.75, 0.75, 0.25, 0.25, 0.75, 0.75,
      ])
  }

  @Test("smooth filters do not shift a picture", arguments: [ResamplingFilter.bicubic, .lanczos])
  func noShift(filter: ResamplingFilter) {
    let image = waves(width: 64, height: 48)
    let resized = image.resized(width: 128, height: 96, filter: filter)
    for y in 8..<88 {
      for x in 8..<120 {
        let expected = wave((Double(x) + 0.5) / 2, (Double(y) + 0.5) / 2)
        #expect(abs(resized[0, x, y] - expected) < 2e-3)
      }
    }
  }

  @Test("resizing a region equals cropping and resizing")
  func region() {
    let image = noise(width: 50, height: 40)
    let direct = image.resized(
      region: PixelRegion(x: 11, y: 7, width: 30, height: 22), width: 13, height: 31)
    let inSteps = image.cropped(x: 11, y: 7, width: 30, height: 22).resized(width: 13, height: 31)
    #expect(direct == inSteps)
  }

  @Test(
    "enlarged and turned is turned and enlarged, over several strips of rows",
    arguments: filters, [(96, 87), (99, 130), (200, 70), (40, 300)])
  func enlarging(filter: ResamplingFilter, extent: (width: Int, height: Int)) {
    func turned(_ image: Image) -> Image {
      var turned = Image(
        width: image.height, height: image.width, channels: image.channels, encoding: .data)
      for channel in 0..<image.channels {
        for y in 0..<image.height {
          for x in 0..<image.width { turned[channel, y, x] = image[channel, x, y] }
        }
      }
      return turned
    }
    let image = noise(width: 33, height: 29, channels: 2)
    let enlarged = image.resized(width: extent.width, height: extent.height, filter: filter)
    let other = turned(image).resized(width: extent.height, height: extent.width, filter: filter)
    #expect(enlarged.samples.allSatisfy { $0.isFinite })
    #expect(largestDifference(turned(other), enlarged) < 1e-5)
  }

  @Test("pasting what was cropped changes nothing, and pasting is clipped")
  func paste() {
    let image = noise(width: 12, height: 9)
    var pasted = image
    pasted.paste(image.cropped(x: 3, y: 2, width: 5, height: 6), x: 3, y: 2)
    #expect(pasted == image)
    pasted.paste(
      Image(width: 4, height: 4, channels: 3, encoding: .sRGB, repeating: 9), x: -2, y: 7)
    #expect(pasted[0, 1, 8] == 9)
    #expect(pasted[0, 2, 8] == image[0, 2, 8])
    #expect(pasted[0, 0, 6] == image[0, 0, 6])
  }

  @Test("a blur keeps constants and spreads a point by its variance")
  func blur() {
    let flat = Image(width: 9, height: 5, channels: 1, encoding: .data, repeating: 0.4)
    #expect(largestDifference(flat.blurred(sigma: 2), flat) < 1e-6)
    var point = Image(width: 41, height: 41, channels: 1, encoding: .data)
    point[0, 20, 20] = 1
    let spread = point.blurred(sigma: 2.5)
    var variance: Float = 0
    for x in 0..<41 {
      for y in 0..<41 { variance += spread[0, x, y] * Float((x - 20) * (x - 20)) }
    }
    #expect(abs(variance - 6.25) < 0.15)
  }

  private func mean(_ image: Image) -> Float {
    image.samples.reduce(0, +) / Float(image.samples.count)
  }
}
