#include "literal_deflate.h"

#include <stdlib.h>
#include <string.h>

// The format allows codes of fifteen bits; four of fourteen fit between two flushes.
enum { END_OF_BLOCK = 256, SYMBOLS = 257, LONGEST = 14 };

typedef struct {
  uint32_t count;
  uint16_t symbol;
} leaf;

static int compare_leaves(const void *left, const void *right) {
  const leaf *a = left, *b = right;
  if (a->count != b->count) return a->count < b->count ? -1 : 1;
  return a->symbol - b->symbol;
}

// Lengths of Huffman's code (1952) by two queues: leaves by their counts, and nodes in the order in which
// they are made. Returns the longest.
static int code_lengths(const leaf *leaves, int leaf_count, uint8_t lengths[SYMBOLS]) {
  uint32_t counts[2 * SYMBOLS];
  int parents[2 * SYMBOLS];
  for (int i = 0; i < leaf_count; i++) counts[i] = leaves[i].count;
  int next_leaf = 0, next_node = leaf_count, end = leaf_count;
  for (; end < 2 * leaf_count - 1; end++) {
    counts[end] = 0;
    for (int child = 0; child < 2; child++) {
      const int is_leaf = next_leaf < leaf_count &&
                          (next_node == end || counts[next_leaf] <= counts[next_node]);
      const int least = is_leaf ? next_leaf++ : next_node++;
      parents[least] = end;
      counts[end] += counts[least];
    }
  }
  int depths[2 * SYMBOLS], longest = 0;
  depths[end - 1] = 0;
  for (int i = end - 2; i >= 0; i--) {
    depths[i] = depths[parents[i]] + 1;
    if (i >= leaf_count) continue;
    lengths[leaves[i].symbol] = (uint8_t)depths[i];
    if (depths[i] > longest) longest = depths[i];
  }
  return longest;
}

static void limited_code_lengths(const uint32_t counts[SYMBOLS], uint8_t lengths[SYMBOLS]) {
  leaf leaves[SYMBOLS];
  int leaf_count = 0;
  memset(lengths, 0, SYMBOLS);
  for (int symbol = 0; symbol < SYMBOLS; symbol++) {
    if (counts[symbol]) leaves[leaf_count++] = (leaf){counts[symbol], (uint16_t)symbol};
  }
  for (;;) {
    qsort(leaves, (size_t)leaf_count, sizeof *leaves, compare_leaves);
    if (code_lengths(leaves, leaf_count, lengths) <= LONGEST) return;
    // Counts that differ less make a flatter tree.
    for (int i = 0; i < leaf_count; i++) leaves[i].count = leaves[i].count / 2 + 1;
  }
}

// A symbol's code, lowest bit first as the stream has it, above its length, which takes one byte.
typedef uint32_t code_word;

// The canonical code.
static void assign_codes(const uint8_t lengths[SYMBOLS], code_word codes[SYMBOLS]) {
  uint32_t code = 0;
  for (int length = 1; length <= LONGEST; length++, code <<= 1) {
    for (int symbol = 0; symbol < SYMBOLS; symbol++) {
      if (lengths[symbol] != length) continue;
      uint32_t reversed = 0;
      for (int bit = 0; bit < length; bit++) reversed |= (code >> bit & 1) << (length - 1 - bit);
      codes[symbol] = reversed << 8 | lengths[symbol];
      code++;
    }
  }
}

typedef struct {
  uint64_t bits;
  int count;
  uint8_t *target;
} bit_writer;

// At most 56 bits may be put before the next `flush`.
static inline void put(bit_writer *writer, uint64_t bits, int count) {
  writer->bits |= bits << writer->count;
  writer->count += count;
}

static inline void put_code(bit_writer *writer, code_word code) {
  put(writer, code >> 8, code & 0xff);
}

// Leaves fewer than eight bits.
static inline void flush(bit_writer *writer) {
  for (int i = 0; i < 8; i++) writer->target[i] = (uint8_t)(writer->bits >> (8 * i));
  writer->target += writer->count >> 3;
  writer->bits >>= writer->count & ~7;
  writer->count &= 7;
}

