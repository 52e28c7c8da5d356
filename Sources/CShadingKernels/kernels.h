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
    float open = power(n_dot_v + ao, exp2_of(-16 * roughness * roughness - 1));
    OUTPUT(AMBIENT_SPECULAR) = (reflectance * below + layers) * clamp01(open - 1 + ao);
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

// MARK: Light

static inline float diffuse_reflection(float cosine, float softness) {
  float beyond = positive_part(cosine - softness);
  float edge = positive_part(cosine + softness) - beyond;
  float soft = edge * edge / (4 * softness) + beyond;
  float excess = softness * softness * (1.0f / 3);
  return soft * (1 - excess * (1 - excess * (1 - excess)));
}

/// π · D · V of one lobe with a single division.
static inline float specular_lobe(
    float n_dot_l, float n_dot_h, float n_dot_v, float alpha_squared, float masking,
    float widening) {
  float widened = alpha_squared + widening;
  float bend = n_dot_h * n_dot_h * (widened - 1) + 1;
  float shadowing = square_root(alpha_squared + (1 - alpha_squared) * n_dot_l * n_dot_l);
  return 0.5f * widened / (bend * bend * (n_dot_l * masking + n_dot_v * shadowing));
}

typedef struct {
  float red, green, blue, specular;
} light_share;

/// π · D · V · F of coat and fuzz.
static inline float layer_lobes(
    const shading_light *s, float coat, float fuzz, float n_dot_l, float n_dot_h, float n_dot_v,
    float fresnel_weight, float widening) {
  float masking = masking_root(n_dot_v, s->coat_alpha_squared);
  float glossy =
      specular_lobe(n_dot_l, n_dot_h, n_dot_v, s->coat_alpha_squared, masking, widening);
  float sine = square_root(positive_part(1 - n_dot_h * n_dot_h));
  float fibres = (1 + 0.5f * s->fuzz_exponent) * power(sine, s->fuzz_exponent);
  float seen = 0.25f / greatest(n_dot_l + n_dot_v - n_dot_l * n_dot_v, 1e-4f);
  return coat * glossy * (s->coat_f0 + (1 - s->coat_f0) * fresnel_weight) + fuzz * fibres * seen;
}

/// What a cosine and a pair of lobes, π · D · V mixed, make of the light that a pixel sees.
static inline light_share reflected(
    const shading_light *s, const float *surface, int i, float cosine, float softness, float lobes,
    float layers, float fresnel_weight, float visible) {
#define LANE(name) surface[SURFACE_##name * STRIP + i]
  float scatter = LANE(SCATTER);
  float red = diffuse_reflection(cosine, softness + scatter * s->tint[0]);
  float green = diffuse_reflection(cosine, softness + scatter * s->tint[1]);
  float blue = diffuse_reflection(cosine, softness + scatter * s->tint[2]);

  float reach = 1 - positive_part(1 - red * LANE(APERTURE));
  float visibility = visible * (1 + s->shadow_strength * (reach * reach - 1));
  float transmitted = LANE(TRANSMITTED);
  float front = visibility * (1 - transmitted);
  // What hides the lamp from the front hides it from the back as well: the head is in the way.
  float back = positive_part(-cosine) * transmitted * visible;
  float f0 = LANE(F0);
  float fresnel = f0 + (1 - f0) * fresnel_weight;
  return (light_share){
      red * front + back * s->tint[0], green * front + back * s->tint[1],
      blue * front + back * s->tint[2],
      visibility * positive_part(cosine) * (lobes * fresnel * LANE(SPECULAR_GAIN) + layers)};
}

