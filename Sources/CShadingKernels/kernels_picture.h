// From sums of light to pixels; a part of kernels.h.

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
      // The next strip's values are on their way while these are added.
      for (size_t lane = 0; lane < term->lanes; lane++)
        __builtin_prefetch(lanes + (term->lanes + lane) * STRIP);
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

static void lay_over(uint32_t blocks, const float *matte, const float *behind, float *color) {
  for (; blocks; blocks &= blocks - 1) {
    int place = __builtin_ctz(blocks) * SHADING_BLOCK;
    for (int channel = 0; channel < 3; channel++) {
      const float *back = behind + channel * STRIP + place;
      float *result = color + channel * STRIP + place;
      for (int i = 0; i < SHADING_BLOCK; i++)
        result[i] = back[i] + (result[i] - back[i]) * matte[place + i];
    }
  }
}

static void encode_srgb(float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float value = values[i];
    float curved = 1.055f * exp2_of((1 / 2.4f) * log2_of(greatest(value, 0.0031308f))) - 0.055f;
    values[i] = value <= 0.0031308f ? value * 12.92f : curved;
  }
}

static void quantize(const float *color, size_t count, uint8_t *target) {
  // As the scalar twin rounds: the product first.
#pragma clang fp contract(off)
  for (size_t i = 0; i < count; i++)
    for (int channel = 0; channel < 3; channel++)
      target[3 * i + channel] = (uint8_t)(clamp01(color[channel * STRIP + i]) * 255 + 0.5f);
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
