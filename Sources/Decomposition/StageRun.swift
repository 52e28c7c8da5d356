import NeuralRuntime

/// One network being prepared and run, with what it reports on the way.
struct StageRun {
  let stage: DecompositionStage
  let engine: Engine
  let progress: @Sendable (DecompositionProgress) -> Void
  let isCancelled: @Sendable () -> Bool
  private(set) var timing: StageTiming?

  init(
    stage: DecompositionStage, engine: Engine,
    progress: @escaping @Sendable (DecompositionProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool
  ) {
    self.stage = stage
    self.engine = engine
    self.progress = progress
    self.isCancelled = isCancelled
  }

  mutating func prepare(
    side: Int, _ graph: () throws(NeuralError) -> Graph
  ) throws(NeuralError) -> Plan {
    if isCancelled() { throw .cancelled }
    report(0, "")
    let clock = ContinuousClock()
    let start = clock.now
    let plan = try Plan(graph(), engine: engine, isCancelled: isCancelled)
    timing = StageTiming(
      stage: stage, side: side, preparationMilliseconds: (clock.now - start) / .milliseconds(1),
      arenaBytes: plan.arenaBytes, slowLayers: plan.slowConvolutions, layers: [])
    return plan
  }

  /// Runs a plan that makes up `part` of the stage.
  mutating func run(
    _ plan: Plan, _ tensors: [String: Tensor], output: String, part: ClosedRange<Double> = 0...1
  ) throws(NeuralError) -> Tensor {
    let results = try plan.run(
      tensors,
      progress: { fraction, layer in
        report(part.lowerBound + fraction * (part.upperBound - part.lowerBound), layer)
      }, isCancelled: isCancelled)
    timing?.layers += plan.layerTimes
    guard let result = results[output] else { preconditionFailure("no output \(output)") }
    return result
  }

  private func report(_ fraction: Double, _ layer: String) {
    let span = stage.span
    progress(
      DecompositionProgress(
        stage: stage,
        fractionCompleted: span.lowerBound + fraction * (span.upperBound - span.lowerBound),
        layer: layer))
  }
}
