/// What this machine's convolutions reach at best, as the measure for those of a network.
public enum MachinePeak {
  /// The speed of a large 5×5 convolution from cache to cache, for which nothing saves products.
  ///
  /// - Parameters:
  ///   - engine: threads and number format.
  ///   - repetitions: of which the fastest counts.
  /// - Returns: 10⁹ operations a second, a multiplication and an addition counting two.
  /// - Throws: `NeuralError.library` or `.outOfMemory`.
  public static func gigaflopsPerSecond(
    _ engine: Engine, repetitions: Int = 9
  ) throws(NeuralError) -> Double {
    let (channels, side) = (256, 32)
    let weights = ConvolutionWeights(
      name: "peak", outputChannels: channels, inputChannels: channels, kernelSize: (5, 5),
      weight: Array(repeating: 0.01, count: channels * channels * 25))
    let shape = Shape(channels: channels, height: side, width: side)
    var graph = Graph()
    graph.output("y", graph.convolution(graph.input("x", shape: shape), weights, padding: 2))
    let plan = try Plan(graph, engine: engine)
    let tensor = Tensor(
      shape: shape, samples: Array(repeating: 0.5, count: shape.channels * shape.pixelCount))
    var best = 0.0
    for _ in 0..<repetitions {
      _ = try plan.run(["x": tensor])
      for layer in plan.layerTimes where layer.milliseconds > 0 {
        best = max(best, layer.gigaflops / layer.milliseconds * 1000)
      }
    }
    return best
  }
}
