#include "png_codec.h"

#include "literal_deflate.h"

#include <png.h>
#include <zlib.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct codec_png {
  png_structp png;
  png_infop info, end;
  const uint8_t *bytes;
  size_t count, position;
  codec_report *report;
};

static int is_little_endian(void) {
  const uint16_t one = 1;
  return *(const uint8_t *)&one;
}

// libpng may call this again while it unwinds; the first failure is the telling one.
static void on_error(png_structp png, png_const_charp message) {
  codec_report *report = *(codec_report **)png_get_error_ptr(png);
  if (report->status == CODEC_OK) codec_fail(report, CODEC_CORRUPT, message);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void read_bytes(png_structp png, png_bytep target, size_t count) {
  codec_png *decoder = png_get_io_ptr(png);
  if (count > decoder->count - decoder->position) {
    codec_fail(decoder->report, CODEC_TRUNCATED, "the file ends inside a chunk");
    png_error(png, "truncated");
  }
  memcpy(target, decoder->bytes + decoder->position, count);
  decoder->position += count;
}

static void describe_exif(codec_png *decoder, png_infop info, codec_png_description *description) {
  png_bytep exif = NULL;
  png_uint_32 count = 0;
  if (png_get_eXIf_1(decoder->png, info, &count, &exif)) {
    description->exif = exif;
    description->exif_count = count;
  }
}

static void describe(codec_png *decoder, codec_png_description *description) {
  png_structp png = decoder->png;
  png_infop info = decoder->info;
  memset(description, 0, sizeof *description);
  description->width = png_get_image_width(png, info);
  description->height = png_get_image_height(png, info);
  description->channels = png_get_channels(png, info);
  description->bit_depth = png_get_bit_depth(png, info);

  png_charp name;
  int compression;
  png_bytep profile;
  png_uint_32 profile_count;
  if (png_get_iCCP(png, info, &name, &compression, &profile, &profile_count)) {
    description->icc = profile;
    description->icc_count = profile_count;
  }
  int intent;
  description->is_srgb = png_get_sRGB(png, info, &intent) != 0;
  if (!png_get_gAMA(png, info, &description->gamma)) description->gamma = 0;
  double *c = description->chromaticities;
  description->has_chromaticities =
      png_get_cHRM(png, info, &c[0], &c[1], &c[2], &c[3], &c[4], &c[5], &c[6], &c[7]) != 0;
  describe_exif(decoder, info, description);
}

codec_png *codec_png_open(const uint8_t *bytes, size_t count, codec_png_description *description,
                          codec_report *report) {
  report->status = CODEC_OK;
  codec_png *decoder = calloc(1, sizeof *decoder);
  if (!decoder) {
    codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a PNG decoder");
    return NULL;
  }
  decoder->bytes = bytes;
  decoder->count = count;
  decoder->report = report;
  decoder->png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder->report, on_error, on_warning);
  if (decoder->png) decoder->info = png_create_info_struct(decoder->png);
  if (decoder->info) decoder->end = png_create_info_struct(decoder->png);
  if (!decoder->end) {
    codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a PNG decoder");
    codec_png_close(decoder);
    return NULL;
  }
  if (setjmp(png_jmpbuf(decoder->png))) {
    codec_png_close(decoder);
    return NULL;
  }
  png_set_read_fn(decoder->png, decoder, read_bytes);
  png_read_info(decoder->png, decoder->info);
  png_set_expand(decoder->png);
  if (is_little_endian()) png_set_swap(decoder->png);
  png_set_interlace_handling(decoder->png);
  png_read_update_info(decoder->png, decoder->info);
  describe(decoder, description);
  return decoder;
}

codec_status codec_png_read(codec_png *decoder, void *pixels, codec_png_description *description,
                            codec_report *report) {
  report->status = CODEC_OK;
  decoder->report = report;
  const size_t stride = png_get_rowbytes(decoder->png, decoder->info);
  png_bytep *volatile rows = malloc(description->height * sizeof *rows);
  if (!rows) return codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a PNG's rows");
  for (uint32_t y = 0; y < description->height; y++) rows[y] = (png_bytep)pixels + y * stride;
  if (setjmp(png_jmpbuf(decoder->png))) {
    free(rows);
    return report->status;
  }
  png_read_image(decoder->png, rows);
  png_read_end(decoder->png, decoder->end);
  if (!description->exif) describe_exif(decoder, decoder->end, description);
  free(rows);
  return CODEC_OK;
}

void codec_png_close(codec_png *decoder) {
  if (!decoder) return;
  if (decoder->png) png_destroy_read_struct(&decoder->png, &decoder->info, &decoder->end);
  free(decoder);
}

// MARK: - Encoding

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  codec_buffer *output = png_get_io_ptr(png);
  if (!codec_buffer_append(output, bytes, count)) png_error(png, "out of memory");
}

static void flush_bytes(png_structp png) { (void)png; }

// Memory for writing rows of 16 bits.
typedef struct {
  size_t stride, rows_per_block;
  // The row, the one above it, and the row filtered in two ways.
  uint8_t *row, *above, *left_difference, *upper_difference;
  // Filtered rows that wait for compression, each behind the number of its filter.
  uint8_t *block;
  uint8_t *compressed;
} wide_rows;

