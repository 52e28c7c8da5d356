#ifndef WEBP_CODEC_H
#define WEBP_CODEC_H

#include "codec_report.h"

typedef struct {
  int width, height;
  int channels;  // 3 RGB, 4 RGBA, not premultiplied
  int is_animated;
} codec_webp_description;

codec_status codec_webp_describe(const uint8_t *bytes, size_t count,
                                 codec_webp_description *description, codec_report *report);

// Fills width * height * channels bytes, interleaved.
codec_status codec_webp_read(const uint8_t *bytes, size_t count,
                             const codec_webp_description *description, uint8_t *pixels,
                             codec_report *report);

// Copies the first chunk with a four-letter name; an absent chunk gives an empty buffer.
codec_status codec_webp_chunk(const uint8_t *bytes, size_t count, const char name[4],
                              codec_buffer *output, codec_report *report);

// Encodes interleaved RGB; a quality of 100 is lossless.
codec_status codec_webp_encode(int width, int height, int quality, const uint8_t *pixels,
                               codec_buffer *output, codec_report *report);

#endif
