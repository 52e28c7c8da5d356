// Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray 2016, "Fast algorithms for convolutional neural
// networks"): 36 products give 16 results that take 144 otherwise. A block of tiles is transformed, multiplied
// position by position as a matrix, and transformed back, all within the core's own cache.
//
// A factor's place holds one Float32 or, `paired`, two inputs' bf16 that are multiplied and added at once.

/// Places that so many inputs take.
INLINE int places(int inputs, const int paired) { return paired ? inputs / 2 : inputs; }

/// Rounds to the nearest bf16, ties to even, in the upper half of each lane.
INLINE bits rounded(lanes values) {
  bits whole = (bits)values;
  return (whole + 0x7fff + (whole >> 16 & 1)) & 0xffff0000;
}

/// Writes sixteen neighbouring inputs.
INLINE void put(lanes values, float *target, const int paired) {
  if (!paired) {
    *at(target) = values;
    return;
  }
#if defined(HAS_BF16)
  _mm256_storeu_si256((__m256i *)target, (__m256i)_mm512_cvtneps_pbh((__m512)values));
#else
  bits upper = rounded(values);
  for (int lane = 0; lane < 16; lane += 2) {
    unsigned pair = upper[lane] >> 16 | upper[lane + 1];
    memcpy(target + lane / 2, &pair, sizeof pair);
  }
#endif
}

/// `sum` and the product of one place of a tile with that of sixteen outputs.
INLINE lanes plus_product(lanes sum, const float *sample, lanes factor, const int paired) {
  if (!paired) return sum + *sample * factor;
#if defined(HAS_BF16)
  return (lanes)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_ps(*sample), (__m512bh)factor);
#else
  unsigned pair;
  memcpy(&pair, sample, sizeof pair);
  bits both = (bits){0} + pair, factors = (bits)factor;
  sum += (lanes)(both & 0xffff0000) * (lanes)(factors & 0xffff0000);
  return sum + (lanes)(both << 16) * (lanes)(factors << 16);
#endif
}

/// Vectors of outputs that one product of matrices has side by side.
INLINE int winograd_width(int outputs) {
  int vectors = SUMS < 24 ? 1 : outputs / 16;
  return vectors % 4 == 0 ? 4 : vectors % 3 == 0 ? 3 : vectors % 2 == 0 ? 2 : 1;
}

/// Tiles that it has below one another; a divisor of the block.
INLINE int winograd_rows(int width) { return SUMS / width > 12 ? 12 : SUMS / width; }

/// Bᵀ d for one line of six.
INLINE void transform_source(const lanes d[6], lanes result[6]) {
  lanes even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
  lanes far_even = d[4] - d[2], far_odd = 2 * (d[3] - d[1]);
  result[0] = 4 * d[0] - 5 * d[2] + d[4];
  result[1] = even + odd;
  result[2] = even - odd;
  result[3] = far_even + far_odd;
  result[4] = far_even - far_odd;
  result[5] = 4 * d[1] - 5 * d[3] + d[5];
}

/// G g for one line of three.
INLINE void transform_weights(const lanes g[3], lanes result[6]) {
  result[0] = g[0] / 4;
  result[1] = -(g[0] + g[1] + g[2]) / 6;
  result[2] = -(g[0] - g[1] + g[2]) / 6;
  result[3] = (g[0] + 2 * g[1] + 4 * g[2]) / 24;
  result[4] = (g[0] - 2 * g[1] + 4 * g[2]) / 24;
  result[5] = g[2];
}

/// Aᵀ m for one line of six.
INLINE void transform_products(const lanes m[6], lanes result[4]) {
  lanes near_sum = m[1] + m[2], near_difference = m[1] - m[2];
  lanes far_sum = m[3] + m[4], far_difference = m[3] - m[4];
  result[0] = m[0] + near_sum + far_sum;
  result[1] = near_difference + 2 * far_difference;
  result[2] = near_sum + 4 * far_sum;
  result[3] = near_difference + 8 * far_difference + m[5];
}

/// G g Gᵀ for sixteen outputs of one input.
INLINE void transform_kernel(const float *weights, int inputs, lanes columns[6][6]) {
  lanes kernel[3][3], half[6][3];
  for (int tap = 0; tap < 9; tap++)
    for (int lane = 0; lane < 16; lane++) kernel[tap % 3][tap / 3][lane] = weights[lane * inputs * 9 + tap];
  for (int x = 0; x < 3; x++) {
    lanes line[6];
    transform_weights(kernel[x], line);
    for (int y = 0; y < 6; y++) half[y][x] = line[y];
  }
  for (int y = 0; y < 6; y++) transform_weights(half[y], columns[y]);
}

