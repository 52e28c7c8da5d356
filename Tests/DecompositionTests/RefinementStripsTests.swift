import Decomposition
import NeuralRuntime
import TestSupport
import Testing

/// Cutting a picture into strips must not show.
@Suite struct RefinementStripsTests {
  @Test(
    "strips deliver every row once, with their true neighbours",
    arguments: [10, 262, 263, 512, 600, 1024])
  func coverage(height: Int) {
    let strips = RefinementStrips(pictureHeight: height)
    #expect(strips.strips.flatMap { Array($0.delivered) } == Array(0..<height))
    for strip in strips.strips {
      let source = strip.start..<strip.start + strips.height
      #expect(source.lowerBound >= 0 && source.upperBound <= height)
      #expect(source.lowerBound <= max(0, strip.delivered.lowerBound - RefinementNet.reach))
      #expect(source.upperBound >= min(height, strip.delivered.upperBound + RefinementNet.reach))
    }
  }

  @Test("a picture refined in strips equals the picture refined whole")
  func seams() throws {
    let fixture = try NetworkFixture("refinement")
    let network = try RefinementNet(fixture.archive.scope("weight"), try fixture.configuration())
    let engine = try Engine()
    let (height, width) = (61, 20)
    let shape = Shape(channels: 3, height: height, width: width)
    var generator = SeededGenerator(seed: 5)
    func random(_ range: ClosedRange<Float>) -> Tensor {
      let samples = (0..<shape.count).map { _ in Float.random(in: range, using: &generator) }
      return Tensor(shape: shape, samples: samples)
    }
    let (albedo, portrait) = (random(0...1), random(-1...1))
    let whole = try #require(
      try Plan(network.graph(height: height, width: width), engine: engine)
        .run(["albedo": albedo, "portrait": portrait])["albedo"])

    let strips = RefinementStrips(pictureHeight: height, rowsPerStrip: 16)
    #expect(strips.strips.count == 4)
    let plan = try Plan(network.graph(height: strips.height, width: width), engine: engine)
    for strip in strips.strips {
      let rows = strip.start..<strip.start + strips.height
      let part = try #require(
        try plan.run([
          "albedo": albedo.rows(rows), "portrait": portrait.rows(rows),
        ])["albedo"])
      let delivered =
        strip.delivered.lowerBound - strip.start..<strip.delivered.upperBound - strip.start
      let (largest, _) = difference(part.rows(delivered), whole.rows(strip.delivered))
      #expect(largest <= 1e-5)
    }
  }
}

extension Tensor {
  fileprivate func rows(_ range: Range<Int>) -> Tensor {
    let shape = Shape(channels: shape.channels, height: range.count, width: shape.width)
    let samples = (0..<shape.channels).flatMap { channel in
      let start = channel * self.shape.pixelCount
      return self.samples[
        start + range.lowerBound * shape.width..<start + range.upperBound * shape.width]
    }
    return Tensor(shape: shape, samples: samples)
  }
}
