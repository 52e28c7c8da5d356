import Decomposition
import FaceAlignment
import Foundation
import Imaging
import NeuralRuntime
import RenderPasses
import Synchronization
import TestSupport
import Testing

/// The three networks in a row, with narrow random weights.
@Suite struct DecompositionPipelineTests {
  private func portrait(extent: Int) -> Image {
    var generator = SeededGenerator(seed: 11)
    var coarse = Image(width: 9, height: 9, channels: 3, encoding: .sRGB)
    for index in coarse.samples.indices {
      coarse.samples[index] = Float.random(in: 0...1, using: &generator)
    }
    return coarse.resized(width: extent, height: extent, filter: .bilinear)
  }

  @Test(
    "passes come out at the portrait's extent, whatever the networks' own", arguments: [64, 150])
  func extent(extent: Int) throws {
    let models = try TemporaryModels()
    let pipeline = DecompositionPipeline(models: try ModelBundle(directory: models.path))
    let stack = try pipeline.decompose(portrait(extent: extent))
    #expect(stack.width == extent && stack.height == extent)
    for kind in PassKind.allCases {
      #expect(stack[kind].samples.allSatisfy { kind.range.contains($0) }, "\(kind)")
      #expect(Set(stack[kind].samples).count > 100, "\(kind)")
    }
    let normal = stack.normal
    let plane = normal.pixelCount
    for pixel in stride(from: 0, to: plane, by: 97) {
      let length = (0..<3).reduce(Float(0)) {
        $0 + normal.samples[$1 * plane + pixel] * normal.samples[$1 * plane + pixel]
      }
      #expect(abs(length - 1) < 1e-4)
    }
  }

  @Test(
    "the shipped networks see the same in bf16",
    .enabled(if: Precision.hasBFloat16, "this CPU does not multiply bf16"))
  func bfloat16() throws {
    let assets = SourceTree.root.appendingPathComponent("assets")
    let photograph = try ImageFile.readPhotograph(
      at: assets.appendingPathComponent("portraits/sample.png").path)
    let portrait = try PreparedPortrait(
      photograph: photograph, framing: .automatic, detector: FaceDetector()
    ).image
    let models = try ModelBundle(directory: assets.appendingPathComponent("models").path)
    func stack(_ precision: Precision) throws -> PassStack {
      try DecompositionPipeline(models: models, precision: precision).decompose(portrait)
    }
    let (exact, rounded) = (try stack(.float32), try stack(.bfloat16))
    let albedo = ImageMetrics.psnr(
      rounded.albedo.converted(to: .sRGB), exact.albedo.converted(to: .sRGB))
    // Equal ones would mean that nothing was rounded.
    #expect(albedo >= 45 && albedo < 100, "albedo \(albedo) dB")
    let errors = PassEvaluation.normalErrors(rounded, truth: exact)
    let angle = errors.samples.reduce(0, +) / Float(errors.pixelCount)
    #expect(angle <= 0.5, "normals \(angle)°")
  }

