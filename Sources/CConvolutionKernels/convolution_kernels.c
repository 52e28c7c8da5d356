#include "convolution_kernels.h"

extern const convolution_kernels convolution_kernels_baseline;
#if defined(__x86_64__)
extern const convolution_kernels convolution_kernels_avx2;
extern const convolution_kernels convolution_kernels_avx512;
extern const convolution_kernels convolution_kernels_avx512_bf16;
#endif

const convolution_kernels *convolution_kernels_for(convolution_instruction_set set) {
  switch (set) {
  case CONVOLUTION_BASELINE:
    return &convolution_kernels_baseline;
#if defined(__x86_64__)
  case CONVOLUTION_AVX2:
    return __builtin_cpu_supports("x86-64-v3") ? &convolution_kernels_avx2 : NULL;
  case CONVOLUTION_AVX512:
    return __builtin_cpu_supports("x86-64-v4") ? &convolution_kernels_avx512 : NULL;
  case CONVOLUTION_AVX512_BF16:
    return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16")
               ? &convolution_kernels_avx512_bf16
               : NULL;
#endif
  default:
    return NULL;
  }
}
