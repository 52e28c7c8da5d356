import NeuralRuntime

/// A step on the way from a photograph to its passes.
public enum DecompositionStage: String, CaseIterable, Sendable, Codable {
  /// Finding and cutting out the face.
  case align
  /// Albedo and mattes.
  case maginet
  /// Detail for the albedo.
  case refinement
  /// The other passes.
  case translator

  /// Where the stage lies in the time of the three networks, measured at the shipped widths.
  var span: ClosedRange<Double> {
    switch self {
    case .align: 0...0
    case .maginet: 0...0.32
    case .refinement: 0.32...0.45
    case .translator: 0.45...1
    }
  }
}

/// How far a decomposition has come.
public struct DecompositionProgress: Equatable, Sendable {
  /// The stage at work.
  public let stage: DecompositionStage
  /// The fraction of the networks' whole work, which never falls.
  public let fractionCompleted: Double
  /// The layer at work, such as `encoder.1.down`; empty while a network is being prepared.
  public let layer: String

  /// Makes a report; steps before the networks are reported by who performs them.
  public init(stage: DecompositionStage, fractionCompleted: Double, layer: String) {
    self.stage = stage
    self.fractionCompleted = fractionCompleted
    self.layer = layer
  }
}

/// What one stage took.
public struct StageTiming: Codable, Sendable {
  /// The stage.
  public let stage: DecompositionStage
  /// The side of the square it worked on.
  public let side: Int
  /// Reading weights, generating code and placing memory.
  public let preparationMilliseconds: Double
  /// Memory of the activations.
  public let arenaBytes: Int
  /// Layers for which the library has only slow reference code on this CPU.
  public let slowLayers: [String]
  /// Layer by layer; a layer that runs in strips appears once per strip.
  public internal(set) var layers: [LayerTime]
}
