import Foundation
import NeuralRuntime
import TestSupport
import Testing

/// A recorded run of one operation in PyTorch, from training/fixtures.py.
struct Fixture {
  let archive: WeightArchive

  init(_ name: String) throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "safetensors"),
      "no fixture \(name): run training/fixtures.py")
    archive = try WeightArchive(path: url.path)
    try #require(archive.metadata["generator"] == "training/fixtures.py")
  }

  /// The arguments of the operation.
  var arguments: [String: Any] {
    let data = Data((archive.metadata["arguments"] ?? "{}").utf8)
    return (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
  }

  /// The pictures of a batch, one tensor each.
  func batch(_ key: String) throws -> [Tensor] {
    let shape = try #require(archive.shape(of: key), "no tensor \(key)")
    try #require(shape.count == 4)
    let samples = try archive.samples(key, shape: shape)
    let picture = Shape(channels: shape[1], height: shape[2], width: shape[3])
    return (0..<shape[0]).map {
      Tensor(
        shape: picture,
        samples: Array(samples[$0 * picture.count..<($0 + 1) * picture.count]))
    }
  }

  /// Compares what `run` makes of each picture with PyTorch's result.
  func expectParity(_ run: (Tensor) throws -> Tensor) throws {
    for (x, y) in zip(try batch("input.x"), try batch("output.y")) {
      expectClose(try run(x), y)
    }
  }
}

/// Expects |a − b| ≤ 1e-5 + 1e-4 · |b| everywhere and names the worst sample otherwise.
func expectClose(
  _ found: Tensor, _ expected: Tensor, absolute: Float = 1e-5, relative: Float = 1e-4,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard found.shape == expected.shape else {
    Issue.record(
      "shape \(found.shape) instead of \(expected.shape)", sourceLocation: sourceLocation)
    return
  }
  var worst = (excess: -Float.infinity, index: 0)
  for index in found.samples.indices {
    let difference = abs(found.samples[index] - expected.samples[index])
    // A NaN must not compare as close.
    let excess = difference - (absolute + relative * abs(expected.samples[index]))
    if !(excess <= worst.excess) { worst = (excess, index) }
  }
  let (x, y) = (found.samples[worst.index], expected.samples[worst.index])
  #expect(
    worst.excess <= 0, "sample \(worst.index): \(x) instead of \(y)",
    sourceLocation: sourceLocation)
}

/// Uniform samples in −1..1.
func randomTensor(_ channels: Int, _ height: Int, _ width: Int, seed: UInt64) -> Tensor {
  let shape = Shape(channels: channels, height: height, width: width)
  return Tensor(shape: shape, samples: randomSamples(shape.count, seed: seed))
}

func randomSamples(_ count: Int, seed: UInt64) -> [Float] {
  var generator = SeededGenerator(seed: seed)
  return (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
}

/// Random weights whose sums stay near 1.
func randomConvolution(
  inputs: Int, outputs: Int, kernel: Int, seed: UInt64
) -> ConvolutionWeights {
  let count = inputs * outputs * kernel * kernel
  let scale = 1 / Float(inputs * kernel * kernel).squareRoot()
  return ConvolutionWeights(
    name: "random", outputChannels: outputs, inputChannels: inputs, kernelSize: (kernel, kernel),
    weight: randomSamples(count, seed: seed).map { $0 * scale },
    bias: randomSamples(outputs, seed: seed + 1))
}

/// Builds and runs the graph of one operation over tensors.
func run(
  _ tensors: Tensor..., threads: Int? = nil, _ record: (inout Graph, [Value]) throws -> Value
) throws -> Tensor {
  var graph = Graph()
  let values = tensors.enumerated().map { graph.input("\($0)", shape: $1.shape) }
  let result = try record(&graph, values)
  graph.output("result", result)
  let plan = try Plan(graph, engine: Engine(threads: Threads(limit: threads)))
  let inputs = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ("\($0)", $1) })
  return try #require(try plan.run(inputs)["result"])
}
