#ifndef EXR_CODEC_H
#define EXR_CODEC_H

#include "codec_report.h"

typedef struct codec_exr codec_exr;

// The first part of an OpenEXR file, of flat scan lines or tiles, cut to its data window.
typedef struct {
  int width, height;
  int channels;
  int attributes;
} codec_exr_description;

// The bytes must outlive the decoder. Returns NULL after filling the report.
codec_exr *codec_exr_open(const uint8_t *bytes, size_t count, codec_exr_description *description,
                          codec_report *report);

// A channel's full name, "layer.R"; valid until the decoder is closed.
const char *codec_exr_channel_name(const codec_exr *decoder, int channel);

// The value of a text attribute and its name, valid until the decoder is closed; NULL for attributes
// of other types.
const char *codec_exr_attribute(const codec_exr *decoder, int attribute, const char **name);

// Fills one plane of width * height floats for each channel, one after the other.
codec_status codec_exr_read(codec_exr *decoder, float *planes, codec_report *report);

void codec_exr_close(codec_exr *decoder);

typedef struct {
  const char *name;
  int is_half;  // stored in 16 bits, otherwise in 32
  const float *plane;
} codec_exr_channel;

// A text attribute of the header.
typedef struct {
  const char *name;
  const char *value;
} codec_exr_text;

// A picture to write as one part of scan lines, losslessly compressed by ZIP or not at all.
typedef struct {
  int width, height;
  const codec_exr_channel *channels;
  int channel_count;
  const codec_exr_text *attributes;
  int attribute_count;
  int is_compressed;
  // Calls `body` with `context` and 0 up to `count`, on any threads, and returns when all have returned.
  void (*for_each)(int count, void *context, void (*body)(void *context, int index));
} codec_exr_picture;

// Writes a whole file through a descriptor that can be written anywhere, from its start.
codec_status codec_exr_write(const codec_exr_picture *picture, int descriptor,
                             codec_report *report);

#endif
