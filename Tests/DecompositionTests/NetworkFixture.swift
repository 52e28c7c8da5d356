import Decomposition
import Foundation
import NeuralRuntime
import Testing

/// A recorded run of one network in PyTorch with narrow random weights, from training/fixtures.py.
struct NetworkFixture {
  let archive: WeightArchive

  init(_ network: String) throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/\(network)", withExtension: "safetensors"),
      "no fixture \(network): run training/fixtures.py")
    archive = try WeightArchive(path: url.path)
    try #require(archive.metadata["generator"] == "training/fixtures.py")
    try #require(archive.metadata["network"] == network)
  }

  /// The configuration in the metadata.
  func configuration<Configuration: NetworkConfiguration>() throws -> Configuration {
    let json = try #require(archive.metadata["configuration"])
    let (configuration, reason) = Configuration.parsed(json)
    return try #require(configuration, "\(reason)")
  }

  /// A picture of the run.
  func tensor(_ key: String) throws -> Tensor {
    let shape = try #require(archive.shape(of: key), "no tensor \(key)")
    try #require(shape.count == 4 && shape[0] == 1)
    return Tensor(
      shape: Shape(channels: shape[1], height: shape[2], width: shape[3]),
      samples: try archive.samples(key, shape: shape))
  }

  /// Compares the blocks' results in the order in which they run, so that the first one to differ is named.
  ///
  /// - Parameter fused: the activation that our plan applies with the block and PyTorch after it.
  func expectBlocks(
    _ blocks: [String], of results: [String: Tensor], fused: [String: Activation] = [:]
  ) throws {
    for block in blocks {
      let expected = ReferenceOps.activated(
        try tensor("tap.\(block)"), fused[block] ?? .identity)
      let found = try #require(results[block], "no tap \(block)")
      try #require(found.shape == expected.shape)
      let (largest, mean) = difference(found, expected)
      // Features reach about 5; the bound of the outputs scales with them.
      let scale = max(1, expected.samples.reduce(0) { max($0, abs($1)) })
      try #require(
        largest <= 1e-3 * scale && mean <= 1e-4 * scale,
        "\(block) is the first block to differ: at most \(largest), on average \(mean)")
    }
  }

  /// Expects a network's output within 1e-3 everywhere and 1e-4 on average.
  func expectOutput(_ found: Tensor) throws {
    let expected = try tensor("output.y")
    try #require(found.shape == expected.shape)
    let (largest, mean) = difference(found, expected)
    #expect(largest <= 1e-3)
    #expect(mean <= 1e-4)
  }
}

/// The largest and the mean difference of two tensors; NaN counts as the largest.
func difference(_ a: Tensor, _ b: Tensor) -> (largest: Float, mean: Float) {
  var largest: Float = 0
  var sum: Double = 0
  for (x, y) in zip(a.samples, b.samples) {
    let difference = (x - y).isNaN ? Float.infinity : abs(x - y)
    largest = max(largest, difference)
    sum += Double(difference)
  }
  return (largest, Float(sum / Double(a.samples.count)))
}
