/// The learned scale and shift of one instance normalisation.
public struct NormalizationWeights: Sendable {
  /// The layer's path in the network.
  public let name: String
  /// One factor per channel.
  public let scale: [Float]
  /// One summand per channel.
  public let shift: [Float]
  /// What keeps the square root of the variance from zero.
  public let epsilon: Float

  /// Wraps the weights of a layer.
  public init(name: String, scale: [Float], shift: [Float], epsilon: Float) {
    precondition(scale.count == shift.count, "one scale and one shift per channel")
    self.name = name
    self.scale = scale
    self.shift = shift
    self.epsilon = epsilon
  }
}

extension Graph {
  /// Appends activation(residual + scale · (x − mean) / √(variance + ε) + shift), mean and variance per channel.
  ///
  /// - Parameters:
  ///   - source: what to normalise.
  ///   - weights: scale and shift.
  ///   - residual: added after the normalisation, if given.
  ///   - activation: applied last; must be piecewise linear.
  ///   - border: pixels of reflection padding to write around the result, for the next convolution.
  /// - Returns: a value of the source's shape.
  public mutating func instanceNorm(
    _ source: Value, _ weights: NormalizationWeights, residual: Value? = nil,
    activation: Activation = .identity, border: Int = 0
  ) -> Value {
    precondition(source.shape.channels == weights.scale.count, "\(weights.name): channels")
    precondition(residual == nil || residual?.shape == source.shape, "\(weights.name): residual")
    guard let negativeSlope = activation.negativeSlope else {
      preconditionFailure("\(weights.name): only piecewise linear activations are fused")
    }
    return append(
      weights.name, InstanceNorm(weights: weights, negativeSlope: negativeSlope),
      [source] + [residual].compactMap { $0 }, Layout(shape: source.shape, border: border))
  }
}

/// Instance normalisation, residual, activation and reflection padding in one pass over the result.
///
/// The library's batch normalisation would fuse neither the residual nor the padding, and each further pass
/// over a large map costs as much as this whole kernel.
struct InstanceNorm: Operation {
  let weights: NormalizationWeights
  let negativeSlope: Float

  /// Every sample is read before its place is written, so an unpadded result may replace its source.
  var inPlaceSource: Int? { 0 }

  func steps(
    sources: [FeatureMap], destination: FeatureMap, engine: Engine
  ) throws(NeuralError) -> [Step] {
    let kernel = try InstanceNormKernel(
      self, source: sources[0], residual: sources.count > 1 ? sources[1] : nil,
      destination: destination, threads: engine.threads)
    return [Step { () throws(NeuralError) in kernel.run() }]
  }
}

private final class InstanceNormKernel {
  private let operation: InstanceNorm
  private let source: FeatureMap
  private let residual: FeatureMap?
  private let destination: FeatureMap
  private let threads: Threads
  /// Per group of rows and channel: the sum and the sum of squares of x − x₀.
  private var partialSums: [Double]
  /// Two rows of scratch per group: the sums of one row in Float32.
  private let rowSums: AlignedBuffer
  /// Scale of all channels, then shift of all channels.
  private let affine: AlignedBuffer
  private let groupCount: Int

  init(
    _ operation: InstanceNorm, source: FeatureMap, residual: FeatureMap?, destination: FeatureMap,
    threads: Threads
  ) throws(NeuralError) {
    self.operation = operation
    self.source = source
    self.residual = residual
    self.destination = destination
    self.threads = threads
    // A fixed number of groups, so that the order of additions does not depend on the threads.
    groupCount = min(source.height, 32)
    partialSums = Array(repeating: 0, count: groupCount * 2 * source.channels)
    rowSums = try AlignedBuffer(count: groupCount * 2 * source.channels)
    affine = try AlignedBuffer(count: 2 * source.channels)
  }

