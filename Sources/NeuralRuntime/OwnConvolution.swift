import CConvolutionKernels

extension Convolution {
  /// The work done by an own kernel; nil where the library's is faster.
  func ownSteps(
    source: FeatureMap, destination: FeatureMap, engine: Engine
  ) throws(NeuralError) -> [Step]? {
    guard weights.kernelHeight == 3, weights.kernelWidth == 3, stride == 1, dilation == 1,
      padding == .uniform(padding.top), let slope = activation.negativeSlope
    else { return nil }
    let pictures = try Pictures(self, source: source, destination: destination, slope: slope)
    if weights.outputChannels <= 8 {
      return try thinSteps(pictures, engine: engine)
    }
    // The library has the matrix unit, next to which sparing products does not pay.
    let isForMatrixUnit = engine.precision == .bfloat16 && Precision.hasMatrixUnit
    if !isForMatrixUnit && profitsFromWinograd(destination.layout.shape) {
      return try winogradSteps(pictures, engine: engine)
    }
    return nil
  }

  /// Whether fewer products outweigh the transforms, measured from 32 channels and a thousand pixels on.
  ///
  /// With more channels on smaller pictures the factors, four times the weights, leave the cache.
  private func profitsFromWinograd(_ result: Shape) -> Bool {
    weights.inputChannels % 16 == 0 && weights.outputChannels % 16 == 0
      && min(weights.inputChannels, weights.outputChannels) >= 32 && result.pixelCount >= 1000
  }

  /// Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray 2016).
  private func winogradSteps(
    _ pictures: Pictures, engine: Engine
  ) throws(NeuralError) -> [Step] {
    let (inputs, outputs) = (Int32(weights.inputChannels), Int32(weights.outputChannels))
    let isPaired = engine.precision == .bfloat16
    let filtering =
      isPaired ? engine.kernels.loops.winograd_paired : engine.kernels.loops.winograd
    let implementation = isPaired ? "own winograd_4x3:bf16" : "own winograd_4x3"
    let factors = try AlignedBuffer(count: 4 * weights.weight.count / (isPaired ? 2 : 1))
    filtering.factors(weights.weight.decoded(), inputs, outputs, factors.samples)
    // Each worker has its own part of the scratch memory.
    let scratchFloats = convolution_scratch(inputs, outputs)
    engine.scratch.reserve(
      bytes: engine.threads.count * scratchFloats * MemoryLayout<Float>.stride)
    let (tileRows, tileColumns) = ((pictures.rows + 3) / 4, (pictures.columns + 3) / 4)
    return bands(of: tileRows, gigaflops: pictures.gigaflops).map { band in
      let share = Double(band.count) / Double(tileRows)
      return Step(implementation: implementation, gigaflops: pictures.gigaflops * share) {
        let scratch = engine.scratch.start.assumingMemoryBound(to: Float.self)
        let (first, count) = (band.lowerBound * tileColumns, band.count * tileColumns)
        let workers = min(engine.threads.count, count)
        engine.threads.forEachStrip(of: workers) { strip in
          for worker in strip {
            pictures.withUnsafePointer {
              filtering.tiles(
                $0, factors.samples, scratch + worker * scratchFloats,
                Int32(first + count * worker / workers),
                Int32(first + count * (worker + 1) / workers))
            }
          }
        }
      }
    }
  }

  /// A few outputs: a general convolution pads them to a whole vector and so does the work of sixteen.
  private func thinSteps(_ pictures: Pictures, engine: Engine) throws(NeuralError) -> [Step] {
    let loops = engine.kernels.loops
    let factors = try AlignedBuffer(count: weights.weight.count)
    let (inputs, outputs) = (weights.inputChannels, weights.outputChannels)
    let samples = weights.weight.decoded()
    for output in 0..<outputs {
      for input in 0..<inputs {
        for tap in 0..<9 {
          let place = ((tap / 3 * outputs + output) * 3 + tap % 3) * inputs + input
          factors.samples[place] = samples[(output * inputs + input) * 9 + tap]
        }
      }
    }
    return bands(of: pictures.rows, gigaflops: pictures.gigaflops).map { band in
      let share = Double(band.count) / Double(pictures.rows)
      return Step(implementation: "own thin", gigaflops: pictures.gigaflops * share) {
        engine.threads.forEachStrip(of: band.count) { strip in
          pictures.withUnsafePointer {
            loops.thin(
              $0, factors.samples, Int32(band.lowerBound + strip.lowerBound),
              Int32(band.lowerBound + strip.upperBound))
          }
        }
      }
    }
  }

  /// What the kernels know of source and result.
  private final class Pictures {
    private var pictures: convolution_pictures
    private let bias: AlignedBuffer
    let gigaflops: Double

    var rows: Int { Int(pictures.height) }
    var columns: Int { Int(pictures.width) }

    init(
      _ convolution: Convolution, source: FeatureMap, destination: FeatureMap, slope: Float
    ) throws(NeuralError) {
      let weights = convolution.weights
      bias = try AlignedBuffer(count: weights.outputChannels)
      bias.samples.update(from: weights.bias, count: weights.outputChannels)
      gigaflops =
        2e-9 * Double(weights.weight.count) * Double(destination.layout.shape.pixelCount)
      pictures = convolution_pictures(
        source: source.samples, source_stride: source.layout.rowStride,
        source_height: Int32(source.layout.storedHeight),
        source_width: Int32(source.layout.storedWidth), inputs: Int32(weights.inputChannels),
        result: destination.samples, result_stride: destination.layout.rowStride,
        height: Int32(destination.height), width: Int32(destination.width),
        outputs: Int32(weights.outputChannels), padding: Int32(convolution.padding.top),
        bias: bias.samples, negative_slope: slope)
    }

    func withUnsafePointer(_ body: (UnsafePointer<convolution_pictures>) -> Void) {
      Swift.withUnsafePointer(to: pictures, body)
    }
  }
}