/// Loops are compiled with and without layers: most skin has none.
#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE void shade_light_as(
    int has_layers, const shading_light *light, const float *surface, const float *visible,
    float *response) {
  const shading_light s = *light;
  for (int i = 0; i < STRIP; i++) {
    float nx = LANE(NORMAL), ny = surface[(SURFACE_NORMAL + 1) * STRIP + i],
          nz = surface[(SURFACE_NORMAL + 2) * STRIP + i];
    float cosine = nx * s.direction[0] + ny * s.direction[1] + nz * s.direction[2];
    float n_dot_l = positive_part(cosine);
    float n_dot_h = positive_part(
        nx * s.half_vector[0] + ny * s.half_vector[1] + nz * s.half_vector[2]);
    float n_dot_v = LANE(N_DOT_V);
    float lobes =
        specular_lobe(
            n_dot_l, n_dot_h, n_dot_v, LANE(TIGHT_ALPHA_SQUARED), LANE(TIGHT_MASKING), s.widening)
            * s.tight_weight
        + specular_lobe(
              n_dot_l, n_dot_h, n_dot_v, LANE(WIDE_ALPHA_SQUARED), LANE(WIDE_MASKING), s.widening)
            * s.wide_weight;
    float layers =
        has_layers ? layer_lobes(
            &s, LANE(COAT), LANE(FUZZ), n_dot_l, n_dot_h, n_dot_v, s.fresnel_weight, s.widening)
                   : 0;
    light_share share = reflected(
        &s, surface, i, cosine, s.softness, lobes, layers, s.fresnel_weight, visible[i]);
    response[i] = share.red;
    response[STRIP + i] = share.green;
    response[2 * STRIP + i] = share.blue;
    response[3 * STRIP + i] = share.specular;
  }
}

static void shade_light(
    const shading_light *light, const float *surface, const float *visible, float *response) {
  if (light->has_layers)
    shade_light_as(1, light, surface, visible, response);
  else
    shade_light_as(0, light, surface, visible, response);
}

/// π · D · V of one lobe that the lamp widens differently along two tangents.
static inline float oblong_lobe(
    float n_dot_l, float n_dot_h, float h_dot_t, float h_dot_b, float n_dot_v, float alpha_squared,
    float masking, float widening_t, float widening_b) {
  float t = alpha_squared + widening_t, b = alpha_squared + widening_b;
  float bend = h_dot_t * h_dot_t / t + h_dot_b * h_dot_b / b + n_dot_h * n_dot_h;
  float shadowing = square_root(alpha_squared + (1 - alpha_squared) * n_dot_l * n_dot_l);
  return 0.5f / (square_root(t * b) * bend * bend * (n_dot_l * masking + n_dot_v * shadowing));
}

