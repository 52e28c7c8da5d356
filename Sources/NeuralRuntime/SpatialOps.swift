/// One source of a concatenation with the affine change applied on the way.
public struct ConcatenationSource: Sendable {
  let value: Value
  let scale: Float
  let offset: Float

  /// Takes `scale · value + offset`.
  public init(_ value: Value, scale: Float = 1, offset: Float = 0) {
    self.value = value
    self.scale = scale
    self.offset = offset
  }
}

extension Graph {
  /// Appends a copy of a value with reflection padding around it.
  public mutating func reflectionPadded(_ source: Value, border: Int, name: String) -> Value {
    concatenated([ConcatenationSource(source)], border: border, name: name)
  }

  /// Appends the channels of several values after one another.
  ///
  /// - Precondition: the sources have one extent; the border is smaller than it.
  public mutating func concatenated(
    _ sources: [ConcatenationSource], border: Int = 0, name: String
  ) -> Value {
    var shape = sources[0].value.shape
    precondition(sources.allSatisfy { $0.value.shape.height == shape.height }, "\(name): heights")
    precondition(sources.allSatisfy { $0.value.shape.width == shape.width }, "\(name): widths")
    precondition(border < min(shape.height, shape.width), "\(name): border")
    shape.channels = sources.reduce(0) { $0 + $1.value.shape.channels }
    let operation = Concatenation(scales: sources.map(\.scale), offsets: sources.map(\.offset))
    return append(name, operation, sources.map(\.value), Layout(shape: shape, border: border))
  }

  /// Appends a bilinear resize with half-pixel centres and no antialiasing (`align_corners=False`).
  public mutating func resized(_ source: Value, height: Int, width: Int, name: String) -> Value {
    let shape = Shape(channels: source.shape.channels, height: height, width: width)
    return append(name, BilinearResize(), [source], Layout(shape: shape))
  }
}

/// Copies channels side by side, with a reflected border where the next convolution wants one.
struct Concatenation: Operation {
  let scales: [Float]
  let offsets: [Float]

  func steps(
    sources: [FeatureMap], destination: FeatureMap, engine: Engine
  ) throws(NeuralError) -> [Step] {
    precondition(sources.allSatisfy { !$0.layout.isPhased }, "phases are joined by a normalisation")
    return [
      Step { () throws(NeuralError) in
        engine.threads.forEachStrip(of: destination.height) { rows in
          for y in rows {
            var offset = 0
            for (index, source) in sources.enumerated() {
              copy(source, index, row: y, to: destination.row(y) + offset, destination.channels)
              offset += source.channels
            }
            destination.reflectColumns(ofRow: y)
          }
        }
        destination.reflectRows()
      }
    ]
  }

  private func copy(
    _ source: FeatureMap, _ index: Int, row y: Int, to target: UnsafeMutablePointer<Float>,
    _ step: Int
  ) {
    let (scale, offset, channels) = (scales[index], offsets[index], source.channels)
    let pixels = source.row(y)
    for x in 0..<source.width {
      let pixel = pixels + x * channels
      let result = target + x * step
      for channel in 0..<channels { result[channel] = pixel[channel] * scale + offset }
    }
  }
}

/// Bilinear interpolation between pixel centres.
struct BilinearResize: Operation {
  func steps(
    sources: [FeatureMap], destination: FeatureMap, engine: Engine
  ) throws(NeuralError) -> [Step] {
    let source = sources[0]
    let rowTaps = Self.taps(from: source.height, to: destination.height)
    let columnTaps = Self.taps(from: source.width, to: destination.width)
    return [
      Step { () throws(NeuralError) in
        engine.threads.forEachStrip(of: destination.height) { rows in
          for y in rows {
            interpolate(source, rowTaps[y], columnTaps, to: destination.row(y))
          }
        }
      }
    ]
  }

  /// Two neighbouring positions and the weight of the second.
  struct Tap {
    var first: Int
    var second: Int
    var weight: Float
  }

  /// For each of `target` positions, where it lies between the centres of `source` positions.
  static func taps(from source: Int, to target: Int) -> [Tap] {
    let ratio = Float(source) / Float(target)
    return (0..<target).map { position in
      // PyTorch clamps the coordinate at zero before it splits it.
      let coordinate = max(0, (Float(position) + 0.5) * ratio - 0.5)
      let first = min(Int(coordinate), source - 1)
      return Tap(
        first: first, second: min(first + 1, source - 1), weight: coordinate - Float(first))
    }
  }

  private func interpolate(
    _ source: FeatureMap, _ row: Tap, _ columns: [Tap], to target: UnsafeMutablePointer<Float>
  ) {
    let channels = source.channels
    let top = source.row(row.first)
    let bottom = source.row(row.second)
    for (x, column) in columns.enumerated() {
      let (left, right) = (column.first * channels, column.second * channels)
      let weights = (
        (1 - row.weight) * (1 - column.weight), (1 - row.weight) * column.weight,
        row.weight * (1 - column.weight), row.weight * column.weight
      )
      let result = target + x * channels
      for channel in stride(from: 0, to: channels.lanesEnd, by: Lanes.scalarCount) {
        let upper =
          (top + left + channel).lanes * weights.0 + (top + right + channel).lanes * weights.1
        let lower =
          (bottom + left + channel).lanes * weights.2
          + (bottom + right + channel).lanes * weights.3
        (result + channel).lanes = upper + lower
      }
      for channel in channels.lanesEnd..<channels {
        let upper = top[left + channel] * weights.0 + top[right + channel] * weights.1
        let lower = bottom[left + channel] * weights.2 + bottom[right + channel] * weights.3
        result[channel] = upper + lower
      }
    }
  }
}
