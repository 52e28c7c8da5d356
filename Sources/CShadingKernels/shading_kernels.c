#include "shading_kernels.h"

extern const shading_kernels shading_kernels_baseline;
#if defined(__x86_64__)
extern const shading_kernels shading_kernels_avx2;
extern const shading_kernels shading_kernels_avx512;
#endif

const shading_kernels *shading_kernels_for(shading_instruction_set set) {
  switch (set) {
  case SHADING_BASELINE:
    return &shading_kernels_baseline;
#if defined(__x86_64__)
  case SHADING_AVX2:
    return __builtin_cpu_supports("x86-64-v3") ? &shading_kernels_avx2 : NULL;
  case SHADING_AVX512:
    return __builtin_cpu_supports("x86-64-v4") ? &shading_kernels_avx512 : NULL;
#endif
  default:
    return NULL;
  }
}
