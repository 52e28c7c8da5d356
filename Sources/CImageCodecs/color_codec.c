#include "color_codec.h"

#include <lcms2.h>
#include <libexif/exif-data.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct codec_color {
  cmsHTRANSFORM transform;
  codec_color_layout layout;
};

// Little CMS turns 8-bit samples into 16-bit ones ten times as fast as into floats, exact to 14 bits;
// 16-bit samples need the floats to keep their precision.
static int is_wide(codec_color_layout layout) {
  return layout == CODEC_GRAY_16 || layout == CODEC_RGB_16;
}

// White, red, green, blue of Rec.709 as x, y.
static const double rec709[8] = {0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};

static cmsUInt32Number format_of(codec_color_layout layout) {
  switch (layout) {
    case CODEC_GRAY_8: return TYPE_GRAY_8;
    case CODEC_GRAY_16: return TYPE_GRAY_16;
    case CODEC_RGB_8: return TYPE_RGB_8;
    case CODEC_RGB_16: return TYPE_RGB_16;
    case CODEC_CMYK_8: return TYPE_CMYK_8;
    case CODEC_CMYK_8_INVERTED: return TYPE_CMYK_8_REV;
  }
  return TYPE_RGB_8;
}

static cmsColorSpaceSignature space_of(codec_color_layout layout) {
  switch (layout) {
    case CODEC_GRAY_8:
    case CODEC_GRAY_16: return cmsSigGrayData;
    case CODEC_RGB_8:
    case CODEC_RGB_16: return cmsSigRgbData;
    default: return cmsSigCmykData;
  }
}

static codec_color *open_profile(cmsHPROFILE profile, codec_color_layout layout,
                                 codec_report *report) {
  if (cmsGetColorSpace(profile) != space_of(layout)) {
    codec_fail(report, CODEC_UNSUPPORTED, "the profile is for another kind of picture");
    return NULL;
  }
  cmsHPROFILE srgb = cmsCreate_sRGBProfile();
  cmsHTRANSFORM transform =
      srgb ? cmsCreateTransform(profile, format_of(layout), srgb,
                                is_wide(layout) ? TYPE_RGB_FLT : TYPE_RGB_16,
                                INTENT_RELATIVE_COLORIMETRIC,
                                cmsFLAGS_BLACKPOINTCOMPENSATION | cmsFLAGS_NOCACHE)
           : NULL;
  if (srgb) cmsCloseProfile(srgb);
  if (!transform) {
    codec_fail(report, CODEC_UNSUPPORTED, "the profile has no way to sRGB");
    return NULL;
  }
  codec_color *color = malloc(sizeof *color);
  if (!color) {
    cmsDeleteTransform(transform);
    codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a colour conversion");
    return NULL;
  }
  color->transform = transform;
  color->layout = layout;
  report->status = CODEC_OK;
  return color;
}

static cmsHPROFILE make_profile(double gamma, const double c[8]) {
  const cmsCIExyY white = {c[0], c[1], 1};
  const cmsCIExyYTRIPLE primaries = {{c[2], c[3], 1}, {c[4], c[5], 1}, {c[6], c[7], 1}};
  cmsToneCurve *curve = cmsBuildGamma(NULL, 1 / gamma);
  if (!curve) return NULL;
  cmsToneCurve *const curves[3] = {curve, curve, curve};
  cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);
  cmsFreeToneCurve(curve);
  return profile;
}

codec_color *codec_color_open(const uint8_t *icc, size_t count, codec_color_layout layout,
                              codec_report *report) {
  cmsHPROFILE profile = cmsOpenProfileFromMem(icc, (cmsUInt32Number)count);
  if (!profile) {
    codec_fail(report, CODEC_CORRUPT, "the ICC profile is damaged");
    return NULL;
  }
  codec_color *color = open_profile(profile, layout, report);
  cmsCloseProfile(profile);
  return color;
}

codec_color *codec_color_open_gamma(double gamma, const double *chromaticities,
                                    codec_color_layout layout, codec_report *report) {
  cmsHPROFILE profile = make_profile(gamma, chromaticities ? chromaticities : rec709);
  if (!profile) {
    codec_fail(report, CODEC_CORRUPT, "the chromaticities are not those of a colour space");
    return NULL;
  }
  codec_color *color = open_profile(profile, layout, report);
  cmsCloseProfile(profile);
  return color;
}

// MARK: - Converting

// Channels of the layouts whose identity can be tested: those that hold grey or RGB already.
static int direct_channels(codec_color_layout layout) {
  switch (layout) {
    case CODEC_GRAY_8:
    case CODEC_GRAY_16: return 1;
    case CODEC_RGB_8:
    case CODEC_RGB_16: return 3;
    default: return 0;
  }
}

int codec_color_is_identity(codec_color *color) {
  const int channels = direct_channels(color->layout);
  if (!channels) return 0;
  const int steps = 6;
  for (int i = 0; i < steps * steps * steps; i++) {
    const int level[3] = {i % steps * 51, i / steps % steps * 51, i / (steps * steps) * 51};
    const uint8_t narrow[3] = {level[0], level[1], level[2]};
    const uint16_t wide[3] = {level[0] * 257, level[1] * 257, level[2] * 257};
    float rgb[3];
    codec_color_apply(color, is_wide(color->layout) ? (const void *)wide : narrow, rgb, 1);
    for (int c = 0; c < 3; c++) {
      if (fabsf(rgb[c] * 255 - level[channels == 1 ? 0 : c]) > 0.75f) return 0;
    }
  }
  return 1;
}

void codec_color_apply(codec_color *color, const void *pixels, float *rgb, size_t count) {
  if (is_wide(color->layout)) {
    cmsDoTransform(color->transform, pixels, rgb, (cmsUInt32Number)count);
    return;
  }
  const size_t channels = T_CHANNELS(format_of(color->layout));
  uint16_t converted[3 * 1024];
  for (size_t start = 0; start < count; start += 1024) {
    const size_t part = count - start < 1024 ? count - start : 1024;
    cmsDoTransform(color->transform, (const uint8_t *)pixels + start * channels, converted,
                   (cmsUInt32Number)part);
    for (size_t i = 0; i < 3 * part; i++) rgb[3 * start + i] = converted[i] / 65535.0f;
  }
}

void codec_color_close(codec_color *color) {
  if (!color) return;
  cmsDeleteTransform(color->transform);
  free(color);
}

// MARK: - EXIF

int codec_exif_orientation(const uint8_t *bytes, size_t count) {
  static const uint8_t prefix[6] = {'E', 'x', 'i', 'f', 0, 0};
  if (count < 8 || count > 1 << 24) return 1;
  // libexif wants the prefix of JPEG's segment, which PNG and most WebP files leave out.
  const size_t missing = memcmp(bytes, prefix, sizeof prefix) ? sizeof prefix : 0;
  uint8_t *block = malloc(count + missing);
  if (!block) return 1;
  memcpy(block, prefix, missing);
  memcpy(block + missing, bytes, count);
  int orientation = 1;
  ExifData *data = exif_data_new_from_data(block, (unsigned int)(count + missing));
  if (data) {
    ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
    if (entry && entry->format == EXIF_FORMAT_SHORT && entry->components == 1) {
      orientation = exif_get_short(entry->data, exif_data_get_byte_order(data));
    }
    exif_data_unref(data);
  }
  free(block);
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}
