import NeuralRuntime
import TestSupport
import Testing

/// Progress, cancellation and memory of a run.
@Suite struct PlanTests {
  /// A chain of convolutions whose results live for one step each.
  private func chain(length: Int) -> (graph: Graph, input: Tensor) {
    var graph = Graph()
    let x = randomTensor(16, 24, 24, seed: 1)
    var value = graph.input("x", shape: x.shape)
    let weights = randomConvolution(inputs: 16, outputs: 16, kernel: 3, seed: 2)
    for index in 0..<length {
      value = graph.convolution(value, weights, padding: 1, activation: .relu)
      graph.tap("\(index)", value)
    }
    graph.output("y", value)
    return (graph, x)
  }

  @Test("progress rises from layer to layer and ends at 1")
  func progress() throws {
    let (graph, x) = chain(length: 5)
    let plan = try Plan(graph, engine: Engine())
    var fractions: [Double] = []
    _ = try plan.run(["x": x], progress: { fraction, _ in fractions.append(fraction) })
    #expect(fractions.count >= 5)
    #expect(zip(fractions, fractions.dropFirst()).allSatisfy { $0 < $1 })
    #expect(fractions.last == 1)
  }

  @Test("a cancelled run stops before the next piece of work")
  func cancellation() throws {
    let (graph, x) = chain(length: 5)
    let plan = try Plan(graph, engine: Engine())
    var layers = 0
    #expect(throws: NeuralError.cancelled) {
      _ = try plan.run(
        ["x": x], progress: { _, _ in layers += 1 }, isCancelled: { layers == 2 })
    }
    #expect(layers == 2)
  }

  @Test("a plan can be given up while it is built")
  func cancelledPreparation() throws {
    let graph = chain(length: 5).graph
    #expect(throws: NeuralError.cancelled) {
      _ = try Plan(graph, engine: Engine(), isCancelled: { true })
    }
  }

  @Test("values that never live at once share memory")
  func arena() throws {
    let graph = chain(length: 8).graph
    let engine = try Engine()
    let value = 16 * 24 * 24 * 4
    #expect(try Plan(graph, engine: engine).arenaBytes == 2 * value)
    #expect(try Plan(graph, engine: engine, keepsTaps: true).arenaBytes == 8 * value)
  }

  @Test("shared memory does not change results, run after run")
  func repeatability() throws {
    let (graph, x) = chain(length: 6)
    let engine = try Engine()
    let plan = try Plan(graph, engine: engine)
    let first = try plan.run(["x": x])
    #expect(try plan.run(["x": x]) == first)
    let kept = try Plan(graph, engine: engine, keepsTaps: true).run(["x": x])
    #expect(kept["y"] == first["y"])
    #expect(kept["5"] == first["y"])
  }

  @Test("a run tells each layer's implementation, time and work")
  func layerTimes() throws {
    let (graph, x) = chain(length: 3)
    let plan = try Plan(graph, engine: Engine())
    _ = try plan.run(["x": x])
    #expect(plan.layerTimes.count == 3)
    #expect(plan.layerTimes.allSatisfy { $0.milliseconds > 0 && $0.name == "random" })
    let operations = 2e-9 * Double(16 * 16 * 9 * 24 * 24)
    #expect(plan.layerTimes.allSatisfy { abs($0.gigaflops - operations) < 1e-12 })
  }

  @Test("no convolution falls back to reference code")
  func implementations() throws {
    #expect(try Plan(chain(length: 1).graph, engine: Engine()).slowConvolutions.isEmpty)
  }

  @Test("the thread count keeps to its limit and to at least one")
  func threads() {
    #expect(Threads(limit: 1).count == 1)
    #expect(Threads(limit: 0).count == 1)
    #expect(Threads().count >= 1)
  }
}
