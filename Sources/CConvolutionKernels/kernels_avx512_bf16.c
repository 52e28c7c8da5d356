#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
        __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512))), apply_to = function)
#define TABLE convolution_kernels_avx512_bf16
#define SUMS 24
#define HAS_BF16
#include "kernels.h"
#pragma clang attribute pop
#endif