/// The factors' order is position, group of outputs, input or pair of inputs, output within the group.
INLINE void make_factors(
    const float *weights, int inputs, int outputs, float *factors, const int paired) {
  int width = winograd_width(outputs), inner = places(inputs, paired);
  for (int output = 0; output < outputs; output += 16)
    for (int place = 0; place < inner; place++) {
      const float *kernel = weights + ((size_t)output * inputs + place * (inputs / inner)) * 9;
      lanes first[6][6], second[6][6];
      transform_kernel(kernel, inputs, first);
      if (paired) transform_kernel(kernel + 9, inputs, second);
      int group = output / (16 * width), vector = output / 16 % width;
      float *target = factors + ((size_t)group * inner + place) * width * 16 + vector * 16;
      for (int position = 0; position < 36; position++) {
        int y = position / 6, x = position % 6;
        *at(target + (size_t)position * inner * outputs) =
            paired ? (lanes)(rounded(first[y][x]) >> 16 | rounded(second[y][x])) : first[y][x];
      }
    }
}

static void winograd_factors(const float *weights, int inputs, int outputs, float *factors) {
  make_factors(weights, inputs, outputs, factors, 0);
}

static void paired_factors(const float *weights, int inputs, int outputs, float *factors) {
  make_factors(weights, inputs, outputs, factors, 1);
}

/// Bᵀ d B for sixteen channels of a tile.
INLINE void transform_tile(
    const float *source, ptrdiff_t row_stride, ptrdiff_t pixel_stride, float *transform, size_t position_stride,
    const int paired) {
  lanes half[6][6];
  UNROLL for (int x = 0; x < 6; x++) {
    lanes column[6], line[6];
    UNROLL for (int y = 0; y < 6; y++) column[y] = *at(source + y * row_stride + x * pixel_stride);
    transform_source(column, line);
    UNROLL for (int y = 0; y < 6; y++) half[y][x] = line[y];
  }
  UNROLL for (int y = 0; y < 6; y++) {
    lanes line[6];
    transform_source(half[y], line);
    UNROLL for (int x = 0; x < 6; x++) put(line[x], transform + (y * 6 + x) * position_stride, paired);
  }
}

/// Transforms all channels of the tile whose first source pixel is (`left`, `top`).
INLINE void transform_pixels(
    const convolution_pictures *p, int top, int left, float *transform, size_t position_stride,
    const int paired) {
  int whole = top >= 0 && left >= 0 && top + 6 <= p->source_height && left + 6 <= p->source_width;
  for (int channel = 0; channel < p->inputs; channel += 16) {
    if (whole) {
      transform_tile(
          p->source + top * p->source_stride + (ptrdiff_t)left * p->inputs + channel, p->source_stride,
          p->inputs, transform + places(channel, paired), position_stride, paired);
      continue;
    }
    float patch[36 * 16] = {0};
    for (int y = 0; y < 6; y++)
      for (int x = 0; x < 6; x++) {
        int row = top + y, column = left + x;
        if (row >= 0 && column >= 0 && row < p->source_height && column < p->source_width)
          *at(patch + (y * 6 + x) * 16) =
              *at(p->source + row * p->source_stride + (ptrdiff_t)column * p->inputs + channel);
      }
    transform_tile(patch, 96, 16, transform + places(channel, paired), position_stride, paired);
  }
}

/// `tiles` rows of products with `width` vectors of outputs each: result = transform · factors.
INLINE void multiply_rows(
    const float *transform, const float *factors, float *result, int inner, int outputs, const int tiles,
    const int width, const int paired) {
  lanes sums[12][4];
  UNROLL for (int t = 0; t < tiles; t++)
    UNROLL for (int v = 0; v < width; v++) sums[t][v] = (lanes){0};
  for (int place = 0; place < inner; place++) {
    lanes factor[4];
    UNROLL for (int v = 0; v < width; v++) factor[v] = *at(factors + (place * width + v) * 16);
    UNROLL for (int t = 0; t < tiles; t++) {
      const float *sample = transform + t * inner + place;
      UNROLL for (int v = 0; v < width; v++) sums[t][v] = plus_product(sums[t][v], sample, factor[v], paired);
    }
  }
  UNROLL for (int t = 0; t < tiles; t++)
    UNROLL for (int v = 0; v < width; v++) *at(result + t * outputs + v * 16) = sums[t][v];
}

