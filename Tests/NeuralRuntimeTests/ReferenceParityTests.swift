import NeuralRuntime
import TestSupport
import Testing

/// Fast paths against their scalar twins where the tiny fixtures do not reach: vector tails, several bands of
/// rows, threads.
@Suite struct ReferenceParityTests {
  @Test(
    "convolutions in bands of rows equal the reference",
    arguments: [
      (inputs: 40, outputs: 48, kernel: 7, stride: 1, padding: 3, dilation: 1),
      (inputs: 96, outputs: 9, kernel: 7, stride: 1, padding: 3, dilation: 1),
      (inputs: 20, outputs: 33, kernel: 3, stride: 2, padding: 1, dilation: 1),
      (inputs: 17, outputs: 16, kernel: 3, stride: 1, padding: 2, dilation: 2),
      (inputs: 48, outputs: 64, kernel: 3, stride: 1, padding: 1, dilation: 1),
    ])
  func convolution(
    inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int, dilation: Int
  ) throws {
    let x = randomTensor(inputs, 39, 27, seed: 1)
    let weights = randomConvolution(inputs: inputs, outputs: outputs, kernel: kernel, seed: 2)
    let found = try run(x) {
      $0.convolution($1[0], weights, stride: stride, padding: padding, dilation: dilation)
    }
    let expected = ReferenceOps.convolution(
      x, weights, stride: stride, padding: padding, dilation: dilation)
    expectClose(found, expected)
  }

  @Test(
    "own convolutions equal the reference at every edge, for every instruction set",
    arguments: ConvolutionKernels.available.indices,
    [
      // A few outputs.
      (inputs: 37, outputs: 1, height: 1, width: 1, border: 0),
      (37, 2, 3, 3, 0), (37, 3, 61, 40, 0), (5, 5, 25, 17, 2), (48, 8, 48, 9, 0),
      // Winograd's tiles: whole and cut ones, one to four vectors of outputs.
      (32, 48, 39, 27, 0), (48, 64, 33, 35, 1), (80, 32, 32, 33, 2), (64, 96, 1000, 1, 0),
      (32, 80, 34, 30, 0),
    ])
  func ownConvolution(
    set: Int, shape: (inputs: Int, outputs: Int, height: Int, width: Int, border: Int)
  ) throws {
    let x = randomTensor(shape.inputs, shape.height, shape.width, seed: 11)
    let weights = randomConvolution(
      inputs: shape.inputs, outputs: shape.outputs, kernel: 3, seed: 12)
    let (border, padding) = (shape.border, shape.border == 0 ? 1 : 0)
    var graph = Graph()
    var y = graph.input("x", shape: x.shape)
    if border > 0 { y = graph.reflectionPadded(y, border: border, name: "pad") }
    let activation = Activation.leakyRelu(slope: 0.2)
    graph.output(
      "y", graph.convolution(y, weights, padding: padding, activation: activation))
    let engine = try Engine(
      threads: Threads(), precision: .float32, kernels: ConvolutionKernels.available[set])
    let plan = try Plan(graph, engine: engine)
    let found = try #require(try plan.run(["x": x])["y"])
    #expect(plan.layerTimes.allSatisfy { $0.implementation.hasPrefix("own") })
    let padded = border > 0 ? ReferenceOps.reflectionPadded(x, border: border) : x
    let sums = ReferenceOps.convolution(padded, weights, padding: padding)
    expectClose(found, ReferenceOps.activated(sums, activation))
  }

  @Test(
    "bf16 products by minimal filtering equal rounded ones, for every instruction set",
    arguments: ConvolutionKernels.available.indices,
    [(32, 48, 39, 27), (48, 64, 33, 35), (64, 96, 1000, 1), (32, 80, 34, 30)])
  func pairedConvolution(
    set: Int, shape: (inputs: Int, outputs: Int, height: Int, width: Int)
  ) throws {
    let x = randomTensor(shape.inputs, shape.height, shape.width, seed: 18)
    let weights = randomConvolution(
      inputs: shape.inputs, outputs: shape.outputs, kernel: 3, seed: 19)
    func filtered(_ precision: Precision, set: Int) throws -> Tensor {
      var graph = Graph()
      graph.output("y", graph.convolution(graph.input("x", shape: x.shape), weights, padding: 1))
      let engine = try Engine(
        threads: Threads(), precision: precision, kernels: ConvolutionKernels.available[set])
      let plan = try Plan(graph, engine: engine)
      let y = try #require(try plan.run(["x": x])["y"])
      #expect(plan.layerTimes.allSatisfy { $0.implementation.hasPrefix("own winograd_4x3") })
      return y
    }
    let found = try filtered(.bfloat16, set: set)
    // The baseline, which does the rounding by whole numbers, is the twin of those with instructions for it.
    expectClose(found, try filtered(.bfloat16, set: 0))
    let exact = try filtered(.float32, set: set)
    let energy = exact.samples.reduce(0) { $0 + $1 * $1 }
    let error = zip(found.samples, exact.samples).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    // A factor is rounded by 2⁻⁹ at most; minimal filtering makes a few times that of it. Not rounded at all,
    // the two would be equal.
    let ratio = (error / energy).squareRoot()
    #expect(ratio < 0.02 && ratio > 0.0005, "relative error \(ratio)")
  }

