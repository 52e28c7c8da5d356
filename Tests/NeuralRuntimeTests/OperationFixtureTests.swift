import NeuralRuntime
import Testing

/// Every operation against what PyTorch computed, on tiny shapes.
@Suite struct OperationFixtureTests {
  @Test(
    "convolutions equal PyTorch's",
    arguments: ["conv2d_3x3", "conv2d_1x1", "conv2d_no_bias", "conv2d_stride2"])
  func convolution(name: String) throws {
    let fixture = try Fixture(name)
    let arguments = fixture.arguments
    let weights = try fixture.archive.scope("weight").convolution(
      inputs: #require(arguments["inputs"] as? Int),
      outputs: #require(arguments["outputs"] as? Int),
      kernel: #require(arguments["kernel"] as? Int), hasBias: arguments["bias"] as? Bool ?? true)
    let stride = arguments["stride"] as? Int ?? 1
    let padding = arguments["padding"] as? Int ?? 0
    try fixture.expectParity {
      try run($0) { $0.convolution($1[0], weights, stride: stride, padding: padding) }
    }
    try fixture.expectParity {
      ReferenceOps.convolution($0, weights, stride: stride, padding: padding)
    }
  }

  @Test("a 7×7 convolution over reflection padding equals PyTorch's")
  func reflectedConvolution() throws {
    let fixture = try Fixture("conv2d_7x7_reflection")
    let weights = try fixture.archive.scope("weight").scope(1)
      .convolution(inputs: 3, outputs: 5, kernel: 7)
    try fixture.expectParity {
      try run($0) { graph, x in
        let padded = graph.reflectionPadded(x[0], border: 3, name: "pad")
        return graph.convolution(padded, weights)
      }
    }
    try fixture.expectParity {
      ReferenceOps.convolution(ReferenceOps.reflectionPadded($0, border: 3), weights)
    }
  }

  @Test("reflection padding equals PyTorch's")
  func reflectionPadding() throws {
    let fixture = try Fixture("reflection_pad")
    try fixture.expectParity { ReferenceOps.reflectionPadded($0, border: 1) }
  }

  @Test("a stride-2 transposed convolution equals PyTorch's")
  func transposedConvolution() throws {
    let fixture = try Fixture("transposed_conv2d")
    let weights = try fixture.archive.scope("weight")
      .convolution(inputs: 6, outputs: 4, kernel: 3, isTransposed: true)
    try fixture.expectParity { try run($0) { $0.transposedConvolution($1[0], weights) } }
    try fixture.expectParity { ReferenceOps.transposedConvolution($0, weights) }
  }

  @Test("instance normalisation equals PyTorch's")
  func instanceNorm() throws {
    let fixture = try Fixture("instance_norm")
    let weights = try fixture.archive.scope("weight").instanceNorm(channels: 6, epsilon: 1e-5)
    try fixture.expectParity { try run($0) { $0.instanceNorm($1[0], weights) } }
    try fixture.expectParity { ReferenceOps.instanceNorm($0, weights) }
  }

  @Test(
    "fused activations equal PyTorch's",
    arguments: [
      ("relu", Activation.relu), ("leaky_relu", .leakyRelu(slope: 0.2)), ("sigmoid", .sigmoid),
    ])
  func activation(name: String, activation: Activation) throws {
    let fixture = try Fixture(name)
    let identity = ConvolutionWeights(
      name: "identity", outputChannels: 3, inputChannels: 3, kernelSize: (1, 1),
      weight: [1, 0, 0, 0, 1, 0, 0, 0, 1])
    try fixture.expectParity {
      try run($0) { $0.convolution($1[0], identity, activation: activation) }
    }
    try fixture.expectParity { ReferenceOps.activated($0, activation) }
  }

  @Test("twice the sigmoid of twice x, less one, is PyTorch's tanh")
  func hyperbolicTangent() throws {
    let fixture = try Fixture("tanh")
    try fixture.expectParity { x in
      let doubled = ReferenceOps.weightedSum([(x, 2)])
      let sigmoid = ReferenceOps.activated(doubled, .sigmoid)
      return Tensor(shape: x.shape, samples: sigmoid.samples.map { 2 * $0 - 1 })
    }
  }

  @Test("bilinear resizes equal PyTorch's", arguments: ["resize_up2", "resize_odd", "resize_down"])
  func resize(name: String) throws {
    let fixture = try Fixture(name)
    let height = try #require(fixture.arguments["height"] as? Int)
    let width = try #require(fixture.arguments["width"] as? Int)
    try fixture.expectParity {
      try run($0) { $0.resized($1[0], height: height, width: width, name: "resize") }
    }
    try fixture.expectParity { ReferenceOps.resized($0, height: height, width: width) }
  }

  @Test("concatenation puts channels after one another")
  func concatenate() throws {
    let fixture = try Fixture("concatenate")
    let (a, b) = (try fixture.batch("input.a")[0], try fixture.batch("input.b")[0])
    let y = try fixture.batch("output.y")[0]
    expectClose(
      try run(a, b) { $0.concatenated($1.map { ConcatenationSource($0) }, name: "join") }, y)
    expectClose(ReferenceOps.concatenated([a, b]), y)
  }

  @Test("softmax over channels equals PyTorch's")
  func softmax() throws {
    try Fixture("softmax_channels").expectParity { ReferenceOps.softmax($0) }
  }

  @Test("adaptive fusion equals PyTorch's")
  func fusion() throws {
    let fixture = try Fixture("fusion")
    let weights = fixture.archive.scope("weight")
    let projectDecoder = try weights.scope("project_decoder")
      .convolution(inputs: 8, outputs: 6, kernel: 1)
    let projectSkip = try weights.scope("project_skip")
      .convolution(inputs: 6, outputs: 6, kernel: 1)
    let projectBottleneck = try weights.scope("project_bottleneck")
      .convolution(inputs: 12, outputs: 6, kernel: 1)
    let mix = try weights.scope("weights").convolution(inputs: 18, outputs: 3, kernel: 1)
    let result = try run(
      fixture.batch("input.decoder")[0], fixture.batch("input.skip")[0],
      fixture.batch("input.bottleneck")[0]
    ) { graph, x in
      let decoder = graph.convolution(x[0], projectDecoder)
      let skip = graph.convolution(x[1], projectSkip)
      let bottleneck = graph.convolution(x[2], projectBottleneck)
      let sources = [
        graph.resized(decoder, height: 8, width: 8, name: "decoder"), skip,
        graph.resized(bottleneck, height: 8, width: 8, name: "bottleneck"),
      ]
      return graph.softmaxFused(sources, mix)
    }
    expectClose(result, try fixture.batch("output.y")[0])
  }

  @Test("position attention equals PyTorch's")
  func positionAttention() throws {
    let fixture = try Fixture("position_attention")
    let weights = fixture.archive.scope("weight")
    let query = try weights.scope("query").convolution(inputs: 16, outputs: 2, kernel: 1)
    let key = try weights.scope("key").convolution(inputs: 16, outputs: 2, kernel: 1)
    let value = try weights.scope("value").convolution(inputs: 16, outputs: 16, kernel: 1)
    let scale = 1 / Float(2).squareRoot()
    try fixture.expectParity {
      try run($0) { graph, x in
        graph.positionAttention(
          query: graph.convolution(x[0], query), key: graph.convolution(x[0], key),
          value: graph.convolution(x[0], value), scale: scale, name: "attention")
      }
    }
    try fixture.expectParity {
      ReferenceOps.positionAttention(
        query: ReferenceOps.convolution($0, query), key: ReferenceOps.convolution($0, key),
        value: ReferenceOps.convolution($0, value), scale: scale)
    }
  }

  @Test("channel attention equals PyTorch's")
  func channelAttention() throws {
    let fixture = try Fixture("channel_attention")
    try fixture.expectParity { try run($0) { $0.channelAttention($1[0], name: "attention") } }
    try fixture.expectParity { ReferenceOps.channelAttention($0) }
  }
}
