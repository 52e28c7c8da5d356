import Foundation

extension Graph {
  /// Appends Σ wᵢ · sourceᵢ with one weight per source and pixel.
  ///
  /// The weights are the softmax of a 1×1 convolution over all sources (Liu et al. 2019, "Learning spatial
  /// fusion for single-shot object detection").
  ///
  /// - Precondition: the sources have one shape; `weights` maps all their channels to one per source.
  public mutating func softmaxFused(_ sources: [Value], _ weights: ConvolutionWeights) -> Value {
    let shape = sources[0].shape
    precondition(sources.allSatisfy { $0.shape == shape }, "\(weights.name): sources")
    precondition(weights.outputChannels == sources.count, "\(weights.name): outputs")
    precondition(weights.weight.count == sources.count * sources.count * shape.channels)
    return append(weights.name, SoftmaxFusion(weights: weights), sources, Layout(shape: shape))
  }

  /// Appends Σ factorᵢ · valueᵢ, clamped when a range is given.
  ///
  /// - Precondition: the values have one shape.
  public mutating func weightedSum(
    _ terms: [(value: Value, factor: Float)], clampedTo range: ClosedRange<Float>? = nil,
    name: String
  ) -> Value {
    let layout = Layout(shape: terms[0].value.shape)
    precondition(terms.allSatisfy { $0.value.layout == layout }, "\(name): shapes")
    return append(
      name, WeightedSum(factors: terms.map(\.factor), range: range), terms.map(\.value), layout)
  }
}

/// Mixes sources pixel by pixel without ever storing their concatenation.
struct SoftmaxFusion: Operation {
  let weights: ConvolutionWeights

  /// A pixel is read whole before it is written.
  var inPlaceSource: Int? { 0 }

  func steps(
    sources: [FeatureMap], destination: FeatureMap, engine: Engine
  ) throws(NeuralError) -> [Step] {
    precondition(sources.allSatisfy { $0.layout.border == 0 && !$0.layout.isPhased })
    let work = 2e-9 * Double(weights.weight.count * destination.layout.shape.pixelCount)
    let samples = weights.weight.decoded()
    return [
      Step(gigaflops: work) { () throws(NeuralError) in
        samples.withUnsafeBufferPointer { kernel in
          guard let kernel = kernel.baseAddress else { return }
          engine.threads.forEachStrip(of: destination.height) { rows in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: sources.count) { mix in
              guard let mix = mix.baseAddress else { return }
              let pixels = rows.lowerBound * destination.width..<rows.upperBound * destination.width
              for pixel in pixels {
                weigh(sources, pixel, kernel, into: mix)
                blend(sources, pixel, mix, to: destination)
              }
            }
          }
        }
      }
    ]
  }

  /// The softmax of the sources' logits at one pixel.
  private func weigh(
    _ sources: [FeatureMap], _ pixel: Int, _ kernel: UnsafePointer<Float>,
    into mix: UnsafeMutablePointer<Float>
  ) {
    let channels = sources[0].channels
    var largest = -Float.infinity
    for output in 0..<sources.count {
      var sum = Lanes.zero
      var logit = weights.bias[output]
      for (index, source) in sources.enumerated() {
        let row = kernel + (output * sources.count + index) * channels
        let samples = source.samples + pixel * channels
        for channel in stride(from: 0, to: channels.lanesEnd, by: Lanes.scalarCount) {
          sum += (samples + channel).lanes * (row + channel).lanes
        }
        for channel in channels.lanesEnd..<channels { logit += samples[channel] * row[channel] }
      }
      mix[output] = logit + sum.sum()
      largest = max(largest, mix[output])
    }
    var total: Float = 0
    for output in 0..<sources.count {
      mix[output] = exp(mix[output] - largest)
      total += mix[output]
    }
    for output in 0..<sources.count { mix[output] /= total }
  }

  private func blend(
    _ sources: [FeatureMap], _ pixel: Int, _ mix: UnsafePointer<Float>, to destination: FeatureMap
  ) {
    let channels = destination.channels
    let result = destination.samples + pixel * channels
    for channel in stride(from: 0, to: channels.lanesEnd, by: Lanes.scalarCount) {
      var sum = Lanes.zero
      for (index, source) in sources.enumerated() {
        sum += (source.samples + pixel * channels + channel).lanes * mix[index]
      }
      (result + channel).lanes = sum
    }
    for channel in channels.lanesEnd..<channels {
      var sum: Float = 0
      for (index, source) in sources.enumerated() {
        sum += source.samples[pixel * channels + channel] * mix[index]
      }
      result[channel] = sum
    }
  }
}

/// A linear combination of values of one layout.
struct WeightedSum: Operation {
  let factors: [Float]
  let range: ClosedRange<Float>?

  /// A block of samples is read from all sources before it is written.
  var inPlaceSource: Int? { 0 }

  func steps(
    sources: [FeatureMap], destination: FeatureMap, engine: Engine
  ) throws(NeuralError) -> [Step] {
    let count = destination.layout.count
    return [
      Step { () throws(NeuralError) in
        let blocks = count / Lanes.scalarCount
        engine.threads.forEachStrip(of: blocks) { strip in
          for block in strip { addLanes(at: block * Lanes.scalarCount, sources, destination) }
        }
        for index in count.lanesEnd..<count { addSample(at: index, sources, destination) }
      }
    ]
  }

  private func addLanes(at index: Int, _ sources: [FeatureMap], _ destination: FeatureMap) {
    var sum = Lanes.zero
    for (source, factor) in zip(sources, factors) { sum += (source.samples + index).lanes * factor }
    if let range {
      let (lower, upper) = (Lanes(repeating: range.lowerBound), Lanes(repeating: range.upperBound))
      sum.replace(with: lower, where: sum .< lower)
      sum.replace(with: upper, where: sum .> upper)
    }
    (destination.samples + index).lanes = sum
  }

  private func addSample(at index: Int, _ sources: [FeatureMap], _ destination: FeatureMap) {
    var sum: Float = 0
    for (source, factor) in zip(sources, factors) { sum += source.samples[index] * factor }
    if let range { sum = min(max(sum, range.lowerBound), range.upperBound) }
    destination.samples[index] = sum
  }
}
