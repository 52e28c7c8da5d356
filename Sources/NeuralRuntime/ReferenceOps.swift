import Foundation

/// The plain twin of every operation, over planar tensors with sums in Double: what the fast paths are held to.
package enum ReferenceOps {
  /// The square or rectangular convolution with zero padding.
  package static func convolution(
    _ x: Tensor, _ weights: ConvolutionWeights, stride: Int = 1, padding: Int = 0, dilation: Int = 1
  ) -> Tensor {
    let (rows, columns) = (weights.kernelHeight, weights.kernelWidth)
    let height = (x.shape.height + 2 * padding - (rows - 1) * dilation - 1) / stride + 1
    let width = (x.shape.width + 2 * padding - (columns - 1) * dilation - 1) / stride + 1
    let weight = weights.weight.decoded()
    return filled(Shape(channels: weights.outputChannels, height: height, width: width)) {
      output, y, column in
      var sum = Double(weights.bias[output])
      for input in 0..<weights.inputChannels {
        for i in 0..<rows {
          for j in 0..<columns {
            let sample = x.sample(
              input, y * stride - padding + i * dilation, column * stride - padding + j * dilation)
            let index = ((output * weights.inputChannels + input) * rows + i) * columns + j
            sum += Double(sample) * Double(weight[index])
          }
        }
      }
      return sum
    }
  }

  /// The transposed convolution of stride 2, kernel 3, padding 1 and output padding 1, by scattering.
  package static func transposedConvolution(_ x: Tensor, _ weights: ConvolutionWeights) -> Tensor {
    let (height, width) = (2 * x.shape.height, 2 * x.shape.width)
    let samples = weights.weight.decoded()
    var sums = weights.bias.flatMap {
      Array(repeating: Double($0), count: height * width)
    }
    for input in 0..<weights.inputChannels {
      for output in 0..<weights.outputChannels {
        for y in 0..<x.shape.height {
          for column in 0..<x.shape.width {
            for tap in 0..<9 {
              let (row, target) = (2 * y - 1 + tap / 3, 2 * column - 1 + tap % 3)
              guard 0..<height ~= row, 0..<width ~= target else { continue }
              let weight = samples[(input * weights.outputChannels + output) * 9 + tap]
              sums[(output * height + row) * width + target] +=
                Double(x.sample(input, y, column)) * Double(weight)
            }
          }
        }
      }
    }
    return Tensor(
      shape: Shape(channels: weights.outputChannels, height: height, width: width),
      samples: sums.map { Float($0) })
  }

  /// Instance normalisation with the variance from differences to the mean.
  package static func instanceNorm(_ x: Tensor, _ weights: NormalizationWeights) -> Tensor {
    let plane = x.shape.pixelCount
    var result = x
    for channel in 0..<x.shape.channels {
      let range = channel * plane..<(channel + 1) * plane
      let mean = x.samples[range].reduce(0) { $0 + Double($1) } / Double(plane)
      let variance =
        x.samples[range].reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        / Double(plane)
      let scale = 1 / (variance + Double(weights.epsilon)).squareRoot()
      for index in range {
        let normal = (Double(x.samples[index]) - mean) * scale
        result.samples[index] = Float(
          normal * Double(weights.scale[channel]) + Double(weights.shift[channel]))
      }
    }
    return result
  }

  /// The function applied to every sample.
  package static func activated(_ x: Tensor, _ activation: Activation) -> Tensor {
    let function: (Float) -> Float =
      switch activation {
      case .identity: { $0 }
      case .relu: { max($0, 0) }
      case .leakyRelu(let slope): { $0 < 0 ? $0 * slope : $0 }
      case .sigmoid: { Float(1 / (1 + exp(-Double($0)))) }
      }
    return Tensor(shape: x.shape, samples: x.samples.map(function))
  }

  /// The picture with its mirrored surroundings; edge pixels are not repeated.
  package static func reflectionPadded(_ x: Tensor, border: Int) -> Tensor {
    func mirrored(_ position: Int, _ count: Int) -> Int {
      position < 0 ? -position : position >= count ? 2 * (count - 1) - position : position
    }
    let shape = Shape(
      channels: x.shape.channels, height: x.shape.height + 2 * border,
      width: x.shape.width + 2 * border)
    return filled(shape) { channel, y, column in
      Double(
        x.sample(
          channel, mirrored(y - border, x.shape.height), mirrored(column - border, x.shape.width)))
    }
  }

  /// Bilinear interpolation with half-pixel centres.
  package static func resized(_ x: Tensor, height: Int, width: Int) -> Tensor {
    func position(_ index: Int, _ target: Int, _ source: Int) -> (Int, Int, Double) {
      let coordinate = max(0, (Double(index) + 0.5) * Double(source) / Double(target) - 0.5)
      let first = min(Int(coordinate), source - 1)
      return (first, min(first + 1, source - 1), coordinate - Double(first))
    }
    let shape = Shape(channels: x.shape.channels, height: height, width: width)
    return filled(shape) { channel, y, column in
      let (top, bottom, v) = position(y, height, x.shape.height)
      let (left, right, u) = position(column, width, x.shape.width)
      func sample(_ y: Int, _ column: Int) -> Double { Double(x.sample(channel, y, column)) }
      return (1 - v) * ((1 - u) * sample(top, left) + u * sample(top, right))
        + v * ((1 - u) * sample(bottom, left) + u * sample(bottom, right))
    }
  }

  /// The channels of several tensors after one another.
  package static func concatenated(_ tensors: [Tensor]) -> Tensor {
    var shape = tensors[0].shape
    shape.channels = tensors.reduce(0) { $0 + $1.shape.channels }
    return Tensor(shape: shape, samples: tensors.flatMap(\.samples))
  }

  /// Softmax over the channels of each pixel.
  package static func softmax(_ x: Tensor) -> Tensor {
    filled(x.shape) { channel, y, column in
      let powers = (0..<x.shape.channels).map { exp(Double(x.sample($0, y, column))) }
      return powers[channel] / powers.reduce(0, +)
    }
  }

  /// Each pixel as a mean of all values, weighted by softmax(query · key · scale).
  package static func positionAttention(
    query: Tensor, key: Tensor, value: Tensor, scale: Float
  ) -> Tensor {
    let plane = query.shape.pixelCount
    var result = value
    for asking in 0..<plane {
      let powers = (0..<plane).map { asked in
        exp(
          Double(scale)
            * (0..<query.shape.channels).reduce(0) { sum, channel in
              sum + Double(query.samples[channel * plane + asking])
                * Double(key.samples[channel * plane + asked])
            })
      }
      let total = powers.reduce(0, +)
      for channel in 0..<value.shape.channels {
        let sum = (0..<plane).reduce(0) {
          $0 + powers[$1] * Double(value.samples[channel * plane + $1])
        }
        result.samples[channel * plane + asking] = Float(sum / total)
      }
    }
    return result
  }

  /// Each channel as a mean of all channels, weighted by the softmax of their mean products.
  package static func channelAttention(_ x: Tensor) -> Tensor {
    let plane = x.shape.pixelCount
    func product(_ a: Int, _ b: Int) -> Double {
      (0..<plane).reduce(0) {
        $0 + Double(x.samples[a * plane + $1]) * Double(x.samples[b * plane + $1])
      } / Double(plane)
    }
    var result = x
    for asking in 0..<x.shape.channels {
      let powers = (0..<x.shape.channels).map { exp(product(asking, $0)) }
      let total = powers.reduce(0, +)
      for pixel in 0..<plane {
        let sum = (0..<x.shape.channels).reduce(0) {
          $0 + powers[$1] * Double(x.samples[$1 * plane + pixel])
        }
        result.samples[asking * plane + pixel] = Float(sum / total)
      }
    }
    return result
  }

  /// Σ wᵢ · sourceᵢ with softmax weights from a 1×1 convolution over the concatenation.
  package static func softmaxFused(_ sources: [Tensor], _ weights: ConvolutionWeights) -> Tensor {
    let mix = softmax(convolution(concatenated(sources), weights))
    return filled(sources[0].shape) { channel, y, column in
      sources.indices.reduce(0) {
        $0 + Double(mix.sample($1, y, column)) * Double(sources[$1].sample(channel, y, column))
      }
    }
  }

  /// Σ factorᵢ · tensorᵢ.
  package static func weightedSum(_ terms: [(Tensor, Float)]) -> Tensor {
    filled(terms[0].0.shape) { channel, y, column in
      terms.reduce(0) { $0 + Double($1.0.sample(channel, y, column)) * Double($1.1) }
    }
  }

  private static func filled(
    _ shape: Shape, _ sample: (_ channel: Int, _ y: Int, _ x: Int) -> Double
  ) -> Tensor {
    var samples: [Float] = []
    samples.reserveCapacity(shape.count)
    for channel in 0..<shape.channels {
      for y in 0..<shape.height {
        for x in 0..<shape.width { samples.append(Float(sample(channel, y, x))) }
      }
    }
    return Tensor(shape: shape, samples: samples)
  }
}

extension Tensor {
  /// The sample at a position, 0 outside the picture.
  fileprivate func sample(_ channel: Int, _ y: Int, _ x: Int) -> Float {
    guard 0..<shape.height ~= y, 0..<shape.width ~= x else { return 0 }
    return samples[(channel * shape.height + y) * shape.width + x]
  }
}
