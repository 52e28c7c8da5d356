// 3×3 convolutions of stride 1 over Float32 pictures with channels last, and products of matrices, compiled
// for several instruction sets; `convolution_kernels_for` gives the table of one. Pointers, extents and
// strides are the caller's promise; nothing is allocated.
#pragma once

#include <stddef.h>

// Processors that the loops are compiled for, the newest last.
typedef enum {
  // What every processor of the architecture has.
  CONVOLUTION_BASELINE,
  // x86-64-v3.
  CONVOLUTION_AVX2,
  // x86-64-v4.
  CONVOLUTION_AVX512,
  // The same with products of bf16.
  CONVOLUTION_AVX512_BF16,
} convolution_instruction_set;

// The pictures of one convolution. Strides are in floats from row to row.
typedef struct {
  const float *source;
  ptrdiff_t source_stride;
  int source_height, source_width, inputs;
  float *result;
  ptrdiff_t result_stride;
  int height, width, outputs;
  // Zeros assumed around the source.
  int padding;
  // One summand per output.
  const float *bias;
  // The factor of negative sums, 0...1: 1 leaves them, 0 is max(x, 0).
  float negative_slope;
} convolution_pictures;

// The factors of one product of matrices, and where it goes.
typedef struct {
  // Rows × inner, with strides in floats from row to row and from column to column.
  const float *first;
  ptrdiff_t first_row, first_column;
  // Inner × columns, row after row.
  const float *second;
  // Rows × columns, row after row.
  float *result;
  int inner, columns;
  // What the product is multiplied by.
  float scale;
} matrix_factors;

// Minimal filtering for inputs and outputs in multiples of 16.
typedef struct {
  // Transforms weights in the order output, input, row, column to 36 · inputs · outputs factors.
  void (*factors)(const float *weights, int inputs, int outputs, float *factors);
  // Computes the tiles `first` up to `end` of 4 × 4 results, row by row; `scratch` has
  // `convolution_scratch` floats.
  void (*tiles)(
      const convolution_pictures *pictures, const float *factors, float *scratch, int first, int end);
} convolution_filtering;

typedef struct {
  convolution_filtering winograd;
  // The same with what is multiplied rounded to bf16, which halves the floats of the factors; the sums stay
  // Float32.
  convolution_filtering winograd_paired;
  // Computes rows of a convolution to 1...8 outputs; the weights' order is row, output, column, input.
  void (*thin)(const convolution_pictures *pictures, const float *weights, int first, int end);
  // Computes the rows `first` up to `end` of a product of matrices.
  void (*multiply)(const matrix_factors *factors, int first, int end);
} convolution_kernels;

// The most tiles whose transforms are in `scratch` at once.
#define CONVOLUTION_BLOCK 48

// Floats between the transforms' 36 positions, so many tiles apart: an odd number of cache lines spreads them
// over a cache's sets.
#define CONVOLUTION_POSITION_STRIDE(tiles, channels) ((size_t)(tiles) * (channels) + 16)

// Floats that minimal filtering needs as scratch memory.
static inline size_t convolution_scratch(int inputs, int outputs) {
  return 36 * (CONVOLUTION_POSITION_STRIDE(CONVOLUTION_BLOCK, inputs) +
               CONVOLUTION_POSITION_STRIDE(CONVOLUTION_BLOCK, outputs));
}

// The loops of an instruction set; NULL where this processor lacks it.
const convolution_kernels *convolution_kernels_for(convolution_instruction_set set);
