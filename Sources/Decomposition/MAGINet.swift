import NeuralRuntime

/// The portrait's albedo and mattes: a residual encoder, dual attention at its end, and a decoder that mixes
/// three sources at every scale.
///
/// Portrait (3, S, S), sRGB-encoded in −1..1 → (5, S, S) in 0..1: albedo R, G, B (sRGB-encoded), skin, subject.
package struct MAGINet {
  package let configuration: MAGINetConfiguration
  private let stem: ConvolutionWeights
  private let encoder: [EncoderScale]
  private let bottleneck: Bottleneck
  private let decoder: [DecoderScale]
  private let head: ConvolutionWeights

  /// Reads the network; each key of the weight file appears here or in the blocks below.
  package init(_ weights: WeightScope, _ c: MAGINetConfiguration) throws(NeuralError) {
    configuration = c
    let widths = c.widths
    let last = widths[widths.count - 1]
    stem = try weights.scope("stem")
      .convolution(inputs: c.inputChannels, outputs: widths[0], kernel: 3)
    encoder = try widths.indices.map { (i) throws(NeuralError) in
      try EncoderScale(
        weights.scope("encoder").scope(i), inputs: i > 0 ? widths[i - 1] : nil,
        channels: widths[i], c)
    }
    bottleneck = try Bottleneck(weights.scope("bottleneck"), channels: last, c)
    decoder = try widths.indices.dropLast().map { (i) throws(NeuralError) in
      try DecoderScale(
        weights.scope("decoder").scope(i), decoder: widths[i + 1], channels: widths[i],
        bottleneck: last, c)
    }
    head = try weights.scope("head")
      .convolution(inputs: widths[0], outputs: c.outputChannels, kernel: 3)
  }

  /// The graph for a square of `side` pixels: input `portrait`, output `passes`.
  ///
  /// - Precondition: the side is a multiple of 2 to the number of scales less one.
  package func graph(side: Int) -> Graph {
    var graph = Graph()
    let leaky = Activation.leakyRelu(slope: configuration.negativeSlope)
    let shape = Shape(channels: configuration.inputChannels, height: side, width: side)
    let portrait = graph.input("portrait", shape: shape)  // (3, S, S)
    var x = graph.convolution(portrait, stem, padding: 1, activation: leaky)  // (32, S, S)
    graph.tap("stem", x)
    var skips: [Value] = []
    for (i, scale) in encoder.enumerated() {
      x = scale.record(x, in: &graph)  // (widths[i], S / 2^i, S / 2^i)
      graph.tap("encoder.\(i)", x)
      skips.append(x)
    }
    let bottleneck = bottleneck.record(x, in: &graph)  // (256, S / 16, S / 16)
    graph.tap("bottleneck", bottleneck)
    x = bottleneck
    for (i, scale) in decoder.enumerated().reversed() {
      // (widths[i], S / 2^i, S / 2^i); the head sees the finest scale through a LeakyReLU.
      x = scale.record(
        x, skip: skips[i], bottleneck: bottleneck, in: &graph, last: i == 0 ? leaky : .identity)
      graph.tap("decoder.\(i)", x)
    }
    let passes = graph.convolution(x, head, padding: 1, activation: .sigmoid)  // (5, S, S)
    graph.tap("head", passes)
    graph.output("passes", passes)
    return graph
  }
}

/// One scale: LeakyReLU(stride-2 3×3) except at full resolution, then residual blocks.
private struct EncoderScale {
  let down: ConvolutionWeights?
  let blocks: [ResidualBlock]
  let leaky: Activation

  init(
    _ weights: WeightScope, inputs: Int?, channels: Int, _ c: MAGINetConfiguration
  ) throws(NeuralError) {
    leaky = .leakyRelu(slope: c.negativeSlope)
    if let inputs {
      down = try weights.scope("down").convolution(inputs: inputs, outputs: channels, kernel: 3)
    } else {
      down = nil
    }
    let activation = leaky
    blocks = try (0..<c.blocksPerScale).map { (i) throws(NeuralError) in
      try ResidualBlock(
        weights.scope("blocks").scope(i), channels: channels, epsilon: c.epsilon,
        activation: activation)
    }
  }

  func record(_ x: Value, in graph: inout Graph) -> Value {
    var x = x
    if let down { x = graph.convolution(x, down, stride: 2, padding: 1, activation: leaky) }
    for block in blocks { x = block.record(x, in: &graph) }
    return x
  }
}

/// Residual block, dual attention, residual block at the coarsest scale.
private struct Bottleneck {
  let before: ResidualBlock
  let attention: DualAttention?
  let after: ResidualBlock

  init(_ weights: WeightScope, channels: Int, _ c: MAGINetConfiguration) throws(NeuralError) {
    let leaky = Activation.leakyRelu(slope: c.negativeSlope)
    before = try ResidualBlock(
      weights.scope("before"), channels: channels, epsilon: c.epsilon, activation: leaky)
    attention =
      c.attention
      ? try DualAttention(
        weights.scope("attention"), channels: channels, reduction: c.attentionReduction) : nil
    after = try ResidualBlock(
      weights.scope("after"), channels: channels, epsilon: c.epsilon, activation: leaky)
  }

