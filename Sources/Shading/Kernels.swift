import CShadingKernels

/// Processors that the shader's loops are compiled for, the newest last.
package enum InstructionSet: CaseIterable, Sendable {
  /// What every processor of the architecture has.
  case baseline
  /// x86-64-v3.
  case avx2
  /// x86-64-v4.
  case avx512
}

/// The shader's loops for one instruction set.
///
/// Swift compiles a module for one processor only, a C function can carry its own target: one C
/// source is compiled three times, and one binary runs everywhere at full speed. The table holds
/// addresses of code and never changes, so that threads may share it.
package struct Kernels: @unchecked Sendable {
  let loops: shading_kernels

  /// The loops of an instruction set; nothing where this processor lacks it.
  package init?(_ set: InstructionSet) {
    let name =
      switch set {
      case .baseline: SHADING_BASELINE
      case .avx2: SHADING_AVX2
      case .avx512: SHADING_AVX512
      }
    guard let loops = shading_kernels_for(name) else { return nil }
    self.loops = loops.pointee
  }

  /// The loops of the newest instruction set that this processor has.
  package static let best: Kernels = {
    for set in InstructionSet.allCases.reversed() {
      if let kernels = Kernels(set) { return kernels }
    }
    preconditionFailure("the baseline runs on every processor")
  }()
}
