// A zlib stream (RFC 1950, 1951) of literals alone, entropy-coded.
//
// The lower bytes of 16-bit samples are noise, in which looking for matches takes nearly all of a
// compressor's time and finds none: without, the stream is as small and written six times as fast.

#ifndef LITERAL_DEFLATE_H
#define LITERAL_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

// A stream under way; begin with zeros.
typedef struct {
  uint64_t bits;
  int bit_count;
  int has_begun;
  uint32_t checksum;
} literal_deflate;

// The most bytes that a block of `count` bytes can become.
size_t literal_deflate_bound(size_t count);

// Appends a block of 1 to 2²⁴ bytes to the stream and writes what is complete of it to `target`; returns
// how much that is.
size_t literal_deflate_block(literal_deflate *stream, const uint8_t *bytes, size_t count,
                             int is_last, uint8_t *target);

#endif
