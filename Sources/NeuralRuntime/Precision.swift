import COneDNN

/// The number format in which convolutions multiply; sums, and all values between layers, are Float32.
public enum Precision: String, CaseIterable, Sendable {
  /// bf16 where that is faster on this CPU, Float32 elsewhere.
  case automatic = "auto"
  /// IEEE 754 single precision.
  case float32 = "f32"
  /// Eight bits of significand; twice the products in a second on some CPUs, half on others.
  case bfloat16 = "bf16"

  /// True where the CPU has instructions for bf16 products.
  public static var hasBFloat16: Bool {
    let natives = [dnnl_cpu_isa_avx512_core_bf16, dnnl_cpu_isa_avx512_core_amx]
    return natives.contains(dnnl_get_effective_cpu_isa())
  }

  /// True where the CPU multiplies matrices of bf16, many times as fast as vectors.
  static var hasMatrixUnit: Bool { dnnl_get_effective_cpu_isa() == dnnl_cpu_isa_avx512_core_amx }

  /// The format that this choice means on this CPU.
  public var resolved: Precision {
    guard self == .automatic else { return self }
    // AMD's vector units multiply bf16 at twice the speed of Float32 (measured on Zen 4), Intel's at half
    // (measured on Emerald Rapids); there only the matrix unit is for it.
    let isFaster = Self.hasMatrixUnit || Self.hasBFloat16 && chiaro_cpu_is_amd() != 0
    return isFaster ? .bfloat16 : .float32
  }
}
