#include "codec_report.h"

#include <stdlib.h>
#include <string.h>

void codec_buffer_free(codec_buffer *buffer) {
  free(buffer->bytes);
  memset(buffer, 0, sizeof *buffer);
}

int codec_buffer_append(codec_buffer *buffer, const void *bytes, size_t count) {
  const size_t end = buffer->count + count;
  if (end > buffer->capacity) {
    size_t capacity = buffer->capacity < 4096 ? 4096 : buffer->capacity;
    while (capacity < end) capacity *= 2;
    uint8_t *grown = realloc(buffer->bytes, capacity);
    if (!grown) return 0;
    buffer->bytes = grown;
    buffer->capacity = capacity;
  }
  memcpy(buffer->bytes + buffer->count, bytes, count);
  buffer->count = end;
  return 1;
}

codec_status codec_fail(codec_report *report, codec_status status, const char *message) {
  report->status = status;
  strncpy(report->message, message, sizeof report->message - 1);
  report->message[sizeof report->message - 1] = 0;
  return status;
}
