import COneDNN

/// The learned part of one convolution.
public struct ConvolutionWeights: Sendable {
  /// The layer's path in the network.
  public let name: String
  /// Number of output channels.
  public let outputChannels: Int
  /// Number of input channels.
  public let inputChannels: Int
  /// Rows of the kernel.
  public let kernelHeight: Int
  /// Columns of the kernel.
  public let kernelWidth: Int
  /// Samples in the order output, input, row, column.
  public var weight: LearnedSamples
  /// One sample per output channel; zeros when the layer has none.
  public var bias: [Float]

  /// Wraps weights of a kernel of any size.
  ///
  /// - Precondition: the counts fit together.
  public init(
    name: String, outputChannels: Int, inputChannels: Int, kernelSize: (height: Int, width: Int),
    weight: [Float], bias: [Float]? = nil
  ) {
    self.init(
      name: name, outputChannels: outputChannels, inputChannels: inputChannels,
      kernelSize: kernelSize, samples: LearnedSamples(weight), bias: bias)
  }

  /// The same with samples that need not be decoded yet.
  init(
    name: String, outputChannels: Int, inputChannels: Int, kernelSize: (height: Int, width: Int),
    samples weight: LearnedSamples, bias: [Float]?
  ) {
    precondition(
      weight.count == outputChannels * inputChannels * kernelSize.height * kernelSize.width)
    precondition(bias == nil || bias?.count == outputChannels)
    self.name = name
    self.outputChannels = outputChannels
    self.inputChannels = inputChannels
    kernelHeight = kernelSize.height
    kernelWidth = kernelSize.width
    self.weight = weight
    self.bias = bias ?? Array(repeating: 0, count: outputChannels)
  }
}

/// Zeros assumed around a picture.
struct Padding: Equatable, Sendable {
  var top = 0
  var left = 0
  var bottom = 0
  var right = 0

  static func uniform(_ size: Int) -> Padding {
    Padding(top: size, left: size, bottom: size, right: size)
  }
}

extension Graph {
  /// Appends a convolution; with `padding` 0 a reflected border of the source takes the padding's place.
  ///
  /// - Precondition: the source has the kernel's input channels, and not both border and padding.
  public mutating func convolution(
    _ source: Value, _ weights: ConvolutionWeights, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, activation: Activation = .identity
  ) -> Value {
    precondition(source.shape.channels == weights.inputChannels, "\(weights.name): input channels")
    precondition(source.layout.border == 0 || padding == 0, "\(weights.name): border and padding")
    let operation = Convolution(
      weights: weights, stride: stride, padding: .uniform(padding), dilation: dilation,
      activation: activation)
    let layout = Layout(shape: operation.resultShape(ofStored: source.layout))
    return append(weights.name, operation, [source], layout)
  }
}

/// A convolution, run in bands of rows.
struct Convolution: Operation {
  let weights: ConvolutionWeights
  let stride: Int
  let padding: Padding
  let dilation: Int
  let activation: Activation

  /// A primitive this large takes about 20 ms on one slow core: small enough to cancel between two even when
  /// the machine is busy with other work.
  private static let bandGigaflops = 1.0

  /// Cuts `rows` that take so many operations into bands small enough for one step.
  func bands(of rows: Int, gigaflops: Double) -> [Range<Int>] {
    let count = max(1, (gigaflops / Self.bandGigaflops).rounded(.up))
    let bandRows = Int((Double(rows) / count).rounded(.up))
    return Swift.stride(from: 0, to: rows, by: bandRows).map { $0..<min($0 + bandRows, rows) }
  }

  private var kernelExtent: (height: Int, width: Int) {
    ((weights.kernelHeight - 1) * dilation + 1, (weights.kernelWidth - 1) * dilation + 1)
  }

  /// The extent of the result for a source in memory, its border included.
  func resultShape(ofStored layout: Layout) -> Shape {
    let extent = kernelExtent
    let height = layout.storedHeight + padding.top + padding.bottom - extent.height
    let width = layout.storedWidth + padding.left + padding.right - extent.width
    return Shape(
      channels: weights.outputChannels, height: height / stride + 1, width: width / stride + 1)
  }

  func steps(
    sources: [FeatureMap], destination: FeatureMap, engine: Engine
  ) throws(NeuralError) -> [Step] {
    let source = sources[0]
    precondition(destination.layout.border == 0, "a convolution writes no border")
    if let steps = try ownSteps(source: source, destination: destination, engine: engine) {
      return steps
    }
    let operationsPerRow = 2e-9 * Double(destination.width * weights.weight.count)
    // Fewer than sixteen outputs take as long as sixteen.
    let lanes = (weights.outputChannels + Lanes.scalarCount - 1) / Lanes.scalarCount
    let fill = Double(lanes * Lanes.scalarCount) / Double(weights.outputChannels)
    let gigaflops = operationsPerRow * fill * Double(destination.height)

    var primitives: [Band.Geometry: ConvolutionPrimitive] = [:]
    var prepared: [PreparedWeights] = []
    var steps: [Step] = []
    for rows in bands(of: destination.height, gigaflops: gigaflops) {
      let band = Band(rows: rows, of: self, sourceHeight: source.layout.storedHeight)
      let primitive: ConvolutionPrimitive
      if let known = primitives[band.geometry] {
        primitive = known
      } else {
        primitive = try ConvolutionPrimitive(
          self, band.geometry, sourceWidth: source.layout.storedWidth,
          resultWidth: destination.width, engine: engine)
        primitives[band.geometry] = primitive
      }
      let weights: PreparedWeights
      if let known = prepared.first(where: { $0.fits(primitive.weightsDescriptor) }) {
        weights = known
      } else {
        weights = try PreparedWeights(
          self.weights, descriptor: primitive.weightsDescriptor, engine: engine)
        prepared.append(weights)
      }
      steps.append(
        try primitive.step(
          source: source.samples + band.firstSourceRow * source.layout.rowStride,
          destination: destination.row(rows.lowerBound), weights: weights, engine: engine,
          gigaflops: operationsPerRow * Double(band.geometry.rows)))
    }
    return steps
  }

  /// A range of result rows with the source rows it needs.
  struct Band {
    /// What makes two bands share a primitive.
    struct Geometry: Hashable {
      var rows: Int
      var sourceRows: Int
      var paddingTop: Int
      var paddingBottom: Int
    }

    let geometry: Geometry
    let firstSourceRow: Int

    init(rows: Range<Int>, of convolution: Convolution, sourceHeight: Int) {
      let first = rows.lowerBound * convolution.stride - convolution.padding.top
      let end =
        (rows.upperBound - 1) * convolution.stride - convolution.padding.top
        + convolution.kernelExtent.height
      firstSourceRow = max(first, 0)
      geometry = Geometry(
        rows: rows.count, sourceRows: min(end, sourceHeight) - max(first, 0),
        paddingTop: max(-first, 0), paddingBottom: max(end - sourceHeight, 0))
    }
  }
}
