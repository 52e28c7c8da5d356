import CConvolutionKernels

/// The own convolutions' loops for one instruction set.
///
/// Swift compiles a module for one processor only, a C function can carry its own target: one C source is
/// compiled once for each. The table holds addresses of code and never changes, so that threads may share it.
package struct ConvolutionKernels: @unchecked Sendable {
  let loops: convolution_kernels

  /// What this processor has, the newest last.
  package static let available = [
    CONVOLUTION_BASELINE, CONVOLUTION_AVX2, CONVOLUTION_AVX512, CONVOLUTION_AVX512_BF16,
  ]
  .compactMap { convolution_kernels_for($0).map { ConvolutionKernels(loops: $0.pointee) } }

  /// The loops of the newest instruction set that this processor has.
  package static let best: ConvolutionKernels = {
    guard let best = available.last else {
      preconditionFailure("the baseline runs on every processor")
    }
    return best
  }()
}
