// What lights do to prepared surfaces; a part of kernels.h.

/// White Lambert reflection of a lamp that is cut by the horizon over `softness`; `quarter` is 1 / (4 softness).
static inline float diffuse_reflection(float cosine, float softness, float quarter) {
  float beyond = positive_part(cosine - softness);
  float edge = positive_part(cosine + softness) - beyond;
  float soft = edge * edge * quarter + beyond;
  float excess = softness * softness * (1.0f / 3);
  return soft * (1 - excess * (1 - excess * (1 - excess)));
}

/// A fraction that is not divided yet: divisions are what the loops over pixels wait for.
typedef struct {
  float above, below;
} ratio;

static inline float sum_of(ratio a, float weight_a, ratio b, float weight_b) {
  return (a.above * b.below * weight_a + b.above * a.below * weight_b) / (a.below * b.below);
}

/// π · D · V of one lobe.
static inline ratio specular_lobe(
    float n_dot_l, float n_dot_h, float n_dot_v, float alpha_squared, float masking,
    float widening) {
  float widened = alpha_squared + widening;
  float bend = n_dot_h * n_dot_h * (widened - 1) + 1;
  float shadowing = square_root(alpha_squared + (1 - alpha_squared) * n_dot_l * n_dot_l);
  return (ratio){
      0.5f * widened, bend * bend * (n_dot_l * masking + n_dot_v * shadowing)};
}

typedef struct {
  float red, green, blue, specular;
} light_share;

/// π · D · V · F of coat and fuzz.
static inline float layer_lobes(
    const shading_light *s, float coat, float fuzz, float n_dot_l, float n_dot_h, float n_dot_v,
    float fresnel_weight, float widening) {
  float masking = masking_root(n_dot_v, s->coat_alpha_squared);
  ratio film = specular_lobe(n_dot_l, n_dot_h, n_dot_v, s->coat_alpha_squared, masking, widening);
  float glossy = film.above / film.below;
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
  float soft_red = softness + scatter * s->tint[0], soft_green = softness + scatter * s->tint[1],
        soft_blue = softness + scatter * s->tint[2];
  // One division for all three.
  float common = 0.25f / (soft_red * soft_green * soft_blue);
  float red = diffuse_reflection(cosine, soft_red, common * (soft_green * soft_blue));
  float green = diffuse_reflection(cosine, soft_green, common * (soft_red * soft_blue));
  float blue = diffuse_reflection(cosine, soft_blue, common * (soft_red * soft_green));

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
    ratio tight = specular_lobe(
        n_dot_l, n_dot_h, n_dot_v, LANE(TIGHT_ALPHA_SQUARED), LANE(TIGHT_MASKING), s.widening);
    ratio wide = specular_lobe(
        n_dot_l, n_dot_h, n_dot_v, LANE(WIDE_ALPHA_SQUARED), LANE(WIDE_MASKING), s.widening);
    float lobes = sum_of(tight, s.tight_weight, wide, s.wide_weight);
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
static inline ratio oblong_lobe(
    float n_dot_l, float n_dot_h, float h_dot_t, float h_dot_b, float n_dot_v, float alpha_squared,
    float masking, float widening_t, float widening_b) {
  float t = alpha_squared + widening_t, b = alpha_squared + widening_b;
  float bend = h_dot_t * h_dot_t / t + h_dot_b * h_dot_b / b + n_dot_h * n_dot_h;
  float shadowing = square_root(alpha_squared + (1 - alpha_squared) * n_dot_l * n_dot_l);
  return (ratio){
      0.5f, square_root(t * b) * bend * bend * (n_dot_l * masking + n_dot_v * shadowing)};
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
    ratio tight = oblong_lobe(
        n_dot_l, n_dot_h, h_dot_t, h_dot_b, n_dot_v, LANE(TIGHT_ALPHA_SQUARED),
        LANE(TIGHT_MASKING), wu, wv);
    ratio wide = oblong_lobe(
        n_dot_l, n_dot_h, h_dot_t, h_dot_b, n_dot_v, LANE(WIDE_ALPHA_SQUARED),
        LANE(WIDE_MASKING), wu, wv);
    float lobes = sum_of(tight, s.tight_weight, wide, s.wide_weight);
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
      float nx = LANE(BENT_NORMAL), ny = surface[(SURFACE_BENT_NORMAL + 1) * STRIP + i],
            nz = surface[(SURFACE_BENT_NORMAL + 2) * STRIP + i];
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