ALWAYS_INLINE void shade_lamp_as(
    int has_layers, const shading_light *light, const float *surface, const float *positions,
    const float *visible, float *response) {
  const shading_light s = *light;
  for (int i = 0; i < STRIP; i++) {
    float nx = LANE(NORMAL), ny = surface[(SURFACE_NORMAL + 1) * STRIP + i],
          nz = surface[(SURFACE_NORMAL + 2) * STRIP + i];
    float lx = s.position[0] - positions[i], ly = s.position[1] - positions[STRIP + i],
          lz = s.position[2] - positions[2 * STRIP + i];
    float nearness = 1 / square_root(greatest(lx * lx + ly * ly + lz * lz, 0.01f));
    lx *= nearness;
    ly *= nearness;
    lz *= nearness;
    float growth = s.distance * nearness;
    float cosine = nx * lx + ny * ly + nz * lz;

    const float *u = s.axis_across, *v = s.axis_up;
    float across = nx * u[0] + ny * u[1] + nz * u[2], up = nx * v[0] + ny * v[1] + nz * v[2];
    float ru = s.radius_across * growth, rv = s.radius_up * growth;
    float au = across * across + 1e-4f, av = up * up + 1e-4f;
    float softness = square_root((ru * ru * au + rv * rv * av) / (au + av));
    softness = least(greatest(softness, s.least_softness), 1);

    float hx = lx, hy = ly, hz = lz + 1;
    float scale = 1 / square_root(greatest(hx * hx + hy * hy + hz * hz, 1e-6f));
    hx *= scale;
    hy *= scale;
    hz *= scale;
    // The lamp's first axis laid into the surface; its last part keeps it from vanishing.
    float tx = u[0] - across * nx, ty = u[1] - across * ny, tz = u[2] - across * nz;
    float size = 1 / square_root(greatest(tx * tx + ty * ty + tz * tz, 1e-6f));
    float n_dot_h = positive_part(nx * hx + ny * hy + nz * hz);
    float h_dot_t = (hx * tx + hy * ty + hz * tz) * size;
    float h_dot_b =
        (hx * (ny * tz - nz * ty) + hy * (nz * tx - nx * tz) + hz * (nx * ty - ny * tx)) * size;
    float wu = ru * ru * 0.125f, wv = rv * rv * 0.125f;
    float n_dot_l = positive_part(cosine), n_dot_v = LANE(N_DOT_V);
    float lobes =
        oblong_lobe(
            n_dot_l, n_dot_h, h_dot_t, h_dot_b, n_dot_v, LANE(TIGHT_ALPHA_SQUARED),
            LANE(TIGHT_MASKING), wu, wv)
            * s.tight_weight
        + oblong_lobe(
              n_dot_l, n_dot_h, h_dot_t, h_dot_b, n_dot_v, LANE(WIDE_ALPHA_SQUARED),
              LANE(WIDE_MASKING), wu, wv)
            * s.wide_weight;
    float away = 1 - positive_part(hz), away2 = away * away;
    float fresnel_weight = away2 * away2 * away;
    // Layers are broad: the mean of the lamp's two extents serves them.
    float layers =
        has_layers ? layer_lobes(
            &s, LANE(COAT), LANE(FUZZ), n_dot_l, n_dot_h, n_dot_v, fresnel_weight,
            0.5f * (wu + wv))
                   : 0;
    light_share share = reflected(
        &s, surface, i, cosine, softness, lobes, layers, fresnel_weight, visible[i]);
    float falloff = growth * growth;
    response[i] = share.red * falloff;
    response[STRIP + i] = share.green * falloff;
    response[2 * STRIP + i] = share.blue * falloff;
    response[3 * STRIP + i] = share.specular * falloff;
  }
}

static void shade_lamp(
    const shading_light *light, const float *surface, const float *positions,
    const float *visible, float *response) {
  if (light->has_layers)
    shade_lamp_as(1, light, surface, positions, visible, response);
  else
    shade_lamp_as(0, light, surface, positions, visible, response);
}

static void shade_harmonics(
    const float *polynomial, const float *tint, const float *surface, float *response) {
  for (int channel = 0; channel < 3; channel++) {
    float c[9];
    memcpy(c, polynomial + 9 * channel, sizeof c);
    float own_tint = tint[channel];
    const float *visibility = surface + (SURFACE_AMBIENT_VISIBILITY + channel) * STRIP;
    float *result = response + channel * STRIP;
    for (int i = 0; i < STRIP; i++) {
      float nx = LANE(NORMAL), ny = surface[(SURFACE_NORMAL + 1) * STRIP + i],
            nz = surface[(SURFACE_NORMAL + 2) * STRIP + i];
      // Even terms are the same for the opposite normal, odd ones change sign.
      float odd = c[1] * nx + c[2] * ny + c[3] * nz;
      float even = c[0] + c[4] * (nx * ny) + c[5] * (ny * nz) + c[6] * (nx * nz) + c[7] * (nz * nz)
                   + c[8] * (nx * nx - ny * ny);
      float front = positive_part(even + odd);
      float back = positive_part(even - odd) * own_tint;
      result[i] = (front + (back - front) * LANE(TRANSMITTED)) * visibility[i];
    }
  }
}

// MARK: Picture

/// Sixteen values side by side: narrower instruction sets take them in several registers.
typedef float block __attribute__((vector_size(64), aligned(4)));

