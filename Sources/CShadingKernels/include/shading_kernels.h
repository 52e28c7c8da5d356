// The shader's loops, compiled once per instruction set and chosen at run time.
//
// Swift compiles a module for one processor; C functions carry their own target. The loops are plain
// scalar C that vectorises, so that one source serves every instruction set. `ScalarShader`,
// `ShadingModel`, `ToneMapping` and `ColorTransfer` hold the same formulas for one value and are the
// tests' reference.
#ifndef SHADING_KERNELS_H
#define SHADING_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Pixels of a strip; every lane of a strip is this long.
enum { SHADING_STRIP = 256 };
/// Pixels that are laid over their background together.
enum { SHADING_BLOCK = 16 };

/// Lanes of gathered passes that a surface is prepared from.
enum {
  SAMPLE_ALBEDO = 0,
  SAMPLE_NORMAL = 3,
  SAMPLE_SPECULAR = 6,
  SAMPLE_TRANSLUCENCY,
  SAMPLE_AO,
  SAMPLE_SKIN,
  SAMPLE_SHINE,
  SAMPLE_BEND,
};

/// Lanes of a prepared surface.
enum {
  SURFACE_NORMAL = 0,
  SURFACE_N_DOT_V = 3,
  SURFACE_TIGHT_ALPHA_SQUARED,
  SURFACE_WIDE_ALPHA_SQUARED,
  SURFACE_TIGHT_MASKING,
  SURFACE_WIDE_MASKING,
  SURFACE_F0,
  SURFACE_SPECULAR_GAIN,
  SURFACE_APERTURE,
  SURFACE_TRANSMITTED,
  SURFACE_SCATTER,
  SURFACE_DIFFUSE_WEIGHT,
  SURFACE_AMBIENT_SPECULAR,
  SURFACE_AMBIENT_VISIBILITY,
  SURFACE_BENT_NORMAL = SURFACE_AMBIENT_VISIBILITY + 3,
  SURFACE_SKIN = SURFACE_BENT_NORMAL + 3,
  SURFACE_COAT,
  SURFACE_FUZZ,
  SURFACE_LANES,
};

/// A material with the constants of the shading model.
typedef struct {
  float normal_strength;
  float cloth_roughness, skin_roughness, shine;
  float specular;
  float ao_strength;
  float translucency;
  float subsurface;
  float tight_roughness, wide_roughness, minimum_alpha;
  float share_of_fine_cavities;
  float greatest_transmitted;
  float scatter_of_thick_skin, scatter_of_thin_skin;
  /// Directional albedo by roughness (rows) and cosine to the camera, factors of F0 and of 1.
  const float *table_scale;
  const float *table_bias;
  int table_extent;
  /// Layers over the skin and their directional albedo by cosine to the camera, `layer_extent` values each.
  float coat, fuzz;
  const float *coat_albedo;
  const float *fuzz_albedo;
  int layer_extent;
} shading_material;

/// One response in the sum: a strip has `lanes` lanes, 4 of a light or 6 of an environment.
typedef struct {
  const float *response;
  size_t lanes;
  float color[3];
} shading_term;

/// A light of exposure 0 with the constants of the lobes.
typedef struct {
  float direction[3];
  float half_vector[3];
  float softness;
  float widening;
  float fresnel_weight;
  /// Only for lamps that are near or oblong: place, distance of the middle of the face, both in heads, and
  /// the lamp's axes with half its extent along them, radians seen from there.
  float position[3];
  float distance;
  float axis_across[3], axis_up[3];
  float radius_across, radius_up;
  float least_softness;
  float shadow_strength;
  float tint[3];
  float tight_weight;
  float wide_weight;
  /// Layers over the skin, where the material has any.
  int has_layers;
  float coat_alpha_squared, coat_f0, fuzz_exponent;
} shading_light;

/// One step of the walk towards a light over the relief.
typedef struct {
  /// Distance of the upper left corner from the starting point, in samples of the padded relief.
  ptrdiff_t corner;
  /// Place between the corners.
  float fraction_x, fraction_y;
  /// One over the length of the walk so far.
  float reciprocal;
} shading_stride;

/// One step of the walk towards a light over the slopes of the pixels themselves.
typedef struct {
  /// Distance of the pixel whose slope leads to the step's end.
  ptrdiff_t offset;
  /// Length of the step, and one over that of the walk so far, in pixels.
  float length;
  float reciprocal;
} shading_slope_step;

