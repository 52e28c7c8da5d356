#ifndef COLOR_CODEC_H
#define COLOR_CODEC_H

#include "codec_report.h"

// How the pixels handed to a conversion are stored, interleaved without alpha.
typedef enum {
  CODEC_GRAY_8,
  CODEC_GRAY_16,
  CODEC_RGB_8,
  CODEC_RGB_16,
  CODEC_CMYK_8,
  CODEC_CMYK_8_INVERTED
} codec_color_layout;

typedef struct codec_color codec_color;

// A conversion from an ICC profile to sRGB, relative colorimetric with black-point compensation.
// Returns NULL after filling the report, with CODEC_UNSUPPORTED where the profile is not for
// pictures of this layout.
codec_color *codec_color_open(const uint8_t *icc, size_t count, codec_color_layout layout,
                              codec_report *report);

// The same from a pure power (file gamma, e.g. 0.45455) and chromaticities as white, red, green,
// blue; NULL chromaticities stand for Rec.709.
codec_color *codec_color_open_gamma(double gamma, const double *chromaticities,
                                    codec_color_layout layout, codec_report *report);

// Whether converting would change no 8-bit value by a whole step; sRGB profiles of different makers
// are apart by half of one.
int codec_color_is_identity(codec_color *color);

// Writes 3 floats of sRGB per pixel, interleaved.
void codec_color_apply(codec_color *color, const void *pixels, float *rgb, size_t count);

void codec_color_close(codec_color *color);

// Orientation 1..8 of an EXIF block, which may lack its "Exif\0\0" prefix; 1 where it says nothing.
int codec_exif_orientation(const uint8_t *bytes, size_t count);

#endif