  @Test(
    "products of matrices equal the reference at every edge, for every instruction set",
    arguments: ConvolutionKernels.available.indices,
    [
      // Rows and columns below a block, at its border and beyond; one vector of columns and four.
      (channels: 3, height: 1, width: 5), (16, 6, 16), (32, 9, 9), (37, 13, 11), (48, 16, 17),
    ])
  func attention(set: Int, shape: (channels: Int, height: Int, width: Int)) throws {
    let (query, key, value) = (
      randomTensor(shape.channels, shape.height, shape.width, seed: 15),
      randomTensor(shape.channels, shape.height, shape.width, seed: 16),
      randomTensor(shape.channels + 4, shape.height, shape.width, seed: 17)
    )
    var graph = Graph()
    let asking = graph.input("query", shape: query.shape)
    let asked = graph.input("key", shape: key.shape)
    let values = graph.input("value", shape: value.shape)
    graph.output(
      "position",
      graph.positionAttention(
        query: asking, key: asked, value: values, scale: 0.3, name: "position"))
    graph.output("channel", graph.channelAttention(asking, name: "channel"))
    let engine = try Engine(
      threads: Threads(), precision: .float32, kernels: ConvolutionKernels.available[set])
    let plan = try Plan(graph, engine: engine)
    let found = try plan.run(["query": query, "key": key, "value": value])
    let products = plan.layerTimes.filter { $0.gigaflops > 0 }
    #expect(products.count == 4 && products.allSatisfy { $0.implementation.hasPrefix("own") })
    expectClose(
      try #require(found["position"]),
      ReferenceOps.positionAttention(query: query, key: key, value: value, scale: 0.3))
    expectClose(try #require(found["channel"]), ReferenceOps.channelAttention(query))
  }

  @Test(
    "bf16 rounds the products' factors and nothing else",
    .enabled(if: Precision.hasBFloat16, "this CPU does not multiply bf16"))
  func bfloat16() throws {
    func rounded(_ samples: [Float]) -> [Float] {
      // To the nearest, ties to even.
      samples.map { sample in
        let bits = sample.bitPattern
        return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
      }
    }
    let x = randomTensor(40, 30, 26, seed: 13)
    var weights = randomConvolution(inputs: 40, outputs: 48, kernel: 3, seed: 14)
    var graph = Graph()
    graph.output("y", graph.convolution(graph.input("x", shape: x.shape), weights, padding: 1))
    let plan = try Plan(graph, engine: Engine(precision: .bfloat16))
    let found = try #require(try plan.run(["x": x])["y"])
    #expect(plan.layerTimes.allSatisfy { $0.implementation.contains("bf16") })
    weights.weight = LearnedSamples(rounded(weights.weight.decoded()))
    let roundedX = Tensor(shape: x.shape, samples: rounded(x.samples))
    expectClose(found, ReferenceOps.convolution(roundedX, weights, padding: 1))
  }

  @Test("a picture of many bands is seamless")
  func bands() throws {
    // 2.6 · 10⁹ operations are two bands; a shift-invariant picture must not show where they meet.
    let x = randomTensor(64, 240, 72, seed: 3)
    let weights = randomConvolution(inputs: 64, outputs: 64, kernel: 3, seed: 4)
    let found = try run(x) { $0.convolution($1[0], weights, padding: 1) }
    for y in [0, 119, 120, 121, 239] {
      let rows = max(0, y - 1)...min(239, y + 1)
      var part: [Float] = []
      for channel in 0..<64 {
        for row in y - 1...y + 1 {
          let start = (channel * 240 + row) * 72
          part +=
            rows ~= row ? Array(x.samples[start..<start + 72]) : Array(repeating: 0, count: 72)
        }
      }
      let shape = Shape(channels: 64, height: 3, width: 72)
      let expected = ReferenceOps.convolution(
        Tensor(shape: shape, samples: part), weights, padding: 1)
      for channel in stride(from: 0, to: 64, by: 21) {
        for column in 0..<72 {
          let a = found.samples[(channel * 240 + y) * 72 + column]
          let b = expected.samples[(channel * 3 + 1) * 72 + column]
          #expect(abs(a - b) <= 1e-5 + 1e-4 * abs(b), "row \(y), column \(column)")
        }
      }
    }
  }

  @Test("normalisation, residual, activation and border in one pass equal the reference")
  func instanceNorm() throws {
    for channels in [5, 16, 37] {
      let x = randomTensor(channels, 35, 19, seed: 5)
      let residual = randomTensor(channels, 35, 19, seed: 6)
      let weights = NormalizationWeights(
        name: "norm", scale: randomSamples(channels, seed: 7),
        shift: randomSamples(channels, seed: 8), epsilon: 1e-5)
      let identity = identityConvolution(channels: channels)
      let found = try run(x, residual) { graph, values in
        let y = graph.instanceNorm(
          values[0], weights, residual: values[1], activation: .leakyRelu(slope: 0.2), border: 2)
        // A convolution that shows the border.
        return graph.convolution(y, identity)
      }
      let sum = ReferenceOps.weightedSum([
        (ReferenceOps.instanceNorm(x, weights), 1), (residual, 1),
      ])
      let activated = ReferenceOps.activated(sum, .leakyRelu(slope: 0.2))
      expectClose(found, ReferenceOps.reflectionPadded(activated, border: 2))
    }
  }

  @Test("the variance of samples far from zero keeps its digits")
  func offsetVariance() throws {
    var x = randomTensor(16, 64, 64, seed: 9)
    for index in x.samples.indices { x.samples[index] += 300 }
    let weights = NormalizationWeights(
      name: "norm", scale: Array(repeating: 1, count: 16), shift: Array(repeating: 0, count: 16),
      epsilon: 1e-5)
    let found = try run(x) { $0.instanceNorm($1[0], weights) }
    // The samples themselves have 3e-5 of rounding at 300.
    expectClose(found, ReferenceOps.instanceNorm(x, weights), absolute: 1e-4, relative: 1e-4)
  }

  @Test("a transposed convolution followed by its normalisation equals the reference")
  func transposedConvolution() throws {
    let x = randomTensor(24, 9, 11, seed: 10)
    let weights = randomConvolution(inputs: 24, outputs: 18, kernel: 3, seed: 11)
    let norm = NormalizationWeights(
      name: "norm", scale: randomSamples(18, seed: 12), shift: randomSamples(18, seed: 13),
      epsilon: 1e-5)
    let found = try run(x) { graph, values in
      let y = graph.transposedConvolution(values[0], weights)
      return graph.instanceNorm(y, norm, activation: .relu)
    }
    let expected = ReferenceOps.instanceNorm(ReferenceOps.transposedConvolution(x, weights), norm)
    expectClose(found, ReferenceOps.activated(expected, .relu))
  }

  @Test("softmax fusion of wide sources equals the reference")
  func softmaxFusion() throws {
    let sources = (0..<3).map { randomTensor(37, 9, 8, seed: 20 + $0) }
    let weights = randomConvolution(inputs: 3 * 37, outputs: 3, kernel: 1, seed: 24)
    let found = try run(sources[0], sources[1], sources[2]) { $0.softmaxFused($1, weights) }
    expectClose(found, ReferenceOps.softmaxFused(sources, weights))
  }

  @Test("a clamped sum of values equals the reference, its tail included")
  func weightedSum() throws {
    let (a, b) = (randomTensor(3, 7, 5, seed: 30), randomTensor(3, 7, 5, seed: 31))
    let found = try run(a, b) {
      $0.weightedSum([($1[0], 2), ($1[1], -1)], clampedTo: 0...1, name: "sum")
    }
    let sum = ReferenceOps.weightedSum([(a, 2), (b, -1)])
    let clamped = sum.samples.map { min(max($0, 0), 1) }
    expectClose(found, Tensor(shape: sum.shape, samples: clamped))
  }

  @Test("results do not depend on the number of threads")
  func threads() throws {
    let x = randomTensor(24, 61, 47, seed: 40)
    let first = randomConvolution(inputs: 24, outputs: 24, kernel: 3, seed: 41)
    let norm = NormalizationWeights(
      name: "norm", scale: Array(repeating: 1, count: 24), shift: Array(repeating: 0, count: 24),
      epsilon: 1e-5)
    let wide = randomConvolution(inputs: 24, outputs: 48, kernel: 3, seed: 42)
    let filtered = randomConvolution(inputs: 48, outputs: 32, kernel: 3, seed: 43)
    let thin = randomConvolution(inputs: 32, outputs: 3, kernel: 3, seed: 44)
    let results = try [1, 2].map { count in
      try run(x, threads: count) { graph, values in
        var y = graph.convolution(values[0], first, padding: 1)
        y = graph.instanceNorm(y, norm, residual: values[0], activation: .relu)
        for weights in [wide, filtered, thin] { y = graph.convolution(y, weights, padding: 1) }
        return graph.resized(y, height: 80, width: 33, name: "resize")
      }
    }
    expectClose(results[1], results[0], absolute: 1e-5, relative: 0)
  }

  private func identityConvolution(channels: Int) -> ConvolutionWeights {
    let weight = (0..<channels * channels).map { Float($0 % (channels + 1) == 0 ? 1 : 0) }
    return ConvolutionWeights(
      name: "identity", outputChannels: channels, inputChannels: channels, kernelSize: (1, 1),
      weight: weight)
  }
}
