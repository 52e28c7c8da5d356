import Imaging
import NeuralRuntime
import RenderPasses
import Synchronization

/// The three networks in a row: a portrait in, a stack of passes out.
///
/// Only one network's activations are in memory at a time.
public struct DecompositionPipeline: Sendable {
  private let networks: NetworkFactory

  /// How far the networks blur across the subject's edge, as shares of the portrait's side.
  package static let refinedBlur: Float = 0.004
  private static let translatorBlur: Float = 0.012

  /// Takes the networks to use.
  ///
  /// - Parameters:
  ///   - models: the weight files.
  ///   - threads: the most threads to use; nil for all that the process may use.
  ///   - precision: what convolutions multiply in.
  ///   - reduction: what the sides of the squares that the networks see are divided by; 4 gives a first
  ///     impression in a sixteenth of the time.
  public init(
    models: ModelBundle, threads: Int? = nil, precision: Precision = .automatic,
    reduction: Int = 1
  ) {
    networks = NetworkFactory(
      models: models, threads: threads, precision: precision, reduction: reduction)
  }

  /// Predicts the passes and mattes of a portrait, at the portrait's extent.
  ///
  /// - Parameters:
  ///   - portrait: a square crop, 3 channels.
  ///   - progress: called often, on the calling thread.
  ///   - isCancelled: asked at least every 100 milliseconds.
  /// - Returns: the stack in the encodings of `PassKind`.
  /// - Throws: `notSquare`, `network`, `cancelled`.
  public func decompose(
    _ portrait: Image, progress: @escaping @Sendable (DecompositionProgress) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(DecompositionError) -> PassStack {
    try decompose(portrait, progress: progress, isCancelled: isCancelled) { _ in }
  }

  /// Makes all three networks ready for one portrait, which may still be on its way.
  ///
  /// - Parameter isCancelled: asked at least every 100 milliseconds.
  /// - Returns: what `decompose` takes.
  /// - Throws: `network`, `cancelled`.
  public func prepare(
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(DecompositionError) -> PreparedNetworks {
    // The two that take long to prepare go first.
    let stages: [DecompositionStage] = [.maginet, .translator, .refinement]
    let (networks, ready) = (networks, PreparedNetworks())
    let results = Parallel.map(count: stages.count, of: 1) { index in
      Result { () throws(NeuralError) in
        try networks.prepared(stages[index], in: ready.memory, isCancelled: isCancelled)
      }
    }
    try DecompositionError.wrapping { () throws(NeuralError) in
      for (stage, result) in zip(stages, results) { ready.add(try result.get(), for: stage) }
    }
    ready.memory.touch(threads: Threads(limit: networks.threads))
    return ready
  }

  /// Predicts the passes and mattes of a portrait with networks that are ready, once.
  ///
  /// - Parameters:
  ///   - portrait: a square crop, 3 channels.
  ///   - networks: what `prepare` returned.
  ///   - progress: called often, on the calling thread.
  ///   - isCancelled: asked at least every 100 milliseconds.
  /// - Returns: the stack in the encodings of `PassKind`.
  /// - Throws: `notSquare`, `network`, `cancelled`.
  public func decompose(
    _ portrait: Image, with networks: PreparedNetworks,
    progress: @escaping @Sendable (DecompositionProgress) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(DecompositionError) -> PassStack {
    try decompose(portrait, with: networks, progress: progress, isCancelled: isCancelled) { _ in }
  }

  /// The same with networks made ready when it is their turn, and with what each stage took, for benchmarks.
  package func decompose(
    _ portrait: Image, progress: @escaping @Sendable (DecompositionProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool, timing: (StageTiming) -> Void
  ) throws(DecompositionError) -> PassStack {
    try decompose(
      portrait, with: PreparedNetworks(), progress: progress, isCancelled: isCancelled,
      timing: timing)
  }

  /// Runs the networks; those that are not ready are made so when it is their turn.
  private func decompose(
    _ portrait: Image, with ready: PreparedNetworks,
    progress: @escaping @Sendable (DecompositionProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool, timing: (StageTiming) -> Void
  ) throws(DecompositionError) -> PassStack {
    guard portrait.width == portrait.height, portrait.channels == 3 else {
      throw .notSquare(portrait.extent, channels: portrait.channels)
    }
    let portrait = portrait.converted(to: .sRGB)
    func run<Result>(
      _ stage: DecompositionStage, _ work: (inout StageRun) throws(NeuralError) -> Result
    ) throws(DecompositionError) -> Result {
      try DecompositionError.wrapping { () throws(NeuralError) in
        if isCancelled() { throw .cancelled }
        progress(
          DecompositionProgress(
            stage: stage, fractionCompleted: stage.span.lowerBound, layer: ""))
        let network =
          if let network = ready.take(stage) { network } else {
            try networks.prepared(stage, in: ready.memory, isCancelled: isCancelled)
          }
        var stageRun = StageRun(network, progress: progress, isCancelled: isCancelled)
        let result = try work(&stageRun)
        timing(stageRun.timing)
        return result
      }
    }
    let coarse = try run(.maginet) { (stage) throws(NeuralError) in
      try albedoAndMattes(of: portrait, &stage)
    }
    let albedo = try run(.refinement) { (stage) throws(NeuralError) in
      try refined(coarse.image(0..<3, .sRGB), portrait, &stage)
    }
    let passes = try run(.translator) { (stage) throws(NeuralError) in
      try translated(albedo, portrait, skin: coarse.image(3..<4, .data), &stage)
    }
    return try stack(
      portrait, albedo: albedo, coarse: coarse, passes: passes, isCancelled: isCancelled)
  }

  /// Albedo and mattes (5, S, S) at MAGINet's resolution.
  private func albedoAndMattes(
    of portrait: Image, _ stage: inout StageRun
  ) throws(NeuralError) -> Tensor {
    let source = Tensor(portrait.fitted(toSide: stage.side), scale: 2, offset: -1)
    return try stage.run(["portrait": source], output: "passes")
  }

  /// The refined albedo at RefinementNet's resolution.
  private func refined(
    _ albedo: Image, _ portrait: Image, _ stage: inout StageRun
  ) throws(NeuralError) -> Image {
    let side = stage.side
    let strips = RefinementStrips(pictureHeight: side)
    let portrait = portrait.fitted(toSide: side)
    // Bilinear, as the network was trained.
    var result = albedo.resized(width: side, height: side, filter: .bilinear)
    func rows(of index: Int) -> Range<Int> {
      strips.strips[index].start..<strips.strips[index].start + strips.height
    }
    // A strip is taken before the one above it is replaced, of which it sees the last rows.
    var next = Tensor(result, rows: rows(of: 0))
    for (index, strip) in strips.strips.enumerated() {
      let part = 1 / Double(strips.strips.count)
      let upsampled = next
      if index + 1 < strips.strips.count { next = Tensor(result, rows: rows(of: index + 1)) }
      let refined = try stage.run(
        [
          "albedo": upsampled,
          "portrait": Tensor(portrait, rows: rows(of: index), scale: 2, offset: -1),
        ],
        output: "albedo", part: Double(index) * part...Double(index + 1) * part)
      result.replaceRows(strip.delivered, by: refined, startingAt: strip.start)
    }
    return result
  }

  /// The nine channels of the other passes at PassTranslator's resolution.
  private func translated(
    _ albedo: Image, _ portrait: Image, skin: Image, _ stage: inout StageRun
  ) throws(NeuralError) -> Tensor {
    let side = stage.side
    let portrait = Tensor(portrait.fitted(toSide: side), scale: 2, offset: -1)
    let sigmoids = try stage.run(
      [
        "albedo": Tensor(albedo.fitted(toSide: side)), "portrait": portrait,
        "skin": Tensor(skin.resized(width: side, height: side, filter: .bilinear)),
      ], output: "sigmoids")
    return PassTranslator.passes(fromSigmoids: sigmoids, portrait: portrait)
  }

  /// Everything at one extent, in the encodings that the passes have inside the program.
  private func stack(
    _ portrait: Image, albedo: Image, coarse: Tensor, passes: Tensor,
    isCancelled: @Sendable () -> Bool
  ) throws(DecompositionError) -> PassStack {
    let extent = portrait.width
    let skin = coarse.image(3..<4, .data).fitted(toSide: extent)
    let (matte, (refined, predicted, separation)) = Parallel.both {
      SubjectMatte(coarse.image(4..<5, .data), along: portrait)
    } _: {
      let photo = portrait.converted(to: .linear)
      let predicted = Self.enlarged(
        diffuse: passes.image(6..<9, .sRGB).converted(to: .linear),
        subject: coarse.image(4..<5, .data), along: photo)
      let leak = leak(portrait, albedo: albedo, skin: skin, passes: passes)
      var refined = albedo.fitted(toSide: extent).converted(to: .linear)
      if let leak { refined = leak.removed(from: consume refined) }
      return (
        refined, predicted, HighlightSeparation(photo: photo, albedo: refined, skin: skin)
      )
    }
    if isCancelled() { throw .cancelled }
    let diffuse = separation?.diffuse(elsewhere: predicted) ?? predicted
    let tinted =
      separation.map {
        ClothColor.corrected(refined, diffuse: diffuse, skin: skin, light: $0.light)
      } ?? refined
    let translated = Tensor(
      matte.spread(passes.image(0..<6, .data), blur: Self.translatorBlur))
    @Sendable func image(of kind: PassKind) -> Image {
      switch kind {
      case .albedo: matte.spread(tinted, blur: Self.refinedBlur)
      case .ao: translated.image(0..<1, .data).fitted(toSide: extent)
      case .normal:
        translated.image(1..<4, .data).resized(width: extent, height: extent)
          .normalizedVectors()
      case .specular: translated.image(4..<5, .data).fitted(toSide: extent)
      case .translucency: translated.image(5..<6, .data).fitted(toSide: extent)
      case .diffuse: diffuse
      }
    }
    // A pass is enlarged by one core, so that several are at once.
    let kinds = PassKind.allCases
    let images = Mutex<[PassKind: Image]>([:])
    Parallel.forEach(count: kinds.count) { index in
      if isCancelled() { return }
      let finished = image(of: kinds[index])
      images.withLock { $0[kinds[index]] = finished }
    }
    if isCancelled() { throw .cancelled }
    do {
      return try PassStack(
        passes: images.withLock { $0 }, skin: skin, subject: matte.image)
    } catch {
      preconditionFailure("the pipeline made passes that do not fit together: \(error)")
    }
  }

  /// The translator's raw diffuse colour at the photograph's extent, all linear.
  ///
  /// What is enlarged is the share that it leaves of a pixel, so that hair and clothes keep their detail;
  /// behind the subject that is all of it.
  private static func enlarged(diffuse: Image, subject: Image, along photo: Image) -> Image {
    let shown = photo.fitted(toSide: diffuse.width)
    let subject = subject.fitted(toSide: diffuse.width)
    let noise: Float = 0.004
    var share = diffuse
    for channel in 0..<share.channels {
      for pixel in 0..<share.pixelCount {
        let index = channel * share.pixelCount + pixel
        let left = (diffuse.samples[index] + noise) / (shown.samples[index] + noise)
        share.samples[index] = 1 - subject.samples[pixel] * (1 - min(left, 1))
      }
    }
    share = share.resized(width: photo.width, height: photo.height, filter: .bilinear)
    for index in share.samples.indices { share.samples[index] *= photo.samples[index] }
    share.encoding = photo.encoding
    return share
  }

  /// The light that the networks left in the albedo, at the resolution of the passes.
  private func leak(
    _ portrait: Image, albedo: Image, skin: Image, passes: Tensor
  ) -> ShadingLeak? {
    let side = passes.shape.width
    let albedo = albedo.fitted(toSide: side).converted(to: .linear)
    let skin = skin.fitted(toSide: side)
    let predicted = passes.image(6..<9, .sRGB).converted(to: .linear)
    let separation = HighlightSeparation(
      photo: portrait.fitted(toSide: side).converted(to: .linear), albedo: albedo, skin: skin)
    let diffuse = separation?.diffuse(elsewhere: predicted) ?? predicted
    return ShadingLeak(
      albedo: albedo, diffuse: diffuse,
      normal: passes.image(1..<4, .data).normalizedVectors(), ao: passes.image(0..<1, .data),
      skin: skin)
  }
}
