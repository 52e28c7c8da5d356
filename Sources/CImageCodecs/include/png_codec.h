#ifndef PNG_CODEC_H
#define PNG_CODEC_H

#include "codec_report.h"

typedef struct codec_png codec_png;

// A PNG after expansion: palettes become RGB, transparency becomes alpha, 1 to 4 bits become 8.
typedef struct {
  uint32_t width, height;
  int channels;   // 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA
  int bit_depth;  // 8 or 16
  int is_srgb;    // an sRGB chunk is present
  double gamma;   // of a gAMA chunk, e.g. 0.45455; 0 without one
  int has_chromaticities;
  double chromaticities[8];  // white, red, green, blue as x, y
  const uint8_t *icc;        // valid until the decoder is closed, like exif
  size_t icc_count;
  const uint8_t *exif;  // may appear only after reading, as it may follow the pixels
  size_t exif_count;
} codec_png_description;

// The bytes must outlive the decoder. Returns NULL after filling the report.
codec_png *codec_png_open(const uint8_t *bytes, size_t count, codec_png_description *description,
                          codec_report *report);

// Fills width * height * channels samples, interleaved, 16-bit ones in the machine's byte order.
codec_status codec_png_read(codec_png *decoder, void *pixels, codec_png_description *description,
                            codec_report *report);

void codec_png_close(codec_png *decoder);

typedef struct {
  uint32_t width, height;
  int channels;   // 1 or 3
  int bit_depth;  // 8 or 16
  int is_srgb;    // tag the samples as sRGB
  // For pictures of 8 bits and one channel whose samples are places in a palette: red, green and blue of
  // each of its colours, 256 at most; NULL for others.
  const uint8_t *palette;
  int color_count;
  int is_stored;  // leave the samples of a palette as they are instead of deflating them
} codec_png_format;

// Encodes interleaved samples, 16-bit ones in the machine's byte order.
codec_status codec_png_encode(const codec_png_format *format, const void *pixels,
                              codec_buffer *output, codec_report *report);

#endif
