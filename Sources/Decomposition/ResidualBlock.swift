import NeuralRuntime

/// x + norm2(conv2(activation(norm1(conv1(x))))) with 3×3 convolutions, the block of two of the networks.
struct ResidualBlock {
  private let conv1: ConvolutionWeights
  private let norm1: NormalizationWeights
  private let conv2: ConvolutionWeights
  private let norm2: NormalizationWeights
  private let activation: Activation
  /// 1 where the convolutions see mirrored surroundings (Pix2PixHD), 0 where they see zeros (MAGINet).
  private let border: Int

  init(
    _ weights: WeightScope, channels: Int, epsilon: Float, activation: Activation, border: Int = 0
  ) throws(NeuralError) {
    conv1 = try weights.scope("conv1")
      .convolution(inputs: channels, outputs: channels, kernel: 3, hasBias: false)
    norm1 = try weights.scope("norm1").instanceNorm(channels: channels, epsilon: epsilon)
    conv2 = try weights.scope("conv2")
      .convolution(inputs: channels, outputs: channels, kernel: 3, hasBias: false)
    norm2 = try weights.scope("norm2").instanceNorm(channels: channels, epsilon: epsilon)
    self.activation = activation
    self.border = border
  }

  /// Appends the block.
  ///
  /// - Parameters:
  ///   - x: its source, with the block's border.
  ///   - graph: where to append it.
  ///   - last: an activation after the sum, fused for the layer that follows.
  ///   - resultBorder: the border that the layer that follows wants.
  /// - Returns: a value of the source's shape.
  func record(
    _ x: Value, in graph: inout Graph, last: Activation = .identity, resultBorder: Int = 0
  ) -> Value {
    let padding = 1 - border
    var y = graph.convolution(x, conv1, padding: padding)
    y = graph.instanceNorm(y, norm1, activation: activation, border: border)
    y = graph.convolution(y, conv2, padding: padding)
    return graph.instanceNorm(y, norm2, residual: x, activation: last, border: resultBorder)
  }
}