  func run() {
    let (groupCount, height) = (groupCount, source.height)
    partialSums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      threads.forEachStrip(of: groupCount) { groups in
        for group in groups {
          let rows = height * group / groupCount..<height * (group + 1) / groupCount
          let offset = group * 2 * self.source.channels
          self.addSums(of: rows, into: sums + offset, scratch: self.rowSums.samples + offset)
        }
      }
    }
    combineSums()
    threads.forEachStrip(of: height) { rows in
      for y in rows {
        self.normalize(row: y)
        self.destination.reflectColumns(ofRow: y)
      }
    }
    destination.reflectRows()
  }

  /// Sums x − x₀ and its square, single rows in Float32 and over the rows in Double.
  ///
  /// x₀, the first pixel, takes away most of the mean; the variance would be a small difference of large sums.
  private func addSums(
    of rows: Range<Int>, into sums: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let channels = source.channels
    let origin = UnsafePointer(source.samples)
    sums.update(repeating: 0, count: 2 * channels)
    for y in rows {
      scratch.update(repeating: 0, count: 2 * channels)
      for phase in 0..<spansPerRow {
        addRowSums(span(phase, ofRow: y), spanWidth, origin: origin, into: scratch)
      }
      for index in 0..<2 * channels { sums[index] += Double(scratch[index]) }
    }
  }

  private func addRowSums(
    _ pixels: UnsafePointer<Float>, _ count: Int, origin: UnsafePointer<Float>,
    into scratch: UnsafeMutablePointer<Float>
  ) {
    let channels = source.channels
    for channel in stride(from: 0, to: channels.lanesEnd, by: Lanes.scalarCount) {
      let shift = (origin + channel).lanes
      var sum = Lanes.zero
      var squares = Lanes.zero
      for x in 0..<count {
        let difference = (pixels + x * channels + channel).lanes - shift
        sum += difference
        squares += difference * difference
      }
      (scratch + channel).lanes += sum
      (scratch + channels + channel).lanes += squares
    }
    for channel in channels.lanesEnd..<channels {
      let shift = origin[channel]
      for x in 0..<count {
        let difference = pixels[x * channels + channel] - shift
        scratch[channel] += difference
        scratch[channels + channel] += difference * difference
      }
    }
  }

  /// Turns the sums into one factor and one summand per channel.
  private func combineSums() {
    let channels = source.channels
    let pixelCount = Double(source.layout.shape.pixelCount)
    for channel in 0..<channels {
      var sum = 0.0
      var squares = 0.0
      for group in 0..<groupCount {
        sum += partialSums[group * 2 * channels + channel]
        squares += partialSums[group * 2 * channels + channels + channel]
      }
      let shiftedMean = sum / pixelCount
      let variance = max(0, squares / pixelCount - shiftedMean * shiftedMean)
      let mean = shiftedMean + Double(source.samples[channel])
      let weights = operation.weights
      let scale =
        Double(weights.scale[channel]) / (variance + Double(weights.epsilon)).squareRoot()
      affine.samples[channel] = Float(scale)
      affine.samples[channels + channel] = Float(Double(weights.shift[channel]) - mean * scale)
    }
  }

  private func normalize(row y: Int) {
    let target = destination.row(y)
    let addend = residual.map { UnsafePointer($0.row(y)) }
    let channels = source.channels
    for phase in 0..<spansPerRow {
      let pixels = span(phase, ofRow: y)
      let offset = phase * channels
      if let addend {
        normalize(pixels, adding: addend + offset, to: target + offset)
      } else {
        normalize(pixels, to: target + offset)
      }
    }
  }

  private func normalize(
    _ pixels: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>
  ) {
    let channels = source.channels
    let step = spansPerRow * channels
    let scale = UnsafePointer(affine.samples)
    let shift = scale + channels
    let slope = operation.negativeSlope
    for x in 0..<spanWidth {
      let pixel = pixels + x * channels
      let result = target + x * step
      for channel in stride(from: 0, to: channels.lanesEnd, by: Lanes.scalarCount) {
        let value =
          (pixel + channel).lanes * (scale + channel).lanes + (shift + channel).lanes
        (result + channel).lanes = value.replacing(with: value * slope, where: value .< 0)
      }
      for channel in channels.lanesEnd..<channels {
        let value = pixel[channel] * scale[channel] + shift[channel]
        result[channel] = value < 0 ? value * slope : value
      }
    }
  }

  private func normalize(
    _ pixels: UnsafePointer<Float>, adding addend: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>
  ) {
    let channels = source.channels
    let step = spansPerRow * channels
    let scale = UnsafePointer(affine.samples)
    let shift = scale + channels
    let slope = operation.negativeSlope
    for x in 0..<spanWidth {
      let pixel = pixels + x * channels
      let added = addend + x * step
      let result = target + x * step
      for channel in stride(from: 0, to: channels.lanesEnd, by: Lanes.scalarCount) {
        let value =
          (pixel + channel).lanes * (scale + channel).lanes + (shift + channel).lanes
          + (added + channel).lanes
        (result + channel).lanes = value.replacing(with: value * slope, where: value .< 0)
      }
      for channel in channels.lanesEnd..<channels {
        let value = pixel[channel] * scale[channel] + shift[channel] + added[channel]
        result[channel] = value < 0 ? value * slope : value
      }
    }
  }

  /// Dense stretches of pixels in a row: two in a phased layout, whose pixels alternate in the result.
  private var spansPerRow: Int { source.layout.isPhased ? 2 : 1 }
  private var spanWidth: Int { source.width / spansPerRow }

  private func span(_ phase: Int, ofRow y: Int) -> UnsafePointer<Float> {
    UnsafePointer(source.layout.isPhased ? source.phaseRow(y, columnPhase: phase) : source.row(y))
  }
}