static void put_header(bit_writer *writer, const uint8_t lengths[SYMBOLS], int is_last) {
  // Dynamic codes: 257 literals and lengths, 1 distance, 19 lengths of the code for lengths.
  put(writer, (uint64_t)(is_last != 0) | 2 << 1, 3);
  put(writer, 0, 5);
  put(writer, 0, 5);
  put(writer, 15, 4);
  flush(writer);
  // Every length from 0 to 15 has a code of four bits; the repetitions 16, 17 and 18, which come first, none.
  put(writer, 0, 9);
  for (int i = 0; i < 16; i++) {
    put(writer, 4, 3);
    flush(writer);
  }
  // The one distance has length 0: there are none.
  for (int symbol = 0; symbol <= SYMBOLS; symbol++) {
    const uint32_t length = symbol < SYMBOLS ? lengths[symbol] : 0;
    put(writer, (length & 1) << 3 | (length & 2) << 1 | (length & 4) >> 1 | length >> 3, 4);
    flush(writer);
  }
}

// Adler-32 (RFC 1950), continued.
static uint32_t checksum(uint32_t sum, const uint8_t *bytes, size_t count) {
  // So many bytes add up without an overflow.
  enum { UNREDUCED = 5552, PRIME = 65521, RUN = 32 };
  uint32_t low = sum & 0xffff, high = sum >> 16;
  while (count > 0) {
    const size_t part = count < UNREDUCED ? count : UNREDUCED;
    size_t i = 0;
    // Together, the sums of a run are those of its bytes and of their products with how far they are from
    // its end.
    for (; i + RUN <= part; i += RUN) {
      uint32_t sum = 0, moments = 0;
      for (uint32_t k = 0; k < RUN; k++) {
        sum += bytes[i + k];
        moments += (RUN - k) * bytes[i + k];
      }
      high += RUN * low + moments;
      low += sum;
    }
    for (; i < part; i++) {
      low += bytes[i];
      high += low;
    }
    low %= PRIME;
    high %= PRIME;
    bytes += part;
    count -= part;
  }
  return high << 16 | low;
}

size_t literal_deflate_bound(size_t count) { return 2 * count + 512; }

size_t literal_deflate_block(literal_deflate *stream, const uint8_t *bytes, size_t count,
                             int is_last, uint8_t *target) {
  // Neighbouring bytes are often the same: several tables keep their counters apart.
  uint32_t partial[4][256] = {{0}};
  for (size_t i = 0; i < count; i++) partial[i & 3][bytes[i]]++;
  uint32_t counts[SYMBOLS] = {0};
  for (int i = 0; i < 256; i++) {
    counts[i] = partial[0][i] + partial[1][i] + partial[2][i] + partial[3][i];
  }
  counts[END_OF_BLOCK] = 1;
  uint8_t lengths[SYMBOLS];
  code_word codes[SYMBOLS] = {0};
  limited_code_lengths(counts, lengths);
  assign_codes(lengths, codes);

  bit_writer writer = {stream->bits, stream->bit_count, target};
  if (!stream->has_begun) {
    // A window of 32 KB, the fastest level; together a multiple of 31.
    put(&writer, 0x0178, 16);
    stream->checksum = 1;
    stream->has_begun = 1;
  }
  put_header(&writer, lengths, is_last);
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    put_code(&writer, codes[bytes[i]]);
    put_code(&writer, codes[bytes[i + 1]]);
    put_code(&writer, codes[bytes[i + 2]]);
    put_code(&writer, codes[bytes[i + 3]]);
    flush(&writer);
  }
  for (; i < count; i++) put_code(&writer, codes[bytes[i]]);
  flush(&writer);
  put_code(&writer, codes[END_OF_BLOCK]);
  flush(&writer);
  stream->checksum = checksum(stream->checksum, bytes, count);
  if (is_last) {
    if (writer.count > 0) put(&writer, 0, 8 - writer.count);
    const uint32_t sum = stream->checksum;
    put(&writer, sum >> 24 | (sum >> 8 & 0xff00) | (sum << 8 & 0xff0000) | sum << 24, 32);
    flush(&writer);
  }
  stream->bits = writer.bits;
  stream->bit_count = writer.count;
  return (size_t)(writer.target - target);
}
