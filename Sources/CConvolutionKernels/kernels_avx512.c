#if defined(__x86_64__)
// Left alone, clang splits vectors of 512 bits for this architecture.
#pragma clang attribute push( \
        __attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define TABLE convolution_kernels_avx512
#define SUMS 24
#include "kernels.h"
#pragma clang attribute pop
#endif
