/// Sixteen channels of a pixel, one AVX-512 register or four of the baseline's.
typealias Lanes = SIMD16<Float>

extension UnsafePointer<Float> {
  /// Sixteen samples from the pointer on, at any alignment.
  @inline(__always)
  var lanes: Lanes { UnsafeRawPointer(self).loadUnaligned(as: Lanes.self) }
}

extension UnsafeMutablePointer<Float> {
  /// Sixteen samples from the pointer on, at any alignment.
  @inline(__always)
  var lanes: Lanes {
    get { UnsafeRawPointer(self).loadUnaligned(as: Lanes.self) }
    nonmutating set { UnsafeMutableRawPointer(self).storeBytes(of: newValue, as: Lanes.self) }
  }
}

extension Int {
  /// The largest multiple of a lane count that is not greater: where the scalar tail begins.
  var lanesEnd: Int { self & ~(Lanes.scalarCount - 1) }
}
