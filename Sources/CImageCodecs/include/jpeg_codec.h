#ifndef JPEG_CODEC_H
#define JPEG_CODEC_H

#include "codec_report.h"

typedef struct {
  int width, height;
  int channels;  // 1 grey, 3 RGB, 4 CMYK as stored (Adobe's files store it inverted)
} codec_jpeg_description;

codec_status codec_jpeg_describe(const uint8_t *bytes, size_t count,
                                 codec_jpeg_description *description, codec_report *report);

// Fills width * height * channels bytes, interleaved.
codec_status codec_jpeg_read(const uint8_t *bytes, size_t count,
                             const codec_jpeg_description *description, uint8_t *pixels,
                             codec_report *report);

// Encodes interleaved RGB without subsampling its colour.
codec_status codec_jpeg_encode(int width, int height, int quality, const uint8_t *pixels,
                               codec_buffer *output, codec_report *report);

#endif
