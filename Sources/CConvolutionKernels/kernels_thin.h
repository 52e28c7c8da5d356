// A convolution to a few channels. A general one vectorises over the outputs and so does the work of sixteen;
// here the lanes are inputs, and each sum is added up across its lanes at the end.

/// Neighbours that are summed at once. Of the many registers of AVX-512 some are left to the samples: eight
/// neighbours would push sums out to memory.
#define THIN_PIXELS (SUMS < 24 ? SUMS / 3 : SUMS / 4)

/// The sum of all lanes.
INLINE float total(const lanes *sum) {
  typedef float half __attribute__((vector_size(32)));
  typedef float quarter __attribute__((vector_size(16)));
  half eight = __builtin_shufflevector(*sum, *sum, 0, 1, 2, 3, 4, 5, 6, 7) +
               __builtin_shufflevector(*sum, *sum, 8, 9, 10, 11, 12, 13, 14, 15);
  quarter four = __builtin_shufflevector(eight, eight, 0, 1, 2, 3) +
                 __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
  return (four[0] + four[2]) + (four[1] + four[3]);
}

/// `pixels` neighbours' results from `output` on, `outputs` of them, over the given part of the kernel.
///
/// The inputs of a kernel's row lie side by side, in the source as in the weights.
INLINE void thin_pixels(
    const convolution_pictures *p, const float *weights, int row, int column, int output, int first_tap_row,
    int end_tap_row, int first_tap_column, int end_tap_column, const int pixels, const int outputs) {
  lanes sums[THIN_PIXELS][3];
  int inputs = p->inputs, line = 3 * inputs;
  int first = first_tap_column * inputs, end = end_tap_column * inputs, whole = end - (end - first) % 16;
  const float *corner = p->source + (row - p->padding) * p->source_stride +
                        (ptrdiff_t)(column - p->padding) * inputs;
  UNROLL for (int x = 0; x < pixels; x++)
    UNROLL for (int o = 0; o < outputs; o++) sums[x][o] = (lanes){p->bias[output + o]};
  for (int tap_row = first_tap_row; tap_row < end_tap_row; tap_row++) {
    const float *source = corner + tap_row * p->source_stride;
    const float *kernel = weights + (tap_row * p->outputs + output) * (ptrdiff_t)line;
    for (int input = first; input < whole; input += 16) {
      lanes factor[3];
      UNROLL for (int o = 0; o < outputs; o++) factor[o] = *at(kernel + o * line + input);
      UNROLL for (int x = 0; x < pixels; x++) {
        lanes samples = *at(source + x * inputs + input);
        UNROLL for (int o = 0; o < outputs; o++) sums[x][o] += samples * factor[o];
      }
    }
  }
  float *result = p->result + row * p->result_stride + (ptrdiff_t)column * p->outputs + output;
  UNROLL for (int x = 0; x < pixels; x++)
    UNROLL for (int o = 0; o < outputs; o++) {
      float sum = total(&sums[x][o]);
      if (whole < end)
        for (int tap_row = first_tap_row; tap_row < end_tap_row; tap_row++) {
          const float *source = corner + tap_row * p->source_stride + x * inputs;
          const float *kernel = weights + (tap_row * p->outputs + output + o) * (ptrdiff_t)line;
          for (int input = whole; input < end; input++) sum += source[input] * kernel[input];
        }
      result[x * p->outputs + o] = sum < 0 ? sum * p->negative_slope : sum;
    }
}

/// One row of `outputs` results per pixel.
INLINE void thin_row(
    const convolution_pictures *p, const float *weights, int row, int output, const int outputs) {
  int top = p->padding - row > 0 ? p->padding - row : 0;
  int below = p->source_height + p->padding - row;
  int bottom = below < 3 ? below : 3;
  const int pixels = THIN_PIXELS;
  for (int column = 0; column < p->width;) {
    int left = p->padding - column > 0 ? p->padding - column : 0;
    int beyond = p->source_width + p->padding - column;
    if (left == 0 && beyond >= pixels + 2 && column + pixels <= p->width) {
      thin_pixels(p, weights, row, column, output, top, bottom, 0, 3, pixels, outputs);
      column += pixels;
    } else {
      thin_pixels(p, weights, row, column, output, top, bottom, left, beyond < 3 ? beyond : 3, 1, outputs);
      column++;
    }
  }
}

static void thin(const convolution_pictures *p, const float *weights, int first, int end) {
  for (int row = first; row < end; row++)
    for (int output = 0; output < p->outputs;) {
      int left = p->outputs - output;
      switch (left) {
      case 1: thin_row(p, weights, row, output, 1); output += 1; break;
      case 2: thin_row(p, weights, row, output, 2); output += 2; break;
      default: thin_row(p, weights, row, output, 3); output += 3;
      }
    }
}