  func record(_ x: Value, in graph: inout Graph) -> Value {
    var x = before.record(x, in: &graph)
    if let attention { x = attention.record(x, in: &graph) }
    return after.record(x, in: &graph)
  }
}

/// x + positionScale · position(x) + channelScale · channel(x).
///
/// Fu et al. 2019, "Dual attention network for scene segmentation".
private struct DualAttention {
  let query: ConvolutionWeights
  let key: ConvolutionWeights
  let value: ConvolutionWeights
  let positionScale: Float
  let channelScale: Float
  let name: String

  init(_ weights: WeightScope, channels: Int, reduction: Int) throws(NeuralError) {
    let inner = max(channels / reduction, 1)
    let position = weights.scope("position")
    query = try position.scope("query").convolution(inputs: channels, outputs: inner, kernel: 1)
    key = try position.scope("key").convolution(inputs: channels, outputs: inner, kernel: 1)
    value = try position.scope("value")
      .convolution(inputs: channels, outputs: channels, kernel: 1)
    positionScale = try weights.samples("position_scale", shape: [1])[0]
    channelScale = try weights.samples("channel_scale", shape: [1])[0]
    name = weights.path
  }

  func record(_ x: Value, in graph: inout Graph) -> Value {
    // Divided by √d as in Vaswani et al. 2017, which keeps the softmax soft.
    let position = graph.positionAttention(
      query: graph.convolution(x, query), key: graph.convolution(x, key),
      value: graph.convolution(x, value), scale: 1 / Float(query.outputChannels).squareRoot(),
      name: "\(name).position")
    let channel = graph.channelAttention(x, name: "\(name).channel")
    return graph.weightedSum(
      [(x, 1), (position, positionScale), (channel, channelScale)], name: name)
  }
}

/// Mixes the decoder's features, the encoder's skip and the bottleneck with weights per pixel.
///
/// The coarser sources are projected before they are resized, which is the same (both are linear, and
/// bilinear weights sum to one) and cheaper.
private struct AdaptiveFusion {
  let projectDecoder: ConvolutionWeights
  let projectSkip: ConvolutionWeights
  /// The projection of the bottleneck and the weights' convolution; nil for the ablation without them.
  let adaptive: (projectBottleneck: ConvolutionWeights, weights: ConvolutionWeights)?
  let name: String

  init(
    _ weights: WeightScope, decoder: Int, channels: Int, bottleneck: Int, isAdaptive: Bool
  ) throws(NeuralError) {
    projectDecoder = try weights.scope("project_decoder")
      .convolution(inputs: decoder, outputs: channels, kernel: 1)
    projectSkip = try weights.scope("project_skip")
      .convolution(inputs: channels, outputs: channels, kernel: 1)
    adaptive =
      isAdaptive
      ? (
        try weights.scope("project_bottleneck")
          .convolution(inputs: bottleneck, outputs: channels, kernel: 1),
        try weights.scope("weights").convolution(inputs: 3 * channels, outputs: 3, kernel: 1)
      ) : nil
    name = weights.path
  }

  func record(
    decoder: Value, skip: Value, bottleneck: Value, in graph: inout Graph
  ) -> Value {
    let (height, width) = (skip.shape.height, skip.shape.width)
    let coarse = graph.convolution(decoder, projectDecoder)
    let a = graph.resized(coarse, height: height, width: width, name: "\(name).decoder")
    let b = graph.convolution(skip, projectSkip)
    guard let adaptive else { return graph.weightedSum([(a, 1), (b, 1)], name: name) }
    let coarsest = graph.convolution(bottleneck, adaptive.projectBottleneck)
    let c = graph.resized(coarsest, height: height, width: width, name: "\(name).bottleneck")
    return graph.softmaxFused([a, b, c], adaptive.weights)
  }
}

/// Fusion of the three sources at one scale, then one residual block.
private struct DecoderScale {
  let fusion: AdaptiveFusion
  let block: ResidualBlock

  init(
    _ weights: WeightScope, decoder: Int, channels: Int, bottleneck: Int, _ c: MAGINetConfiguration
  ) throws(NeuralError) {
    fusion = try AdaptiveFusion(
      weights.scope("fusion"), decoder: decoder, channels: channels, bottleneck: bottleneck,
      isAdaptive: c.fusion)
    block = try ResidualBlock(
      weights.scope("block"), channels: channels, epsilon: c.epsilon,
      activation: .leakyRelu(slope: c.negativeSlope))
  }

  func record(
    _ decoder: Value, skip: Value, bottleneck: Value, in graph: inout Graph, last: Activation
  ) -> Value {
    let mixed = fusion.record(decoder: decoder, skip: skip, bottleneck: bottleneck, in: &graph)
    return block.record(mixed, in: &graph, last: last)
  }
}