  @Test("at the networks' side the albedo is RefinementNet's, with cloth's hue, spread at the edge")
  func albedo() throws {
    let models = try TemporaryModels()
    let portrait = portrait(extent: 64)
    let bundle = try ModelBundle(directory: models.path)
    let stack = try DecompositionPipeline(models: bundle).decompose(portrait)

    let engine = try Engine()
    let shape = Shape(channels: 3, height: 64, width: 64)
    let source = Tensor(shape: shape, samples: portrait.samples.map { 2 * $0 - 1 })
    let maginet = try MAGINet(
      WeightArchive(path: bundle.maginet.path).root, bundle.maginet.configuration)
    let coarse = try #require(
      try Plan(maginet.graph(side: 64), engine: engine).run(["portrait": source])["passes"])
    let refinement = try RefinementNet(
      WeightArchive(path: bundle.refinement.path).root, bundle.refinement.configuration)
    let albedo = Tensor(shape: shape, samples: Array(coarse.samples[..<shape.count]))
    let refined = try #require(
      try Plan(refinement.graph(height: 64, width: 64), engine: engine)
        .run(["albedo": albedo, "portrait": source])["albedo"])
    let plane = 64 * 64
    func image(_ samples: ArraySlice<Float>, _ channels: Int, _ encoding: ColorEncoding) -> Image {
      Image(
        width: 64, height: 64, channels: channels, encoding: encoding, samples: Array(samples))
    }
    let matte = SubjectMatte(
      image(coarse.samples[4 * plane..<5 * plane], 1, .data), along: portrait)
    #expect(stack.subject == matte.image)
    let linear = image(refined.samples[...], 3, .sRGB).converted(to: .linear)
    let separation = try #require(
      HighlightSeparation(
        photo: portrait.converted(to: .linear), albedo: linear, skin: stack.skin))
    let expected = matte.spread(
      ClothColor.corrected(
        linear, diffuse: stack.diffuse, skin: stack.skin, light: separation.light),
      blur: DecompositionPipeline.refinedBlur)
    for (a, b) in zip(stack.albedo.samples, expected.samples) { #expect(abs(a - b) < 1e-4) }
  }

  @Test("progress never falls, passes through the stages in order and ends at 1")
  func progress() throws {
    let models = try TemporaryModels()
    let pipeline = DecompositionPipeline(models: try ModelBundle(directory: models.path))
    let seen = Mutex<[DecompositionProgress]>([])
    _ = try pipeline.decompose(
      portrait(extent: 64), progress: { step in seen.withLock { $0.append(step) } })
    let steps = seen.withLock { $0 }
    let fractions = steps.map(\.fractionCompleted)
    #expect(zip(fractions, fractions.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(fractions.first == 0 && fractions.last == 1)
    var stages: [DecompositionStage] = []
    for step in steps where stages.last != step.stage { stages.append(step.stage) }
    #expect(stages == [.maginet, .refinement, .translator])
    #expect(steps.contains { $0.layer == "decoder.0.block.norm2" })
  }

  @Test("a decomposition stops wherever it is cancelled")
  func cancellation() throws {
    let models = try TemporaryModels()
    let pipeline = DecompositionPipeline(models: try ModelBundle(directory: models.path))
    let portrait = portrait(extent: 64)
    let total = Mutex(0)
    _ = try pipeline.decompose(
      portrait,
      isCancelled: {
        total.withLock { $0 += 1 }
        return false
      })
    let polls = total.withLock { $0 }
    #expect(polls > 100)
    for limit in [0, 1, polls / 3, polls / 2, polls - 1] {
      let count = Mutex(0)
      #expect(throws: DecompositionError.cancelled, "after \(limit) of \(polls) polls") {
        try pipeline.decompose(
          portrait,
          isCancelled: {
            count.withLock {
              $0 += 1
              return $0 > limit
            }
          })
      }
      #expect(count.withLock { $0 } == limit + 1)
    }
  }

  @Test("passes do not depend on the number of threads")
  func threads() throws {
    let models = try TemporaryModels()
    let bundle = try ModelBundle(directory: models.path)
    let portrait = portrait(extent: 64)
    let one = try DecompositionPipeline(models: bundle, threads: 1).decompose(portrait)
    let two = try DecompositionPipeline(models: bundle, threads: 2).decompose(portrait)
    for kind in PassKind.allCases {
      let worst = zip(one[kind].samples, two[kind].samples).reduce(Float(0)) {
        max($0, abs($1.0 - $1.1))
      }
      #expect(worst <= 1e-5, "\(kind)")
    }
  }

  @Test("prepared before the portrait is there, the networks give the same passes and errors")
  func preparing() throws {
    let models = try TemporaryModels()
    let pipeline = DecompositionPipeline(models: try ModelBundle(directory: models.path))
    let portrait = portrait(extent: 64)
    let ready = try pipeline.prepare()
    let passes = try pipeline.decompose(portrait)
    #expect(try pipeline.decompose(portrait, with: ready) == passes)
    // What has been used is made ready anew.
    #expect(try pipeline.decompose(portrait, with: ready) == passes)
    #expect(throws: DecompositionError.cancelled) {
      try pipeline.prepare(isCancelled: { true })
    }
    try FileManager.default.removeItem(atPath: models.path(of: "translator"))
    #expect(
      throws: DecompositionError.network(.missingFile(path: models.path(of: "translator")))
    ) { try pipeline.prepare() }
  }

  @Test("reduced networks run at a fraction of their side that their scales divide")
  func reduction() throws {
    let models = try TemporaryModels()
    let pipeline = DecompositionPipeline(
      models: try ModelBundle(directory: models.path), reduction: 4)
    var timings: [StageTiming] = []
    let stack = try pipeline.decompose(
      portrait(extent: 40), progress: { _ in }, isCancelled: { false }
    ) { timings.append($0) }
    #expect(stack.width == 40)
    #expect(timings.map(\.side) == [16, 16, 16])
  }

  @Test("each stage tells what it took")
  func timings() throws {
    let models = try TemporaryModels()
    let pipeline = DecompositionPipeline(models: try ModelBundle(directory: models.path))
    var timings: [StageTiming] = []
    _ = try pipeline.decompose(
      portrait(extent: 64), progress: { _ in }, isCancelled: { false }
    ) { timings.append($0) }
    #expect(timings.map(\.stage) == [.maginet, .refinement, .translator])
    #expect(timings.allSatisfy { $0.side == 64 && $0.arenaBytes > 0 && !$0.layers.isEmpty })
    #expect(timings.allSatisfy { $0.slowLayers.isEmpty })
  }

  @Test("what is not a square colour picture is refused")
  func notSquare() throws {
    let models = try TemporaryModels()
    let pipeline = DecompositionPipeline(models: try ModelBundle(directory: models.path))
    let wide = Image(width: 64, height: 32, channels: 3, encoding: .sRGB)
    #expect(throws: DecompositionError.notSquare(wide.extent, channels: 3)) {
      try pipeline.decompose(wide)
    }
  }
}
