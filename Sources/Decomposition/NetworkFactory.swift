import NeuralRuntime

/// A network ready to run, with what that took.
///
/// Threads may hand it on, not share it.
struct PreparedNetwork: @unchecked Sendable {
  let plan: Plan
  let timing: StageTiming
}

/// Makes networks executable: reads weights, generates code, places memory.
struct NetworkFactory: Sendable {
  let models: ModelBundle
  let threads: Int?
  let precision: Precision
  let reduction: Int

  /// A stage's network on an engine of its own.
  func prepared(
    _ stage: DecompositionStage, isCancelled: () -> Bool
  ) throws(NeuralError) -> PreparedNetwork {
    let start = ContinuousClock.now
    let engine = try Engine(threads: Threads(limit: threads), precision: precision)
    let side = side(of: stage)
    let plan = try Plan(graph(of: stage, side: side), engine: engine, isCancelled: isCancelled)
    let timing = StageTiming(
      stage: stage, side: side,
      preparationMilliseconds: (ContinuousClock.now - start) / .milliseconds(1),
      arenaBytes: plan.arenaBytes, slowLayers: plan.slowConvolutions, layers: [])
    return PreparedNetwork(plan: plan, timing: timing)
  }

  private func side(of stage: DecompositionStage) -> Int {
    switch stage {
    case .align: preconditionFailure("faces are found without a network")
    case .maginet: models.maginet.configuration.side(reducedBy: reduction)
    case .refinement: models.refinement.configuration.side(reducedBy: reduction)
    case .translator: models.translator.configuration.side(reducedBy: reduction)
    }
  }

  private func graph(of stage: DecompositionStage, side: Int) throws(NeuralError) -> Graph {
    switch stage {
    case .align: preconditionFailure("faces are found without a network")
    case .maginet: try models.maginet.load(MAGINet.init).graph(side: side)
    case .refinement:
      try models.refinement.load(RefinementNet.init)
        .graph(height: RefinementStrips(pictureHeight: side).height, width: side)
    case .translator: try models.translator.load(PassTranslator.init).graph(side: side)
    }
  }
}

extension NetworkConfiguration {
  /// The side to run at, a fraction of the one trained for, that the scales still divide.
  fileprivate func side(reducedBy reduction: Int) -> Int {
    let units = (resolution / reduction + resolutionUnit - 1) / resolutionUnit
    return max(units, 1) * resolutionUnit
  }
}
