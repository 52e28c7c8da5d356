/// The samples of a learned tensor, decoded each time they are asked for.
///
/// A network is prepared layer by layer and needs each tensor once: decoded one after the other, they need the
/// memory of the largest instead of that of all.
public struct LearnedSamples: Sendable {
  /// Number of samples.
  public let count: Int
  private let decode: @Sendable () -> [Float]

  /// Wraps samples that are there already.
  public init(_ samples: [Float]) {
    self.init(count: samples.count) { samples }
  }

  /// Wraps a function that returns `count` samples, the same ones each time.
  init(count: Int, decode: @escaping @Sendable () -> [Float]) {
    self.count = count
    self.decode = decode
  }

  /// The samples in the tensor's own order.
  public func decoded() -> [Float] { decode() }
}