static void sum(const shading_term *terms, size_t count, size_t strip, float *sum) {
  for (size_t i = 0; i < STRIP; i += 16) {
    // Kept in registers over all terms: memory is what limits this loop.
    block total[6] = {0};
    for (size_t index = 0; index < count; index++) {
      const shading_term *term = terms + index;
      const float *lanes = term->response + strip * term->lanes * STRIP + i;
      // A light's one specular lane serves all three colours.
      size_t step = term->lanes == 6 ? STRIP : 0;
      for (int channel = 0; channel < 3; channel++) {
        total[channel] += *(const block *)(lanes + channel * STRIP) * term->color[channel];
        total[3 + channel] +=
            *(const block *)(lanes + 3 * STRIP + channel * step) * term->color[channel];
      }
    }
    for (int lane = 0; lane < 6; lane++) *(block *)(sum + lane * STRIP + i) = total[lane];
  }
}

static void weigh(const float *sum, const float *weights, const float *own, float *color) {
  const float *specular_weight = weights + 3 * STRIP;
  for (int channel = 0; channel < 3; channel++) {
    const float *diffuse = sum + channel * STRIP;
    const float *specular = sum + (3 + channel) * STRIP;
    const float *weight = weights + channel * STRIP;
    float *result = color + channel * STRIP;
    for (int i = 0; i < STRIP; i++)
      result[i] = diffuse[i] * weight[i] + specular[i] * specular_weight[i];
    if (own)
      for (int i = 0; i < STRIP; i++) result[i] += own[channel * STRIP + i];
  }
}

static void lay_over(const float *matte, const float *behind, float *color) {
  for (int channel = 0; channel < 3; channel++) {
    const float *back = behind + channel * STRIP;
    float *result = color + channel * STRIP;
    for (int i = 0; i < STRIP; i++) result[i] = back[i] + (result[i] - back[i]) * matte[i];
  }
}

static void encode_srgb(float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float value = values[i];
    float curved = 1.055f * exp2_of((1 / 2.4f) * log2_of(greatest(value, 0.0031308f))) - 0.055f;
    values[i] = value <= 0.0031308f ? value * 12.92f : curved;
  }
}

static inline void tone_neutral(float *red, float *green, float *blue) {
  float r = *red, g = *green, b = *blue;
  const float start = 0.8f - 0.04f, desaturation = 0.15f, room = 1 - start;
  float low = least(r, least(g, b));
  float offset = low < 0.08f ? low - 6.25f * low * low : 0.04f;
  r -= offset;
  g -= offset;
  b -= offset;
  float peak = greatest(r, greatest(g, b));
  // Below the start both factors leave the colour as it is.
  float bright = greatest(peak, start);
  float new_peak = 1 - room * room / (bright + room - start);
  float grey = 1 - 1 / (desaturation * (bright - new_peak) + 1);
  float scale = new_peak / bright;
  *red = r * scale + (new_peak - r * scale) * grey;
  *green = g * scale + (new_peak - g * scale) * grey;
  *blue = b * scale + (new_peak - b * scale) * grey;
}

static inline float tone_aces(float value) {
  float x = least(value, 1e4f) * 0.6f;
  return clamp01((x * (2.51f * x + 0.03f)) / (x * (2.43f * x + 0.59f) + 0.14f));
}

static inline float agx_curve(float value) {
  const float low = -12.47393f, high = 4.026069f;
  float stops = log2_of(greatest(value, 1e-10f));
  float x = (least(greatest(stops, low), high) - low) / (high - low);
  float x2 = x * x, x4 = x2 * x2;
  return 0.1191f * x - 0.00232f + 0.4298f * x2 - 6.868f * x2 * x + 31.96f * x4 - 40.14f * x4 * x
         + 15.5f * x4 * x2;
}

