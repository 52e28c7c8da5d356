import NeuralRuntime

/// Detail for an albedo that was predicted at a lower resolution.
///
/// Albedo (3, S, S), already upsampled bilinearly, in 0..1, and portrait (3, S, S) in −1..1 → refined albedo
/// (3, S, S) in 0..1.
package struct RefinementNet {
  package let configuration: RefinementNetConfiguration
  private let conv1: ConvolutionWeights
  private let conv2: ConvolutionWeights
  private let conv3: ConvolutionWeights

  /// Rows on each side that a result row depends on: one per 3×3 convolution.
  package static let reach = 3

  /// Reads the network; each key of the weight file appears here.
  package init(_ weights: WeightScope, _ c: RefinementNetConfiguration) throws(NeuralError) {
    configuration = c
    conv1 = try weights.scope("conv1")
      .convolution(inputs: c.inputChannels, outputs: c.width, kernel: 3)
    conv2 = try weights.scope("conv2").convolution(inputs: c.width, outputs: c.width, kernel: 3)
    conv3 = try weights.scope("conv3")
      .convolution(inputs: c.width, outputs: c.outputChannels, kernel: 3)
  }

  /// The graph for a picture of any extent: inputs `albedo` and `portrait`, output `albedo`.
  package func graph(height: Int, width: Int) -> Graph {
    var graph = Graph()
    let shape = Shape(channels: configuration.outputChannels, height: height, width: width)
    let albedo = graph.input("albedo", shape: shape)
    let portrait = graph.input("portrait", shape: shape)
    var x = graph.concatenated(
      [ConcatenationSource(albedo, scale: 2, offset: -1), ConcatenationSource(portrait)],
      name: "sources")  // (6, S, S)
    x = graph.convolution(x, conv1, padding: 1, activation: .relu)  // (48, S, S)
    graph.tap("conv1", x)
    x = graph.convolution(x, conv2, padding: 1, activation: .relu)  // (48, S, S)
    graph.tap("conv2", x)
    x = graph.convolution(x, conv3, padding: 1)  // (3, S, S)
    graph.tap("conv3", x)
    graph.output(
      "albedo", graph.weightedSum([(x, 1), (albedo, 1)], clampedTo: 0...1, name: "sum"))
    return graph
  }
}

/// A picture cut into strips of rows that are refined one after another.
///
/// The network's 48 planes at full resolution are by far its largest memory; strips need a fraction of it and
/// leave the caches less often. A strip carries `RefinementNet.reach` rows more on inner sides, so that the
/// seams see their true neighbours; all strips have one height, so that one plan serves them.
package struct RefinementStrips {
  /// Where each strip's source begins, and which of the result's rows it delivers.
  package let strips: [(start: Int, delivered: Range<Int>)]
  /// Rows of each strip's source.
  package let height: Int

  package init(pictureHeight: Int, rowsPerStrip: Int = 64) {
    let reach = RefinementNet.reach
    guard pictureHeight > rowsPerStrip + 2 * reach else {
      height = pictureHeight
      strips = [(0, 0..<pictureHeight)]
      return
    }
    let height = rowsPerStrip + 2 * reach
    self.height = height
    strips = stride(from: 0, to: pictureHeight, by: rowsPerStrip).map { first in
      let start = min(max(first - reach, 0), pictureHeight - height)
      return (start, first..<min(first + rowsPerStrip, pictureHeight))
    }
  }
}
