import Decomposition
import Imaging
import NeuralRuntime
import Testing

/// The three networks against PyTorch, block by block, with narrow random weights at 64×64.
@Suite struct NetworkParityTests {
  @Test("MAGINet equals PyTorch's", arguments: [1, 2])
  func maginet(threads: Int) throws {
    let fixture = try NetworkFixture("maginet")
    let configuration: MAGINetConfiguration = try fixture.configuration()
    let network = try MAGINet(fixture.archive.scope("weight"), configuration)
    let plan = try Plan(
      network.graph(side: 64), engine: Engine(threads: Threads(limit: threads)), keepsTaps: true)
    let results = try plan.run(["portrait": try fixture.tensor("input.portrait")])
    let leaky = Activation.leakyRelu(slope: configuration.negativeSlope)
    let scales = configuration.widths.indices
    try fixture.expectBlocks(
      ["stem"] + scales.map { "encoder.\($0)" } + ["bottleneck"]
        + scales.dropLast().reversed().map { "decoder.\($0)" } + ["head"],
      of: results, fused: ["stem": leaky, "decoder.0": leaky, "head": .sigmoid])
    try fixture.expectOutput(try #require(results["passes"]))
  }

  @Test("RefinementNet equals PyTorch's")
  func refinement() throws {
    let fixture = try NetworkFixture("refinement")
    let network = try RefinementNet(
      fixture.archive.scope("weight"), try fixture.configuration())
    let albedo = try fixture.tensor("input.albedo")
    let engine = try Engine()
    // As the pipeline does it; the fixture's albedo is half as large as its portrait.
    let picture = Image(
      width: albedo.shape.width, height: albedo.shape.height, channels: 3, encoding: .sRGB,
      samples: albedo.samples)
    let upsampled = Tensor(
      shape: Shape(channels: 3, height: 64, width: 64),
      samples: picture.resized(width: 64, height: 64, filter: .bilinear).samples)
    let plan = try Plan(network.graph(height: 64, width: 64), engine: engine, keepsTaps: true)
    let results = try plan.run(
      ["albedo": upsampled, "portrait": try fixture.tensor("input.portrait")])
    try fixture.expectBlocks(
      ["conv1", "conv2", "conv3"], of: results, fused: ["conv1": .relu, "conv2": .relu])
    try fixture.expectOutput(try #require(results["albedo"]))
  }

  @Test("PassTranslator equals PyTorch's")
  func translator() throws {
    let fixture = try NetworkFixture("translator")
    let configuration: PassTranslatorConfiguration = try fixture.configuration()
    let network = try PassTranslator(fixture.archive.scope("weight"), configuration)
    let portrait = try fixture.tensor("input.portrait")
    let plan = try Plan(network.graph(side: 64), engine: Engine(), keepsTaps: true)
    let results = try plan.run([
      "albedo": try fixture.tensor("input.albedo"), "portrait": portrait,
      "skin": try fixture.tensor("input.skin"),
    ])
    let scales = 0..<configuration.scales
    try fixture.expectBlocks(
      ["stem", "stem_norm"] + scales.map { "down.\($0)" }
        + (0..<configuration.blocks).map { "blocks.\($0)" } + scales.map { "up.\($0)" },
      of: results, fused: ["stem_norm": .relu])
    let sigmoids = try #require(results["sigmoids"])
    try fixture.expectOutput(PassTranslator.passes(fromSigmoids: sigmoids, portrait: portrait))
  }

  @Test("a network reads every tensor of its file", arguments: ["maginet", "translator"])
  func unknownTensors(name: String) throws {
    let fixture = try NetworkFixture(name)
    let weights = fixture.archive.scope("weight")
    if name == "maginet" {
      _ = try MAGINet(weights, try fixture.configuration())
    } else {
      _ = try PassTranslator(weights, try fixture.configuration())
    }
    let others = fixture.archive.keys.filter { !$0.hasPrefix("weight.") }
    #expect(throws: NeuralError.unknownTensors(path: fixture.archive.path, keys: others)) {
      try fixture.archive.requireAllRead()
    }
  }
}
