import CConvolutionKernels
import Foundation

extension Graph {
  /// Appends position attention: each pixel becomes a mean of all values, weighted by
  /// softmax(query · key · scale) over the pixels asked.
  ///
  /// - Precondition: the three have one extent, query and key also one number of channels.
  public mutating func positionAttention(
    query: Value, key: Value, value: Value, scale: Float, name: String
  ) -> Value {
    precondition(query.shape == key.shape, "\(name): query and key")
    precondition(query.shape.pixelCount == value.shape.pixelCount, "\(name): extent")
    // Channels-last memory is the matrix of pixels × channels.
    var shape = query.shape
    shape.channels = query.shape.pixelCount  // (P, P): row = asking
    let energy = append(
      "\(name).energy", MatrixProduct(transposesSecond: true, scale: scale), [query, key],
      Layout(shape: shape))
    let attention = softmax(energy, name: "\(name).softmax")
    return append(
      "\(name).values", MatrixProduct(scale: 1), [attention, value], Layout(shape: value.shape))
  }

  /// Appends channel attention: each channel becomes a mean of all channels, weighted by the softmax of
  /// their products divided by the number of pixels.
  public mutating func channelAttention(_ source: Value, name: String) -> Value {
    let channels = source.shape.channels
    let energy = append(
      "\(name).energy",
      MatrixProduct(transposesFirst: true, scale: 1 / Float(source.shape.pixelCount)),
      [source, source], Layout(shape: Shape(channels: channels, height: 1, width: channels)))
    let attention = softmax(energy, name: "\(name).softmax")
    return append(
      "\(name).values", MatrixProduct(transposesSecond: true, scale: 1), [source, attention],
      Layout(shape: source.shape))
  }

  private mutating func softmax(_ source: Value, name: String) -> Value {
    append(name, ChannelSoftmax(), [source], source.layout)
  }
}

/// scale · A · B over values seen as matrices of pixels × channels, either one transposed.
struct MatrixProduct: Operation {
  var transposesFirst = false
  var transposesSecond = false
  let scale: Float

  func steps(
    sources: [FeatureMap], destination: FeatureMap, engine: Engine
  ) throws(NeuralError) -> [Step] {
    precondition(sources.allSatisfy { $0.layout.border == 0 && !$0.layout.isPhased })
    let (first, second) = (sources[0], sources[1])
    let (rows, columns) = (destination.layout.shape.pixelCount, destination.channels)
    let inner = transposesFirst ? first.layout.shape.pixelCount : first.channels
    let work = 2e-9 * Double(rows) * Double(columns) * Double(inner)
    let secondCount = inner * columns
    if transposesSecond {
      engine.scratch.reserve(bytes: secondCount * MemoryLayout<Float>.stride)
    }
    return [
      Step(implementation: "own matrix product", gigaflops: work) {
        var factors = matrix_factors(
          first: first.samples, first_row: transposesFirst ? 1 : first.channels,
          first_column: transposesFirst ? first.channels : 1, second: second.samples,
          result: destination.samples, inner: Int32(inner), columns: Int32(columns), scale: scale)
        if transposesSecond {
          let turned = engine.scratch.start.assumingMemoryBound(to: Float.self)
          engine.threads.forEachStrip(of: inner) { strip in
            for row in strip {
              for column in 0..<columns {
                turned[row * columns + column] = second.samples[column * inner + row]
              }
            }
          }
          factors.second = UnsafePointer(turned)
        }
        engine.threads.forEachStrip(of: rows) { [factors] strip in
          withUnsafePointer(to: factors) {
            engine.kernels.loops.multiply($0, Int32(strip.lowerBound), Int32(strip.upperBound))
          }
        }
      }
    ]
  }
}

/// Softmax over the channels of each pixel.
struct ChannelSoftmax: Operation {
  var inPlaceSource: Int? { 0 }

  func steps(
    sources: [FeatureMap], destination: FeatureMap, engine: Engine
  ) throws(NeuralError) -> [Step] {
    let source = sources[0]
    let (channels, width) = (source.channels, source.width)
    // A matrix may be a single row of many pixels: strips of pixels, not of rows.
    return [
      Step { () throws(NeuralError) in
        engine.threads.forEachStrip(of: source.height * width) { pixels in
          for pixel in pixels {
            let row = source.samples + pixel * channels
            let result = destination.samples + pixel * channels
            // Subtracting the largest keeps the exponential from overflowing.
            var largest = row[0]
            for channel in 1..<max(channels, 1) { largest = max(largest, row[channel]) }
            var sum: Float = 0
            for channel in 0..<channels {
              // What no sum would show is left out: products with subnormal numbers take 20 times as long.
              let exponent = row[channel] - largest
              let power = exponent < -50 ? 0 : exp(exponent)
              result[channel] = power
              sum += power
            }
            let factor = 1 / sum
            for channel in 0..<channels { result[channel] *= factor }
          }
        }
      }
    ]
  }
}