/// A light over the picture plane: its direction in it, to the right and down, and its height above it.
typedef struct {
  float right, down;
  float elevation, penumbra;
} shading_skyline;

/// Curves from scene light to display light.
typedef enum {
  SHADING_TONE_STANDARD,
  SHADING_TONE_NEUTRAL,
  SHADING_TONE_AGX,
  SHADING_TONE_ACES,
  SHADING_TONE_FALSE_COLOR,
} shading_tone;

typedef enum {
  /// What every processor of the architecture has: SSE2 or NEON.
  SHADING_BASELINE,
  /// x86-64-v3: AVX2 and FMA.
  SHADING_AVX2,
  /// x86-64-v4: AVX-512.
  SHADING_AVX512,
} shading_instruction_set;

/// All loops for one instruction set. Pointers may be unaligned; inputs and outputs do not overlap.
typedef struct {
  /// One strip of passes made ready for light: `SURFACE_LANES` lanes of `surface`.
  void (*prepare)(const shading_material *material, const float *samples, float *surface);
  /// One strip under one light: diffuse red, green, blue and specular, 4 lanes of `response`.
  void (*shade_light)(
      const shading_light *light, const float *surface, const float *visible, float *response);
  /// The same under a lamp that is near or oblong; `positions` has 3 lanes, in heads.
  void (*shade_lamp)(
      const shading_light *light, const float *surface, const float *positions,
      const float *visible, float *response);
  /// One strip under harmonics, nine terms of a polynomial per colour: 3 lanes of `response`.
  void (*shade_harmonics)(
      const float *polynomial, const float *tint, const float *surface, float *response);
  /// All terms of a strip: 6 lanes, diffuse and specular red, green, blue.
  void (*sum)(const shading_term *_Nullable terms, size_t count, size_t strip, float *sum);
  /// color = weights × sum + own over 3 lanes; 4 lanes of weights, the last for specular light.
  void (*weigh)(const float *sum, const float *weights, const float *_Nullable own, float *color);
  /// Exposure and tone map on 3 lanes.
  void (*develop)(shading_tone tone, float gain, float *color);
  /// 3 lanes over what lies behind them, in the blocks whose bits are set.
  void (*lay_over)(uint32_t blocks, const float *matte, const float *behind, float *color);
  /// The sRGB curve on values of 0 and more.
  void (*encode_srgb)(float *values, size_t count);
  /// `count` pixels of 3 lanes as bytes, red, green and blue side by side; beyond 0...1 they are clipped.
  void (*quantize)(const float *color, size_t count, uint8_t *target);
  /// `count` sums over `taps` neighbours; `source` holds `taps` − 1 more. `count` divides by 64.
  void (*blur_row)(
      const float *weights, size_t taps, const float *source, size_t count, float *target);
  /// `rows` sums of 64 columns over `taps` rows; `source` holds `taps` − 1 more rows.
  void (*blur_columns)(
      const float *weights, size_t taps, const float *source, size_t source_stride, size_t rows,
      float *target, size_t target_stride);
  /// target = a × b.
  void (*multiply)(const float *a, const float *b, size_t count, float *target);
  /// values += blurred × factor − values × matte.
  void (*exchange)(
      const float *blurred, const float *factor, const float *matte, size_t count, float *values);
  /// The angle of the highest obstacle over each of `count` points of a row, radians.
  void (*horizon_row)(
      const float *depth, size_t stride, const shading_stride *steps, size_t step_count,
      float tolerance, size_t count, float *angles);
  /// Darkens what neighbours of `count` pixels of a row hide from a light: lanes of at most one strip.
  void (*contact_row)(
      const float *slope_right, const float *slope_down, const shading_slope_step *steps,
      size_t step_count, const shading_skyline *light, size_t count, float *visible);
  /// Linear interpolation between two rows of a grid, from `start` in steps of `step` columns.
  void (*sample_row)(
      const float *upper, const float *lower, float fraction, float start, float step, float limit,
      size_t count, float *target);
} shading_kernels;

/// The loops of an instruction set; nothing where this processor lacks it.
const shading_kernels *_Nullable shading_kernels_for(shading_instruction_set set);

#pragma clang assume_nonnull end

#endif
