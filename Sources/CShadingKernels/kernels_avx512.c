#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#define TABLE shading_kernels_avx512
#include "kernels.h"
#pragma clang attribute pop
#endif