static inline void tone_agx(float *red, float *green, float *blue) {
  float r = *red, g = *green, b = *blue;
  float cr = agx_curve(
      0.842479062253094f * r + 0.0784335999999992f * g + 0.0792237451477643f * b);
  float cg = agx_curve(0.0423282422610123f * r + 0.878468636469772f * g + 0.0791661274605434f * b);
  float cb = agx_curve(0.0423756549057051f * r + 0.0784336f * g + 0.879142973793104f * b);
  *red = power(
      clamp01(1.19687900512017f * cr - 0.0980208811401368f * cg - 0.0990297440797205f * cb), 2.2f);
  *green = power(
      clamp01(-0.0528968517574562f * cr + 1.15190312990417f * cg - 0.0989611768448433f * cb), 2.2f);
  *blue = power(
      clamp01(-0.0529716355144438f * cr - 0.0980434501171241f * cg + 1.15107367264116f * cb), 2.2f);
}

static inline void tone_false_color(float *red, float *green, float *blue) {
  float light = 0.2126f * *red + 0.7152f * *green + 0.0722f * *blue;
  float stops = log2_of(greatest(light, 1e-10f) * (1 / 0.18f));
  float grey = clamp01(light), r = grey, g = grey, b = grey;
#define BAND(condition, band_red, band_green, band_blue) \
  r = (condition) ? band_red : r;                        \
  g = (condition) ? band_green : g;                      \
  b = (condition) ? band_blue : b
  BAND(stops < -4.5f, 0.02f, 0.12f, 0.80f);
  BAND(stops < -6, 0.22f, 0.02f, 0.45f);
  BAND((stops > -0.25f) & (stops < 0.25f), 0.05f, 0.50f, 0.08f);
  BAND((stops > 0.75f) & (stops < 1.25f), 0.90f, 0.35f, 0.45f);
  BAND(stops > 2, 0.95f, 0.80f, 0.02f);
  BAND(light >= 1, 0.80f, 0.01f, 0.01f);
#undef BAND
  *red = r;
  *green = g;
  *blue = b;
}

#define DEVELOP(map)                                  \
  for (int i = 0; i < STRIP; i++) {                   \
    float red = positive_part(color[i] * gain);       \
    float green = positive_part(color[STRIP + i] * gain); \
    float blue = positive_part(color[2 * STRIP + i] * gain); \
    map;                                              \
    color[i] = red;                                   \
    color[STRIP + i] = green;                         \
    color[2 * STRIP + i] = blue;                      \
  }

static void develop(shading_tone tone, float gain, float *color) {
  switch (tone) {
  case SHADING_TONE_STANDARD:
    DEVELOP(red = least(red, 1); green = least(green, 1); blue = least(blue, 1));
    break;
  case SHADING_TONE_NEUTRAL:
    DEVELOP(tone_neutral(&red, &green, &blue));
    break;
  case SHADING_TONE_AGX:
    DEVELOP(tone_agx(&red, &green, &blue));
    break;
  case SHADING_TONE_ACES:
    DEVELOP(red = tone_aces(red); green = tone_aces(green); blue = tone_aces(blue));
    break;
  case SHADING_TONE_FALSE_COLOR:
    DEVELOP(tone_false_color(&red, &green, &blue));
    break;
  }
}

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
    const float *weights, size_t taps, const float *source, size_t rows, float *target,
    size_t target_stride) {
  for (size_t y = 0; y < rows; y++)
    weighted_sum(weights, taps, source + 64 * y, 64, target + y * target_stride);
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

static void sample_row(
    const float *upper, const float *lower, float fraction, float start, float step, float limit,
    size_t count, float *target) {
  for (size_t i = 0; i < count; i++) {
    float u = least(positive_part(start + step * (float)(int32_t)i), limit);
    int32_t column = (int32_t)u;
    float across = u - (float)column;
    float left = upper[column] + (lower[column] - upper[column]) * fraction;
    float right = upper[column + 1] + (lower[column + 1] - upper[column + 1]) * fraction;
    target[i] = left + (right - left) * across;
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
    .blur_row = blur_row,
    .blur_columns = blur_columns,
    .multiply = multiply,
    .exchange = exchange,
    .horizon_row = horizon_row,
    .contact_row = contact_row,
    .sample_row = sample_row,
};
