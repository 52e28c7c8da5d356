/// The logical extent of one picture of features, in the order of PyTorch's C,H,W.
///
/// There is no batch axis: a portrait is decomposed alone.
public struct Shape: Equatable, Sendable {
  /// Number of feature planes.
  public var channels: Int
  /// Rows of pixels.
  public var height: Int
  /// Columns of pixels.
  public var width: Int

  /// Creates the shape of `channels` planes of `height` × `width`.
  public init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Pixels of one plane.
  public var pixelCount: Int { height * width }

  /// Samples of all planes.
  public var count: Int { channels * pixelCount }
}

/// Planar Float32 samples in the order channel, row, column: what enters and leaves a plan.
public struct Tensor: Equatable, Sendable {
  /// The logical extent.
  public let shape: Shape
  /// `shape.count` samples, channel by channel.
  public var samples: [Float]

  /// Wraps planar samples.
  ///
  /// - Precondition: there are exactly `shape.count` samples.
  public init(shape: Shape, samples: [Float]) {
    precondition(samples.count == shape.count, "a tensor needs one sample per element")
    self.shape = shape
    self.samples = samples
  }
}
