/// A 3×3 convolution to a few channels, zeros around the picture.
///
/// A general convolution pads the outputs to a whole vector and so does the work of sixteen. Here each source
/// pixel is first multiplied with all nine taps at once, as a 1×1 convolution to 9 · outputs channels; then
/// every result pixel gathers its nine neighbours' products.
struct ThinConvolution: Operation {
  let weights: ConvolutionWeights

  /// The most outputs for which this is worth while; also the lanes that are added at once.
  static let largestOutputChannels = Products.scalarCount
  private typealias Products = SIMD8<Float>

  /// Rows between two looks at cancellation; the products of so many rows stay in the cache.
  private static let bandRows = 24

  func steps(
    sources: [FeatureMap], destination: FeatureMap, engine: Engine
  ) throws(NeuralError) -> [Step] {
    let source = sources[0]
    precondition(source.layout.border == 0 && !source.layout.isPhased)
    let spread = Convolution(
      weights: weights.spread, stride: 1, padding: Padding(), dilation: 1, activation: .identity)
    let (width, stride) = (destination.width, destination.width * spread.weights.outputChannels)
    // Additions load a whole vector at the last tap, too.
    let products = try AlignedBuffer(
      count: (Self.bandRows + 2) * stride + Self.largestOutputChannels)
    var primitives: [Int: (ConvolutionPrimitive, PreparedWeights)] = [:]
    var steps: [Step] = []
    for first in Swift.stride(from: 0, to: destination.height, by: Self.bandRows) {
      let rows = first..<min(first + Self.bandRows, destination.height)
      let sourceRows = max(rows.lowerBound - 1, 0)..<min(rows.upperBound + 1, destination.height)
      if primitives[sourceRows.count] == nil {
        let band = Convolution.Band.Geometry(
          rows: sourceRows.count, sourceRows: sourceRows.count, paddingTop: 0, paddingBottom: 0)
        let primitive = try ConvolutionPrimitive(
          spread, band, sourceWidth: width, resultWidth: width, engine: engine)
        let prepared = try PreparedWeights(
          spread.weights, descriptor: primitive.weightsDescriptor, engine: engine)
        primitives[sourceRows.count] = (primitive, prepared)
      }
      guard let (primitive, prepared) = primitives[sourceRows.count] else { continue }
      let multiply = try primitive.step(
        source: source.row(sourceRows.lowerBound), destination: products.samples,
        weights: prepared, engine: engine, gigaflops: 0)
      let work = 2e-9 * Double(rows.count * width * weights.weight.count)
      steps.append(
        Step(implementation: "own over \(multiply.implementation)", gigaflops: work) {
          () throws(NeuralError) in
          try multiply.run()
          engine.threads.forEachStrip(of: rows.count) { strip in
            for row in strip {
              gather(
                row: rows.lowerBound + row, from: products.samples, sourceRows: sourceRows,
                stride: stride, to: destination)
            }
          }
        })
    }
    return steps
  }

  /// Adds the products that reach one row of the result.
  private func gather(
    row: Int, from products: UnsafePointer<Float>, sourceRows: Range<Int>, stride: Int,
    to destination: FeatureMap
  ) {
    let (width, outputs) = (destination.width, weights.outputChannels)
    let channels = weights.spreadChannels
    var bias = Products.zero
    for output in 0..<outputs { bias[output] = weights.bias[output] }
    let result = destination.row(row)
    let reachable = max(row - 1, sourceRows.lowerBound)..<min(row + 2, sourceRows.upperBound)

    /// The sum over the columns `taps` of the kernel.
    func sum(at x: Int, taps: Range<Int>) -> Products {
      var sum = bias
      for sourceRow in reachable {
        let line = products + (sourceRow - sourceRows.lowerBound) * stride
        let tap = (sourceRow - row + 1) * 3
        for column in taps {
          sum += Self.products(
            at: line + (x + column - 1) * channels + (tap + column) * outputs)
        }
      }
      return sum
    }
    func store(_ sum: Products, at x: Int) {
      for output in 0..<outputs { result[x * outputs + output] = sum[output] }
    }

    store(sum(at: 0, taps: 1..<min(3, width + 1)), at: 0)
    if width > 1 { store(sum(at: width - 1, taps: 0..<2), at: width - 1) }
    var x = 1
    if reachable.count == 3 {
      // A whole vector is stored; what it holds too much, the next pixels overwrite.
      let top = products + (row - 1 - sourceRows.lowerBound) * stride
      let step = channels + outputs
      while x < width - 1 - Products.scalarCount {
        var sum = bias
        var line = top + (x - 1) * channels
        for _ in 0..<3 {
          sum += Self.products(at: line)
          sum += Self.products(at: line + step)
          sum += Self.products(at: line + 2 * step)
          line += stride + 3 * outputs
        }
        UnsafeMutableRawPointer(result + x * outputs).storeBytes(of: sum, as: Products.self)
        x += 1
      }
    }
    while x < width - 1 {
      store(sum(at: x, taps: 0..<3), at: x)
      x += 1
    }
  }

  @inline(__always)
  private static func products(at pointer: UnsafePointer<Float>) -> Products {
    UnsafeRawPointer(pointer).loadUnaligned(as: Products.self)
  }
}

extension ConvolutionWeights {
  /// Products of one pixel, filled up to whole vectors.
  fileprivate var spreadChannels: Int {
    (9 * outputChannels + Lanes.scalarCount - 1) / Lanes.scalarCount * Lanes.scalarCount
  }

  /// The 1×1 kernel whose channel `tap · outputs + output` is this 3×3 kernel's tap; without bias.
  fileprivate var spread: ConvolutionWeights {
    var samples: [Float] = []
    samples.reserveCapacity(spreadChannels * inputChannels)
    for tap in 0..<9 {
      for output in 0..<outputChannels {
        for input in 0..<inputChannels {
          samples.append(weight[(output * inputChannels + input) * 9 + tap])
        }
      }
    }
    samples += Array(repeating: 0, count: spreadChannels * inputChannels - samples.count)
    return ConvolutionWeights(
      name: name, outputChannels: spreadChannels, inputChannels: inputChannels,
      kernelSize: (1, 1), weight: samples)
  }
}
