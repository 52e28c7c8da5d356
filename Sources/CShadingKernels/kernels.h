// The loops themselves, included once per instruction set; `TABLE` names the table they end up in.
#include <stdint.h>
#include <string.h>

#include "shading_kernels.h"

#define STRIP SHADING_STRIP

static inline float positive_part(float value) { return value > 0 ? value : 0; }
static inline float least(float a, float b) { return a < b ? a : b; }
static inline float greatest(float a, float b) { return a > b ? a : b; }
static inline float clamp01(float value) { return least(positive_part(value), 1); }
/// The library's root may set errno, which keeps a loop from being vectorised.
static inline float square_root(float value) { return __builtin_elementwise_sqrt(value); }

static inline float from_bits(int32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
static inline int32_t to_bits(float value) {
  int32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// Logarithm of a positive normal number: exponent plus the series of artanh, exact to 3e-7.
static inline float log2_of(float value) {
  // Bits of √½: the mantissa ends up in √½...√2, where the series converges fast.
  int32_t shifted = to_bits(value) - 0x3f3504f3;
  int32_t exponent = shifted >> 23;
  float mantissa = from_bits((shifted & 0x7fffff) + 0x3f3504f3);
  float s = (mantissa - 1) / (mantissa + 1);
  float q = s * s;
  float series = 1 + q * (1.0f / 3 + q * (1.0f / 5 + q * (1.0f / 7 + q * (1.0f / 9))));
  return (float)exponent + 2.8853900818f * s * series;
}

/// Two to a power of −126...127: exponent bits times the Taylor series of the rest.
static inline float exp2_of(float value) {
  // Adding 1.5 · 2²³ rounds to the nearest integer.
  float rounded = (value + 12582912.0f) - 12582912.0f;
  float f = (value - rounded) * 0.69314718056f;
  float series =
      1 + f * (1 + f * (1.0f / 2 + f * (1.0f / 6 + f * (1.0f / 24 + f * (1.0f / 120 + f * (1.0f / 720))))));
  return series * from_bits(((int32_t)rounded + 127) << 23);
}

/// A power of a positive number; 0 for 0.
static inline float power(float base, float exponent) {
  float result = exp2_of(greatest(exponent * log2_of(greatest(base, 1e-30f)), -126));
  return base > 1e-30f ? result : 0;
}

/// Inverse tangent within 2e-8 (Abramowitz & Stegun 1964, 4.4.49).
static inline float arc_tangent(float value) {
  float magnitude = value < 0 ? -value : value;
  float x = magnitude > 1 ? 1 / magnitude : magnitude;
  float q = x * x;
  float angle =
      x * (1 + q * (-0.3333314528f + q * (0.1999355085f + q * (-0.1420889944f + q * (0.1065626393f
      + q * (-0.0752896400f + q * (0.0429096138f + q * (-0.0161657367f + q * 0.0028662257f))))))));
  float unfolded = magnitude > 1 ? 1.5707963268f - angle : angle;
  return value < 0 ? -unfolded : unfolded;
}

/// Angle of a cosine in −1...1; beside −1 it stops at 3.127.
static inline float arc_cosine(float cosine) {
  return 2 * arc_tangent(square_root(positive_part(1 - cosine) / (1 + greatest(cosine, -0.9999f))));
}

// MARK: Surface

static inline float lobe_alpha_squared(float roughness, float minimum_alpha) {
  float alpha = least(greatest(roughness * roughness, minimum_alpha), 1);
  return alpha * alpha;
}

static inline float masking_root(float cosine, float alpha_squared) {
  return square_root(alpha_squared + (1 - alpha_squared) * cosine * cosine);
}

static inline float blended(
    const float *table, int32_t corner, int32_t extent, float across, float down) {
  float top = table[corner] * (1 - across) + table[corner + 1] * across;
  float bottom = table[corner + extent] * (1 - across) + table[corner + extent + 1] * across;
  return top * (1 - down) + bottom * down;
}

static inline float bounced(float ao, float albedo) {
  float a = 2.0404f * albedo - 0.3324f, b = -4.7951f * albedo + 0.6417f,
        c = 2.7552f * albedo + 0.6903f;
  return clamp01(greatest(((ao * a + b) * ao + c) * ao, ao));
}

/// Share of a narrow or wide cone's cap inside another, relative to the smaller of both.
static inline float shared_cap(float a, float b, float distance) {
  float difference = a > b ? a - b : b - a;
  float share = 1 - clamp01((distance - difference) / greatest(a + b - difference, 1e-4f));
  return share * share * (3 - 2 * share);
}

/// How much of a lobe around the mirrored view lies in the open cone, 0...1.
static inline float open_reflection(
    float ao, float n_dot_v, float bent_dot_mirrored, float roughness) {
  float open_cosine = square_root(1 - ao);
  float lobe_cosine = exp2_of(-3.321928f * roughness * roughness * roughness * roughness);
  float lobe = arc_cosine(lobe_cosine);
  float open = shared_cap(arc_cosine(open_cosine), lobe, arc_cosine(bent_dot_mirrored))
               * (1 - greatest(open_cosine, lobe_cosine));
  float all = shared_cap(1.5707963268f, lobe, arc_cosine(n_dot_v)) * (1 - lobe_cosine);
  return least(open / greatest(all, 1e-6f), 1);
}

static void prepare(
    const shading_material *material, const float *restrict samples, float *restrict surface) {
  const shading_material m = *material;
#define SAMPLE(name) samples[SAMPLE_##name * STRIP + i]
#define OUTPUT(name) surface[SURFACE_##name * STRIP + i]
  for (int i = 0; i < STRIP; i++) {
    float nx = SAMPLE(NORMAL) * m.normal_strength;
    float ny = samples[(SAMPLE_NORMAL + 1) * STRIP + i] * m.normal_strength;
    float nz = samples[(SAMPLE_NORMAL + 2) * STRIP + i];
    float length = square_root(nx * nx + ny * ny + nz * nz);
    float scale = length > 0 ? 1 / length : 1;
    float n_dot_v = least(greatest(nz * scale, 0.02f), 1);
    OUTPUT(NORMAL) = nx * scale;
    surface[(SURFACE_NORMAL + 1) * STRIP + i] = ny * scale;
    surface[(SURFACE_NORMAL + 2) * STRIP + i] = nz * scale;
    OUTPUT(N_DOT_V) = n_dot_v;

    float skin = SAMPLE(SKIN);
    float own = m.skin_roughness * (1 - m.shine * SAMPLE(SHINE));
    float roughness = m.cloth_roughness + (own - m.cloth_roughness) * skin;
    float tight = lobe_alpha_squared(roughness * m.tight_roughness, m.minimum_alpha);
    float wide = lobe_alpha_squared(roughness * m.wide_roughness, m.minimum_alpha);
    OUTPUT(TIGHT_ALPHA_SQUARED) = tight;
    OUTPUT(WIDE_ALPHA_SQUARED) = wide;
    OUTPUT(TIGHT_MASKING) = masking_root(n_dot_v, tight);
    OUTPUT(WIDE_MASKING) = masking_root(n_dot_v, wide);

    float last = (float)(m.table_extent - 1);
    float x = n_dot_v * last, y = clamp01(roughness) * last;
    int32_t column = (int32_t)least(x, last - 1), row = (int32_t)least(y, last - 1);
    int32_t corner = row * m.table_extent + column;
    float across = x - (float)column, down = y - (float)row;
    float factor = blended(m.table_scale, corner, m.table_extent, across, down);
    float bias = blended(m.table_bias, corner, m.table_extent, across, down);
    float f0 = least(0.08f * SAMPLE(SPECULAR) * m.specular, 1);
    float gain = 1 + f0 * (1 / (factor + bias) - 1);
    float reflectance = least((f0 * factor + bias) * gain, 1);
    OUTPUT(F0) = f0;

    float place = n_dot_v * (float)(m.layer_extent - 1);
    int32_t cell = (int32_t)least(place, (float)(m.layer_extent - 2));
    float beyond = place - (float)cell;
    float coat = m.coat * skin, fuzz = m.fuzz * skin;
    float layers =
        coat * (m.coat_albedo[cell] + (m.coat_albedo[cell + 1] - m.coat_albedo[cell]) * beyond)
        + fuzz * (m.fuzz_albedo[cell] + (m.fuzz_albedo[cell + 1] - m.fuzz_albedo[cell]) * beyond);
    float below = 1 - layers;
    OUTPUT(COAT) = coat;
    OUTPUT(FUZZ) = fuzz;
    OUTPUT(SPECULAR_GAIN) = gain * below;
    OUTPUT(DIFFUSE_WEIGHT) = (1 - reflectance) * below;

    float ao = 1 - m.ao_strength * (1 - clamp01(SAMPLE(AO)));
    OUTPUT(APERTURE) = 1 / square_root(greatest(m.share_of_fine_cavities * (1 - ao), 1e-4f));
    nx *= scale;
    ny *= scale;
    nz *= scale;
    float bx = nx + m.ao_strength * SAMPLE(BEND);
    float by = ny + m.ao_strength * samples[(SAMPLE_BEND + 1) * STRIP + i];
    float bz = nz + m.ao_strength * samples[(SAMPLE_BEND + 2) * STRIP + i];
    float bend = square_root(bx * bx + by * by + bz * bz);
    float bend_scale = bend > 1e-3f ? 1 / bend : 1;
    bx *= bend_scale;
    by *= bend_scale;
    bz *= bend_scale;
    OUTPUT(BENT_NORMAL) = bx;
    surface[(SURFACE_BENT_NORMAL + 1) * STRIP + i] = by;
    surface[(SURFACE_BENT_NORMAL + 2) * STRIP + i] = bz;
    float bent_dot_mirrored = 2 * nz * (bx * nx + by * ny + bz * nz) - bz;
    OUTPUT(AMBIENT_SPECULAR) =
        (reflectance * below + layers) * open_reflection(ao, n_dot_v, bent_dot_mirrored, roughness);
    float thinness = clamp01(SAMPLE(TRANSLUCENCY) * m.translucency);
    OUTPUT(TRANSMITTED) = m.greatest_transmitted * thinness * thinness;
    OUTPUT(SCATTER) =
        least(m.subsurface, 1) * skin
        * (m.scatter_of_thick_skin + m.scatter_of_thin_skin * thinness);
    for (int channel = 0; channel < 3; channel++)
      surface[(SURFACE_AMBIENT_VISIBILITY + channel) * STRIP + i] =
          bounced(ao, samples[(SAMPLE_ALBEDO + channel) * STRIP + i]);
    OUTPUT(SKIN) = skin;
  }
}

#include "kernels_light.h"
#include "kernels_picture.h"

// MARK: Neighbourhoods

/// 64 sums over `taps` rows that lie `stride` apart, kept in registers.
static inline void weighted_sum(
    const float *weights, size_t taps, const float *source, size_t stride, float *target) {
  block a = {0}, b = {0}, c = {0}, d = {0};
  for (size_t tap = 0; tap < taps; tap++) {
    const block *row = (const block *)(source + tap * stride);
    float weight = weights[tap];
    a += row[0] * weight;
    b += row[1] * weight;
    c += row[2] * weight;
    d += row[3] * weight;
  }
  block *result = (block *)target;
  result[0] = a;
  result[1] = b;
  result[2] = c;
  result[3] = d;
}

static void blur_row(
    const float *weights, size_t taps, const float *source, size_t count, float *target) {
  for (size_t x = 0; x < count; x += 64) weighted_sum(weights, taps, source + x, 1, target + x);
}

static void blur_columns(
    const float *weights, size_t taps, const float *source, size_t source_stride, size_t rows,
    float *target, size_t target_stride) {
  for (size_t y = 0; y < rows; y++)
    weighted_sum(
        weights, taps, source + y * source_stride, source_stride, target + y * target_stride);
}

static void multiply(
    const float *restrict a, const float *restrict b, size_t count, float *restrict target) {
  for (size_t i = 0; i < count; i++) target[i] = a[i] * b[i];
}

static void exchange(
    const float *restrict blurred, const float *restrict factor, const float *restrict matte,
    size_t count, float *restrict values) {
  for (size_t i = 0; i < count; i++) values[i] += blurred[i] * factor[i] - values[i] * matte[i];
}

static void horizon_row(
    const float *depth, size_t stride, const shading_stride *steps, size_t step_count,
    float tolerance, size_t count, float *angles) {
  for (size_t x = 0; x < count; x++) angles[x] = -1e30f;
  for (size_t step = 0; step < step_count; step++) {
    const shading_stride s = steps[step];
    const float *upper = depth + s.corner, *lower = upper + stride;
    for (size_t x = 0; x < count; x++) {
      float top = upper[x] + (upper[x + 1] - upper[x]) * s.fraction_x;
      float bottom = lower[x] + (lower[x + 1] - lower[x]) * s.fraction_x;
      float rise = top + (bottom - top) * s.fraction_y - (depth[x] + tolerance);
      angles[x] = greatest(angles[x], rise * s.reciprocal);
    }
  }
  for (size_t x = 0; x < count; x++) angles[x] = arc_tangent(angles[x]);
}

static void contact_row(
    const float *slope_right, const float *slope_down, const shading_slope_step *steps,
    size_t step_count, const shading_skyline *light, size_t count, float *visible) {
  const shading_skyline s = *light;
  float rise[STRIP] = {0}, steepest[STRIP];
  for (size_t x = 0; x < count; x++) steepest[x] = -1e30f;
  for (size_t step = 0; step < step_count; step++) {
    const float *right = slope_right + steps[step].offset, *down = slope_down + steps[step].offset;
    float across = s.right * steps[step].length, along = s.down * steps[step].length;
    float reciprocal = steps[step].reciprocal;
    for (size_t x = 0; x < count; x++) {
      rise[x] += right[x] * across + down[x] * along;
      steepest[x] = greatest(steepest[x], rise[x] * reciprocal);
    }
  }
  for (size_t x = 0; x < count; x++) {
    float share = clamp01((s.elevation + s.penumbra - arc_tangent(steepest[x])) / (2 * s.penumbra));
    visible[x] = least(visible[x], share * share * (3 - 2 * share));
  }
}

/// Where a pixel lies among the points of a coarse row.
static inline float place_in_row(float start, float step, float limit, size_t pixel) {
  return least(positive_part(start + step * (float)(int32_t)pixel), limit);
}

static void sample_row(
    const float *upper, const float *lower, float fraction, float start, float step, float limit,
    size_t count, float *target) {
  // The grid is coarse: both rows are mixed at its points, which are few, and not at every pixel.
  enum { POINTS = 320 };
  float mixed[POINTS];
  size_t stretch = (size_t)((POINTS - 3) / greatest(step, 1));
  for (size_t done = 0; done < count; done += stretch) {
    size_t size = count - done < stretch ? count - done : stretch;
    int32_t column = (int32_t)place_in_row(start, step, limit, done);
    int32_t last = (int32_t)place_in_row(start, step, limit, done + size - 1);
    const float *above = upper + column, *below = lower + column;
    for (int32_t i = 0; i < last - column + 2; i++)
      mixed[i] = above[i] + (below[i] - above[i]) * fraction;
    for (size_t i = 0; i < size; i++) {
      float u = place_in_row(start, step, limit, done + i);
      int32_t place = (int32_t)u;
      float across = u - (float)place;
      const float *left = mixed + (place - column);
      target[done + i] = left[0] + (left[1] - left[0]) * across;
    }
  }
}

const shading_kernels TABLE = {
    .prepare = prepare,
    .shade_light = shade_light,
    .shade_lamp = shade_lamp,
    .shade_harmonics = shade_harmonics,
    .sum = sum,
    .weigh = weigh,
    .develop = develop,
    .lay_over = lay_over,
    .encode_srgb = encode_srgb,
    .quantize = quantize,
    .blur_row = blur_row,
    .blur_columns = blur_columns,
    .multiply = multiply,
    .exchange = exchange,
    .horizon_row = horizon_row,
    .contact_row = contact_row,
    .sample_row = sample_row,
};
