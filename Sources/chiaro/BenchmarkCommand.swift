import ArgumentParser
import Decomposition
import FaceAlignment
import Foundation
import Imaging
import NeuralRuntime
import StudioRuntime

/// `chiaro benchmark`: how fast this machine decomposes a portrait, layer by layer.
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measure how fast this machine is.",
    discussion: """
      The suite decompose runs the three networks on the bundled portrait: medians of the time per \
      network and layer, the speed in GFLOP/s (a multiplication and an addition count two), its share \
      of the fastest convolution measured in the same run, and the peak of the memory.
      """)

  /// What can be measured.
  enum Suite: String, CaseIterable, ExpressibleByArgument {
    case decompose
  }

  @Option(help: "What to measure.")
  var suite = Suite.decompose

  @Option(help: "How often; the medians count.")
  var repetitions = 7

  @OptionGroup var networks: NetworkOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if repetitions < 1 { throw ValidationError("--repetitions takes a number from 1 up") }
  }

  func run() throws {
    try CommandOutput.reportingErrors {
      let report = try measured()
      if json {
        try CommandOutput.json(report)
      } else {
        print(report.text)
      }
    }
  }

  private func measured() throws -> DecompositionReport {
    let program = try ProgramEnvironment()
    let portrait = try PreparedPortrait(
      photograph: ImageFile.readPhotograph(at: program.bundledPortrait), framing: .none,
      detector: FaceDetector(landmarkModelPath: nil)
    ).image
    let models = try ModelBundle(directory: program.modelsPath)
    let pipeline = DecompositionPipeline(
      models: models, threads: networks.threads, precision: networks.precision)
    let engine = try Engine(
      threads: Threads(limit: networks.threads), precision: networks.precision)
    let interrupt = InterruptSignal()
    let flag = interrupt.flag
    var runs: [(milliseconds: Double, stages: [StageTiming])] = []
    // The first run also reads files and touches memory: it is reported on its own.
    for _ in 0...repetitions {
      var stages: [StageTiming] = []
      let start = ContinuousClock.now
      _ = try pipeline.decompose(
        portrait, progress: { _ in }, isCancelled: { flag.isCancelled }
      ) { stages.append($0) }
      runs.append(((ContinuousClock.now - start) / .milliseconds(1), stages))
    }
    let peak = try MachinePeak.gigaflopsPerSecond(engine)
    return DecompositionReport(runs: runs, engine: engine, peak: peak)
  }
}

/// Medians over the runs of a decomposition.
struct DecompositionReport: Encodable {
  struct Layer: Encodable {
    let name: String
    let implementation: String
    let milliseconds: Double
    let gigaflops: Double
    let gigaflopsPerSecond: Double
    /// Relative to the fastest convolution of this machine.
    let shareOfPeak: Double
  }

  struct Stage: Encodable {
    let stage: DecompositionStage
    let side: Int
    let preparationMilliseconds: Double
    let milliseconds: Double
    let gigaflops: Double
    let arenaMegabytes: Double
    let layers: [Layer]
  }

  let precision: String
  let threads: Int
  let repetitions: Int
  let firstMilliseconds: Double
  let milliseconds: Double
  let peakGigaflopsPerSecond: Double
  let peakResidentMegabytes: Double
  let stages: [Stage]

  /// The first run counts apart from the others.
  init(runs: [(milliseconds: Double, stages: [StageTiming])], engine: Engine, peak: Double) {
    let warm = runs.dropFirst()
    precision = engine.precision.rawValue
    threads = engine.threads.count
    repetitions = warm.count
    firstMilliseconds = runs[0].milliseconds
    milliseconds = warm.map(\.milliseconds).quantile(0.5)
    peakGigaflopsPerSecond = peak
    peakResidentMegabytes = ProcessMemory.peakKilobytes() / 1024
    stages = runs[0].stages.indices.map { index in
      let timings = warm.map { $0.stages[index] }
      return Stage(
        stage: timings[0].stage, side: timings[0].side,
        preparationMilliseconds: timings.map(\.preparationMilliseconds).quantile(0.5),
        milliseconds: timings.map { $0.layers.reduce(0) { $0 + $1.milliseconds } }.quantile(0.5),
        gigaflops: timings[0].layers.reduce(0) { $0 + $1.gigaflops },
        arenaMegabytes: Double(timings[0].arenaBytes) / 1e6,
        layers: Self.layers(of: timings.map(\.layers), peak: peak))
    }
  }

  /// Layers by name; the strips of one layer count together.
  private static func layers(of runs: [[LayerTime]], peak: Double) -> [Layer] {
    var names: [String] = []
    for layer in runs[0] where !names.contains(layer.name) { names.append(layer.name) }
    return names.map { name in
      let parts = runs.map { $0.filter { $0.name == name } }
      let milliseconds = parts.map { $0.reduce(0) { $0 + $1.milliseconds } }.quantile(0.5)
      let gigaflops = parts[0].reduce(0) { $0 + $1.gigaflops }
      let speed = milliseconds > 0 ? gigaflops / milliseconds * 1000 : 0
      return Layer(
        name: name, implementation: parts[0][0].implementation, milliseconds: milliseconds,
        gigaflops: gigaflops, gigaflopsPerSecond: speed, shareOfPeak: speed / peak)
    }
  }

  /// The table for people.
  var text: String {
    func number(_ value: Double, _ digits: Int = 1) -> String {
      String(format: "%.\(digits)f", value)
    }
    var lines = [
      "three networks, \(threads) threads, \(precision): \(number(milliseconds)) ms "
        + "(median of \(repetitions); the first run \(number(firstMilliseconds)) ms)",
      "fastest convolution \(number(peakGigaflopsPerSecond, 0)) GFLOP/s, "
        + "peak memory \(number(peakResidentMegabytes, 0)) MB",
    ]
    for stage in stages {
      lines += [
        "",
        "\(stage.stage.rawValue) at \(stage.side)²: \(number(stage.milliseconds)) ms for "
          + "\(number(stage.gigaflops)) GFLOP, prepared in \(number(stage.preparationMilliseconds)) "
          + "ms, \(number(stage.arenaMegabytes, 0)) MB",
      ]
      let width = stage.layers.map(\.name.count).max() ?? 0
      for layer in stage.layers {
        let name = layer.name.padding(toLength: width, withPad: " ", startingAt: 0)
        let speed =
          layer.gigaflops > 0
          ? String(
            format: "%8.3f GFLOP %6.0f GFLOP/s %4.0f %%", layer.gigaflops,
            layer.gigaflopsPerSecond, 100 * layer.shareOfPeak)
          : String(repeating: " ", count: 36)
        lines.append(
          "  \(name) \(String(format: "%8.2f ms", layer.milliseconds)) \(speed)  "
            + layer.implementation)
      }
    }
    return lines.joined(separator: "\n")
  }
}
