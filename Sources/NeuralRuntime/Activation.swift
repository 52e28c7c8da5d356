import COneDNN

/// A function applied to every sample.
public enum Activation: Equatable, Sendable {
  /// The sample itself.
  case identity
  /// max(x, 0).
  case relu
  /// x for positive x, else the slope times x.
  case leakyRelu(slope: Float)
  /// 1 / (1 + e⁻ˣ).
  case sigmoid

  /// oneDNN's algorithm with its parameter alpha; nil for the identity.
  var algorithm: (kind: dnnl_alg_kind_t, alpha: Float)? {
    switch self {
    case .identity: nil
    case .relu: (dnnl_eltwise_relu, 0)
    case .leakyRelu(let slope): (dnnl_eltwise_relu, slope)
    case .sigmoid: (dnnl_eltwise_logistic, 0)
    }
  }

  /// The factor for negative samples of the piecewise linear functions; nil for the others.
  var negativeSlope: Float? {
    switch self {
    case .identity: 1
    case .relu: 0
    case .leakyRelu(let slope): slope
    case .sigmoid: nil
    }
  }
}
