import NeuralRuntime

/// From the refined albedo to the other passes: the global generator of Pix2PixHD.
///
/// Wang et al. 2018, "High-resolution image synthesis and semantic manipulation with conditional GANs". Albedo (3, S, S) in 0..1, portrait (3, S, S) in −1..1, skin (1, S, S) in 0..1 → (9, S, S): 0 AO, 1–3 normal,
/// 4 specular, 5 translucency, 6–8 diffuse (sRGB-encoded).
package struct PassTranslator {
  package let configuration: PassTranslatorConfiguration
  private let stem: ConvolutionWeights
  private let stemNorm: NormalizationWeights
  private let down: [Resampling]
  private let blocks: [ResidualBlock]
  private let up: [Resampling]
  private let head: ConvolutionWeights

  /// A stride-2 convolution, or its transpose, with its normalisation.
  private struct Resampling {
    let conv: ConvolutionWeights
    let norm: NormalizationWeights

    init(
      _ weights: WeightScope, inputs: Int, outputs: Int, epsilon: Float, isTransposed: Bool
    ) throws(NeuralError) {
      conv = try weights.scope("conv").convolution(
        inputs: inputs, outputs: outputs, kernel: 3, hasBias: false, isTransposed: isTransposed)
      norm = try weights.scope("norm").instanceNorm(channels: outputs, epsilon: epsilon)
    }
  }

  /// Reads the network; each key of the weight file appears here or in the blocks.
  package init(_ weights: WeightScope, _ c: PassTranslatorConfiguration) throws(NeuralError) {
    configuration = c
    let widths = c.widths
    stem = try weights.scope("stem")
      .convolution(inputs: c.inputChannels, outputs: widths[0], kernel: 7, hasBias: false)
    stemNorm = try weights.scope("stem_norm").instanceNorm(channels: widths[0], epsilon: c.epsilon)
    down = try (0..<c.scales).map { (i) throws(NeuralError) in
      try Resampling(
        weights.scope("down").scope(i), inputs: widths[i], outputs: widths[i + 1],
        epsilon: c.epsilon, isTransposed: false)
    }
    blocks = try (0..<c.blocks).map { (i) throws(NeuralError) in
      try ResidualBlock(
        weights.scope("blocks").scope(i), channels: widths[c.scales], epsilon: c.epsilon,
        activation: .relu, border: 1)
    }
    up = try (0..<c.scales).map { (i) throws(NeuralError) in
      try Resampling(
        weights.scope("up").scope(i), inputs: widths[c.scales - i],
        outputs: widths[c.scales - i - 1], epsilon: c.epsilon, isTransposed: true)
    }
    var head = try weights.scope("head")
      .convolution(inputs: widths[0], outputs: c.outputChannels, kernel: 7)
    head.double(outputs: Self.tanhChannels)
    self.head = head
  }

  /// The outputs that end in tanh x = 2σ(2x) − 1: with doubled weights, one fused sigmoid serves all nine.
  private static let tanhChannels = [1, 2, 3, 6, 7, 8]

  /// The graph for a square of `side` pixels: inputs `albedo`, `portrait`, `skin`; output `sigmoids`.
  ///
  /// - Precondition: the side is a multiple of 2 to the number of scales.
  package func graph(side: Int) -> Graph {
    func shape(_ channels: Int) -> Shape { Shape(channels: channels, height: side, width: side) }
    var graph = Graph()
    let albedo = graph.input("albedo", shape: shape(3))
    let portrait = graph.input("portrait", shape: shape(3))
    let skin = graph.input("skin", shape: shape(1))
    var x = graph.concatenated(
      [
        ConcatenationSource(albedo, scale: 2, offset: -1), ConcatenationSource(portrait),
        ConcatenationSource(skin),
      ], border: 3, name: "sources")  // (7, S, S)
    x = graph.convolution(x, stem)  // (32, S, S)
    graph.tap("stem", x)
    x = graph.instanceNorm(x, stemNorm, activation: .relu)
    graph.tap("stem_norm", x)
    for (i, stage) in down.enumerated() {
      x = graph.convolution(x, stage.conv, stride: 2, padding: 1)
      let border = i == down.count - 1 ? 1 : 0
      // (widths[i + 1], S / 2^(i + 1), S / 2^(i + 1))
      x = graph.instanceNorm(x, stage.norm, activation: .relu, border: border)
      graph.tap("down.\(i)", x)
    }
    for (i, block) in blocks.enumerated() {
      let border = i == blocks.count - 1 ? 0 : 1
      x = block.record(x, in: &graph, resultBorder: border)  // (256, S / 16, S / 16)
      graph.tap("blocks.\(i)", x)
    }
    for (i, stage) in up.enumerated() {
      x = graph.transposedConvolution(x, stage.conv)
      let border = i == up.count - 1 ? 3 : 0
      // up.0 leaves (256, S / 8, S / 8), the last (32, S, S)
      x = graph.instanceNorm(x, stage.norm, activation: .relu, border: border)
      graph.tap("up.\(i)", x)
    }
    graph.output("sigmoids", graph.convolution(x, head, activation: .sigmoid))  // (9, S, S)
    return graph
  }

  /// Turns the graph's output into the nine channels of the passes.
  ///
  /// The raw diffuse colour starts from the photograph, because the normalisations remove its exposure.
  package static func passes(fromSigmoids sigmoids: Tensor, portrait: Tensor) -> Tensor {
    let plane = portrait.shape.pixelCount
    var passes = sigmoids
    passes.samples.withUnsafeMutableBufferPointer { samples in
      portrait.samples.withUnsafeBufferPointer { portrait in
        for pixel in 0..<plane {
          let (ix, iy, iz) = (plane + pixel, 2 * plane + pixel, 3 * plane + pixel)
          let x = 2 * samples[ix] - 1
          let y = 2 * samples[iy] - 1
          let z = 2 * samples[iz] - 1
          // The floor, that of training/networks.py, only guards against a zero vector.
          let factor = 1 / (x * x + y * y + z * z + 1e-8).squareRoot()
          samples[ix] = x * factor
          samples[iy] = y * factor
          samples[iz] = z * factor
        }
        for index in 0..<3 * plane {
          let difference = 2 * samples[6 * plane + index] - 1
          samples[6 * plane + index] = min(max((portrait[index] + 1) / 2 + difference, 0), 1)
        }
      }
    }
    return passes
  }
}

extension ConvolutionWeights {
  /// Doubles what the given output channels compute.
  fileprivate mutating func double(outputs: [Int]) {
    let count = weight.count / outputChannels
    var samples = weight.decoded()
    for output in outputs {
      bias[output] *= 2
      for index in output * count..<(output + 1) * count { samples[index] *= 2 }
    }
    weight = LearnedSamples(samples)
  }
}