/// All outputs of a whole number of `winograd_rows`.
INLINE void multiply_position(
    const float *transform, const float *factors, float *result, int tiles, int inner, int outputs,
    const int paired) {
  int width = winograd_width(outputs), rows = winograd_rows(width);
  for (int output = 0; output < outputs; output += 16 * width)
    for (int t = 0; t < tiles; t += rows) {
      const float *group = factors + (size_t)output * inner, *samples = transform + (size_t)t * inner;
      float *target = result + (size_t)t * outputs + output;
      switch (width) {
      case 4: multiply_rows(samples, group, target, inner, outputs, winograd_rows(4), 4, paired); break;
      case 3: multiply_rows(samples, group, target, inner, outputs, winograd_rows(3), 3, paired); break;
      case 2: multiply_rows(samples, group, target, inner, outputs, winograd_rows(2), 2, paired); break;
      default: multiply_rows(samples, group, target, inner, outputs, winograd_rows(1), 1, paired);
      }
    }
}

/// Aᵀ m A, bias and activation for all outputs of the tile whose first result pixel is (`left`, `top`).
INLINE void restore_tile(
    const convolution_pictures *p, const float *products, size_t position_stride, int top, int left) {
  int rows = p->height - top < 4 ? p->height - top : 4;
  int columns = p->width - left < 4 ? p->width - left : 4;
  for (int output = 0; output < p->outputs; output += 16) {
    lanes half[4][6], tile[4][4];
    UNROLL for (int x = 0; x < 6; x++) {
      lanes column[6], line[4];
      UNROLL for (int y = 0; y < 6; y++) column[y] = *at(products + output + (y * 6 + x) * position_stride);
      transform_products(column, line);
      UNROLL for (int y = 0; y < 4; y++) half[y][x] = line[y];
    }
    lanes bias = *at(p->bias + output);
    UNROLL for (int y = 0; y < 4; y++) {
      lanes line[4];
      transform_products(half[y], line);
      UNROLL for (int x = 0; x < 4; x++) {
        lanes sum = line[x] + bias;
        tile[y][x] = __builtin_elementwise_max(sum, sum * p->negative_slope);
      }
    }
    float *target = p->result + top * p->result_stride + (ptrdiff_t)left * p->outputs + output;
    if (rows == 4 && columns == 4) {
      UNROLL for (int y = 0; y < 4; y++)
        UNROLL for (int x = 0; x < 4; x++)
          *at(target + y * p->result_stride + x * p->outputs) = tile[y][x];
    } else {
      for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++)
          *at(target + y * p->result_stride + x * p->outputs) = tile[y][x];
    }
  }
}

INLINE void filter_tiles(
    const convolution_pictures *p, const float *factors, float *scratch, int first, int end, const int paired) {
  int tiles_per_row = (p->width + 3) / 4, rows = winograd_rows(winograd_width(p->outputs));
  int inner = places(p->inputs, paired);
  // Few enough for a core's own cache, measured with 32 to 192 channels: 2 MiB without pairs, 1 MiB with them.
  const int block = paired ? CONVOLUTION_BLOCK / 2 : CONVOLUTION_BLOCK;
  size_t source_stride = CONVOLUTION_POSITION_STRIDE(block, inner);
  size_t result_stride = CONVOLUTION_POSITION_STRIDE(block, p->outputs);
  float *products = scratch + 36 * source_stride;
  for (int start = first; start < end; start += block) {
    int tiles = end - start < block ? end - start : block;
    int filled = (tiles + rows - 1) / rows * rows;
    for (int t = 0; t < tiles; t++) {
      int top = (start + t) / tiles_per_row * 4, left = (start + t) % tiles_per_row * 4;
      transform_pixels(
          p, top - p->padding, left - p->padding, scratch + (size_t)t * inner, source_stride, paired);
    }
    for (int position = 0; position < 36; position++) {
      float *transform = scratch + position * source_stride;
      memset(transform + tiles * inner, 0, (size_t)(filled - tiles) * inner * sizeof(float));
      multiply_position(
          transform, factors + (size_t)position * inner * p->outputs, products + position * result_stride,
          filled, inner, p->outputs, paired);
    }
    for (int t = 0; t < tiles; t++) {
      int top = (start + t) / tiles_per_row * 4, left = (start + t) % tiles_per_row * 4;
      restore_tile(p, products + (size_t)t * p->outputs, result_stride, top, left);
    }
  }
}

static void winograd_tiles(
    const convolution_pictures *p, const float *factors, float *scratch, int first, int end) {
  filter_tiles(p, factors, scratch, first, end, 0);
}

static void paired_tiles(
    const convolution_pictures *p, const float *factors, float *scratch, int first, int end) {
  filter_tiles(p, factors, scratch, first, end, 1);
}