static int allocate_wide_rows(wide_rows *rows, const codec_png_format *format) {
  const size_t stride = (size_t)format->width * format->channels * 2;
  rows->stride = stride;
  rows->rows_per_block = stride + 1 < 131072 ? 131072 / (stride + 1) : 1;
  const size_t block = rows->rows_per_block * (stride + 1);
  // The row above the first counts as zeros.
  rows->row = calloc(4 * stride + block + literal_deflate_bound(block), 1);
  if (!rows->row) return 0;
  rows->above = rows->row + stride;
  rows->left_difference = rows->above + stride;
  rows->upper_difference = rows->left_difference + stride;
  rows->block = rows->upper_difference + stride;
  rows->compressed = rows->block + block;
  return 1;
}

// The magnitude of a difference of bytes that wraps around.
static inline uint32_t magnitude(uint8_t difference) {
  return difference < 128 ? difference : 256u - difference;
}

// Filters a row by the differences to the left or to the row above, whichever are smaller on the whole.
static void filter_row(const wide_rows *rows, size_t pixel_bytes, uint8_t *target) {
  const uint8_t *row = rows->row, *above = rows->above;
  uint32_t left_sum = 0, upper_sum = 0;
  for (size_t i = 0; i < rows->stride; i++) {
    rows->upper_difference[i] = (uint8_t)(row[i] - above[i]);
    upper_sum += magnitude(rows->upper_difference[i]);
  }
  memcpy(rows->left_difference, row, pixel_bytes);
  for (size_t i = pixel_bytes; i < rows->stride; i++) {
    rows->left_difference[i] = (uint8_t)(row[i] - row[i - pixel_bytes]);
    left_sum += magnitude(rows->left_difference[i]);
  }
  const int is_upper = upper_sum < left_sum;
  target[0] = is_upper ? PNG_FILTER_VALUE_UP : PNG_FILTER_VALUE_SUB;
  memcpy(target + 1, is_upper ? rows->upper_difference : rows->left_difference, rows->stride);
}

// libpng would compress by zlib, which is slow on such samples (see literal_deflate.h).
static void write_wide_rows(png_structp png, const codec_png_format *format,
                            const uint16_t *pixels, wide_rows *rows) {
  const size_t samples = rows->stride / 2;
  literal_deflate stream = {0};
  size_t waiting = 0;
  for (uint32_t y = 0; y < format->height; y++) {
    uint8_t *const spare = rows->above;
    if (y > 0) {
      rows->above = rows->row;
      rows->row = spare;
    }
    for (size_t i = 0; i < samples; i++) {
      const uint16_t sample = pixels[y * samples + i];
      rows->row[2 * i] = (uint8_t)(sample >> 8);
      rows->row[2 * i + 1] = (uint8_t)sample;
    }
    filter_row(rows, (size_t)format->channels * 2, rows->block + waiting * (rows->stride + 1));
    waiting++;
    const int is_last = y + 1 == format->height;
    if (waiting < rows->rows_per_block && !is_last) continue;
    const size_t count = literal_deflate_block(
        &stream, rows->block, waiting * (rows->stride + 1), is_last, rows->compressed);
    png_write_chunk(png, (png_const_bytep)"IDAT", rows->compressed, count);
    waiting = 0;
  }
  png_write_chunk(png, (png_const_bytep)"IEND", NULL, 0);
}

static void write_narrow_rows(png_structp png, png_infop info, const codec_png_format *format,
                              const uint8_t *pixels) {
  const size_t stride = (size_t)format->width * format->channels;
  for (uint32_t y = 0; y < format->height; y++) png_write_row(png, pixels + y * stride);
  png_write_end(png, info);
}

codec_status codec_png_encode(const codec_png_format *format, const void *pixels,
                              codec_buffer *output, codec_report *report) {
  report->status = CODEC_OK;
  memset(output, 0, sizeof *output);
  wide_rows rows = {0};
  const int is_wide = format->bit_depth == 16;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &report, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info || (is_wide && !allocate_wide_rows(&rows, format))) {
    png_destroy_write_struct(&png, &info);
    return codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a PNG encoder");
  }
  // Rows change places while they are written; this is where their memory begins.
  uint8_t *const memory = rows.row;
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    free(memory);
    codec_buffer_free(output);
    return report->status;
  }
  png_set_write_fn(png, output, write_bytes, flush_bytes);
  png_set_IHDR(png, info, format->width, format->height, format->bit_depth,
               format->palette         ? PNG_COLOR_TYPE_PALETTE
               : format->channels == 1 ? PNG_COLOR_TYPE_GRAY
                                       : PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (format->is_srgb) png_set_sRGB_gAMA_and_cHRM(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
  if (format->palette) {
    png_set_PLTE(png, info, (png_const_colorp)format->palette, format->color_count);
    png_set_compression_level(png, format->is_stored ? 0 : 1);
    png_set_filter(png, 0, PNG_FILTER_NONE);
    png_set_compression_buffer_size(png, 1 << 16);
  } else {
    // Level 3 with two filters writes four times as fast as the default for 3 % more bytes.
    png_set_compression_level(png, 3);
    png_set_filter(png, 0, PNG_FILTER_SUB | PNG_FILTER_PAETH);
  }
  png_write_info(png, info);
  if (is_wide) {
    write_wide_rows(png, format, pixels, &rows);
  } else {
    write_narrow_rows(png, info, format, pixels);
  }
  png_destroy_write_struct(&png, &info);
  free(memory);
  return CODEC_OK;
}
