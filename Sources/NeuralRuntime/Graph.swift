/// The result of a node: what later nodes take as their source.
public struct Value: Sendable {
  let index: Int
  let layout: Layout

  /// The logical extent, without a border.
  public var shape: Shape { layout.shape }
}

/// The work of one node, between the logical graph and oneDNN's primitives.
protocol Operation: Sendable {
  /// The source whose memory the result may take over when nobody needs that source afterwards.
  var inPlaceSource: Int? { get }

  /// Prepares everything that running needs, so that running allocates nothing.
  func steps(
    sources: [FeatureMap], destination: FeatureMap, engine: Engine
  ) throws(NeuralError) -> [Step]
}

extension Operation {
  var inPlaceSource: Int? { nil }
}

/// One uninterruptible piece of a node's work.
struct Step {
  /// oneDNN's name of the chosen implementation, or `own` for a kernel of this target.
  let implementation: String
  /// Floating-point operations in 10⁹, a multiplication and an addition counting two; 0 where memory decides.
  let gigaflops: Double
  let run: () throws(NeuralError) -> Void

  init(
    implementation: String = "own", gigaflops: Double = 0,
    run: @escaping () throws(NeuralError) -> Void
  ) {
    self.implementation = implementation
    self.gigaflops = gigaflops
    self.run = run
  }
}

/// The record of a network's operations for one input extent, from which `Plan` is built.
///
/// Each function appends one node and returns its value; nothing is computed yet.
public struct Graph {
  struct Node {
    let name: String
    let operation: any Operation
    let sources: [Value]
    let result: Value
  }

  private(set) var nodes: [Node] = []
  private(set) var inputs: [String: Value] = [:]
  private(set) var outputs: [String: Value] = [:]
  private(set) var taps: [String: Value] = [:]

  /// Creates an empty graph.
  public init() {}

  /// Appends an input of the given extent.
  ///
  /// - Precondition: all inputs are declared before the first operation, because they are filled first.
  public mutating func input(_ name: String, shape: Shape) -> Value {
    precondition(nodes.count == inputs.count, "inputs come before operations")
    let value = append(name, Input(), [], Layout(shape: shape))
    inputs[name] = value
    return value
  }

  /// Makes a value readable after a run.
  public mutating func output(_ name: String, _ value: Value) {
    outputs[name] = value
  }

  /// Names the result of a block; a plan keeps it only when it is built for comparing block by block.
  public mutating func tap(_ name: String, _ value: Value) {
    taps[name] = value
  }

  mutating func append(
    _ name: String, _ operation: any Operation, _ sources: [Value], _ layout: Layout
  ) -> Value {
    let result = Value(index: nodes.count, layout: layout)
    nodes.append(Node(name: name, operation: operation, sources: sources, result: result))
    return result
  }

  /// A value that the plan fills from a tensor.
  private struct Input: Operation {
    func steps(
      sources: [FeatureMap], destination: FeatureMap, engine: Engine
    ) throws(NeuralError) -> [Step] { [] }
  }
}
