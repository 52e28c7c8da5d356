import NeuralRuntime

/// One network being run, with what it reports on the way.
struct StageRun {
  /// What the stage has taken so far.
  private(set) var timing: StageTiming
  private let plan: Plan
  private let progress: @Sendable (DecompositionProgress) -> Void
  private let isCancelled: @Sendable () -> Bool

  init(
    _ network: PreparedNetwork,
    progress: @escaping @Sendable (DecompositionProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool
  ) {
    plan = network.plan
    timing = network.timing
    self.progress = progress
    self.isCancelled = isCancelled
  }

  /// The side of the square that the network sees.
  var side: Int { timing.side }

  /// Runs the network on what makes up `part` of the stage.
  mutating func run(
    _ tensors: [String: Tensor], output: String, part: ClosedRange<Double> = 0...1
  ) throws(NeuralError) -> Tensor {
    let stage = timing.stage
    let results = try plan.run(
      tensors,
      progress: { fraction, layer in
        let done = part.lowerBound + fraction * (part.upperBound - part.lowerBound)
        let span = stage.span
        progress(
          DecompositionProgress(
            stage: stage,
            fractionCompleted: span.lowerBound + done * (span.upperBound - span.lowerBound),
            layer: layer))
      }, isCancelled: isCancelled)
    timing.layers += plan.layerTimes
    guard let result = results[output] else { preconditionFailure("no output \(output)") }
    return result
  }
}
