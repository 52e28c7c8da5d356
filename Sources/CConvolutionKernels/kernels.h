// The loops themselves, included once per instruction set; `TABLE` names the table they end up in, `SUMS`
// is how many vectors the registers hold beside those that are multiplied; `HAS_BF16` says that the processor
// rounds to bf16 and multiplies it.
#include <string.h>

#include "convolution_kernels.h"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

/// Sixteen channels, at any alignment: one register of AVX-512, two of AVX2, four of the baseline.
typedef float lanes __attribute__((vector_size(64), aligned(4)));

/// The same as whole numbers.
typedef unsigned bits __attribute__((vector_size(64), aligned(4)));

INLINE lanes *at(const float *address) { return (lanes *)address; }

#include "kernels_winograd.h"
#include "kernels_thin.h"
#include "kernels_matrix.h"

const convolution_kernels TABLE = {
    .winograd = {winograd_factors, winograd_tiles},
    .winograd_paired = {paired_factors, paired_tiles},
    .thin = thin,
    .multiply = multiply,
};
