import NeuralRuntime
import Synchronization

/// A network ready to run, with what that took.
///
/// Threads may hand it on, not share it.
struct PreparedNetwork: @unchecked Sendable {
  let plan: Plan
  let timing: StageTiming
}

/// The networks of one decomposition, made ready while the portrait is still on its way.
///
/// They run one after the other and share the memory of their activations.
public final class PreparedNetworks: Sendable {
  let memory = ActivationMemory()
  private let networks: Mutex<[DecompositionStage: PreparedNetwork]>

  init() { networks = Mutex([:]) }

  /// Keeps a network until its stage.
  func add(_ network: sending PreparedNetwork, for stage: DecompositionStage) {
    networks.withLock { $0[stage] = network }
  }

  /// Hands on a stage's network, which gives its memory back after use; nil if it is not ready.
  func take(_ stage: DecompositionStage) -> PreparedNetwork? {
    networks.withLock { $0.removeValue(forKey: stage) }
  }
}

/// Makes networks executable: reads weights, generates code, places memory.
struct NetworkFactory: Sendable {
  let models: ModelBundle
  let threads: Int?
  let precision: Precision
  let reduction: Int

  /// A stage's network on an engine of its own, with its activations in `memory`.
  func prepared(
    _ stage: DecompositionStage, in memory: ActivationMemory, isCancelled: () -> Bool
  ) throws(NeuralError) -> PreparedNetwork {
    let start = ContinuousClock.now
    let engine = try Engine(threads: Threads(limit: threads), precision: precision)
    let side = side(of: stage)
    let plan = try Plan(
      graph(of: stage, side: side), engine: engine, memory: memory, isCancelled: isCancelled)
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
