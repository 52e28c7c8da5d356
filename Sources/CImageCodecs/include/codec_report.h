#ifndef CODEC_REPORT_H
#define CODEC_REPORT_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
  CODEC_OK,
  CODEC_TRUNCATED,
  CODEC_CORRUPT,
  CODEC_UNSUPPORTED,
  CODEC_OUT_OF_MEMORY,
  CODEC_UNWRITABLE
} codec_status;

// What went wrong, in the library's words where it has any.
typedef struct {
  codec_status status;
  char message[160];
} codec_report;

// Bytes made by an encoder; given back with codec_buffer_free.
typedef struct {
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} codec_buffer;

void codec_buffer_free(codec_buffer *buffer);

// Appends bytes, growing the buffer; returns 0 when memory runs out.
int codec_buffer_append(codec_buffer *buffer, const void *bytes, size_t count);

// Fills a report and returns its status.
codec_status codec_fail(codec_report *report, codec_status status, const char *message);

#endif
