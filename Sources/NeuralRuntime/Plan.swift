/// The time of one layer in a plan's last run.
public struct LayerTime: Sendable, Codable {
  /// The layer's path in the network, such as `encoder.1.down`.
  public let name: String
  /// oneDNN's implementation, or `own`.
  public let implementation: String
  /// Wall time.
  public let milliseconds: Double
  /// Work in 10⁹ operations, a multiplication and an addition counting two; 0 where memory decides.
  public let gigaflops: Double
}

/// A graph made executable for its one extent: primitives created, weights reordered, memory placed.
///
/// Building allocates; running does not, apart from the tensors it returns. A plan runs on one thread at a
/// time.
public final class Plan {
  /// The times of the last run, layer by layer.
  public private(set) var layerTimes: [LayerTime] = []
  /// Convolutions for which oneDNN has only its slow reference code on this CPU; normally none.
  public let slowConvolutions: [String]
  /// Memory of all activations.
  public let arenaBytes: Int

  private struct Layer {
    let name: String
    let steps: [Step]
    /// Estimated share of the run, in units of 10⁹ operations at full speed.
    let cost: Double
  }

  private let engine: Engine
  private let arena: AlignedBuffer
  private let layers: [Layer]
  private let inputs: [String: FeatureMap]
  private let outputs: [String: FeatureMap]

  /// Prepares `graph`.
  ///
  /// - Parameters:
  ///   - graph: what to run.
  ///   - engine: where to run it.
  ///   - memory: what holds the activations; plans that share it must not run at once.
  ///   - keepsTaps: also return the values named by `Graph.tap`, at the price of their memory.
  ///   - isCancelled: asked before each layer is prepared.
  /// - Throws: `NeuralError.library`, `.outOfMemory` or `.cancelled`.
  public init(
    _ graph: Graph, engine: Engine, memory: ActivationMemory = ActivationMemory(),
    keepsTaps: Bool = false, isCancelled: () -> Bool = { false }
  ) throws(NeuralError) {
    engine.threads.bind()
    let kept = keepsTaps ? graph.outputs.merging(graph.taps) { output, _ in output } : graph.outputs
    let placement = Arena(graph, keeping: Array(kept.values))
    let arena = try memory.reserve(placement.count)
    func map(_ value: Value) -> FeatureMap {
      FeatureMap(samples: arena.samples + placement.offsets[value.index], layout: value.layout)
    }

    var layers: [Layer] = []
    var slow: [String] = []
    for node in graph.nodes {
      if isCancelled() { throw .cancelled }
      let steps = try node.operation.steps(
        sources: node.sources.map(map), destination: map(node.result), engine: engine)
      guard !steps.isEmpty else { continue }
      if steps.contains(where: { $0.implementation.contains("ref") }) { slow.append(node.name) }
      let floats = node.sources.reduce(node.result.layout.count) { $0 + $1.layout.count }
      // A core does about 100 · 10⁹ operations or moves about 2.5 · 10⁹ floats in a second.
      let cost = steps.reduce(Double(floats) * 4e-8) { $0 + $1.gigaflops }
      layers.append(Layer(name: node.name, steps: steps, cost: cost))
    }
    try engine.scratch.allocate()
    self.engine = engine
    self.arena = arena
    arenaBytes = placement.count * MemoryLayout<Float>.stride
    self.layers = layers
    self.slowConvolutions = slow
    self.inputs = graph.inputs.mapValues(map)
    self.outputs = kept.mapValues(map)
  }

  /// Runs the network once.
  ///
  /// - Parameters:
  ///   - tensors: one tensor per input of the graph.
  ///   - progress: called after each piece of work with the fraction done and the layer's name.
  ///   - isCancelled: asked before each piece of work, that is every few ten milliseconds at most.
  /// - Returns: one tensor per output, and per tap if the plan keeps them.
  /// - Throws: `NeuralError.cancelled` or `.library`.
  /// - Precondition: `tensors` has the names and shapes of the graph's inputs.
  public func run(
    _ tensors: [String: Tensor],
    progress: (_ fraction: Double, _ layer: String) -> Void = { _, _ in },
    isCancelled: () -> Bool = { false }
  ) throws(NeuralError) -> [String: Tensor] {
    engine.threads.bind()
    for (name, map) in inputs {
      guard let tensor = tensors[name], tensor.shape == map.layout.shape else {
        preconditionFailure("input \(name) needs a tensor of shape \(map.layout.shape)")
      }
      map.fill(from: tensor, threads: engine.threads)
    }
    layerTimes.removeAll(keepingCapacity: true)
    let total = layers.reduce(0) { $0 + $1.cost }
    var done = 0.0
    let clock = ContinuousClock()
    for layer in layers {
      let start = clock.now
      for step in layer.steps {
        if isCancelled() { throw .cancelled }
        try step.run()
        done += layer.cost / Double(layer.steps.count)
        progress(min(done / total, 1), layer.name)
      }
      let work = layer.steps.reduce(0) { $0 + $1.gigaflops }
      layerTimes.append(
        LayerTime(
          name: layer.name, implementation: layer.steps[0].implementation,
          milliseconds: (clock.now - start) / .milliseconds(1), gigaflops: work))
    }
    return outputs.mapValues { $0.tensor(threads: engine.threads) }
  }
}

extension FeatureMap {
  /// Takes over a planar tensor, mirroring it into the border.
  func fill(from tensor: Tensor, threads: Threads) {
    let (channels, width, plane) = (channels, width, layout.shape.pixelCount)
    tensor.samples.withUnsafeBufferPointer { planar in
      guard let planar = planar.baseAddress else { return }
      threads.forEachStrip(of: height) { rows in
        for y in rows {
          let target = row(y)
          for channel in 0..<channels {
            let source = planar + channel * plane + y * width
            for x in 0..<width { target[x * channels + channel] = source[x] }
          }
          reflectColumns(ofRow: y)
        }
      }
    }
    reflectRows()
  }

  /// The picture as a planar tensor, without its border.
  func tensor(threads: Threads) -> Tensor {
    let (channels, width, plane) = (channels, width, layout.shape.pixelCount)
    let samples = [Float](unsafeUninitializedCapacity: layout.shape.count) { planar, count in
      count = layout.shape.count
      guard let planar = planar.baseAddress else { return }
      threads.forEachStrip(of: height) { rows in
        for y in rows {
          for channel in 0..<channels {
            let target = planar + channel * plane + y * width
            if layout.isPhased {
              for x in 0..<width {
                target[x] = phaseRow(y, columnPhase: x & 1)[x / 2 * channels + channel]
              }
            } else {
              let source = row(y)
              for x in 0..<width { target[x] = source[x * channels + channel] }
            }
          }
        }
      }
    }
    return Tensor(shape: layout.shape, samples: samples)
  }
}
