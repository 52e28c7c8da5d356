#include "exr_codec.h"

#include <OpenEXR/openexr.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct codec_exr {
  exr_context_t context;
  const uint8_t *bytes;
  size_t count;
  int is_past_end;
  int width, height, min_y;
  int is_tiled;
  const exr_attr_chlist_t *channels;
};

// The library prints by default; a library inside a full-screen program must be silent.
static void ignore_error(exr_const_context_t context, exr_result_t code, const char *message) {
  (void)context;
  (void)code;
  (void)message;
}

static codec_status fail(exr_result_t code, int is_past_end, codec_report *report) {
  const char *message = exr_get_default_error_message(code);
  if (is_past_end) return codec_fail(report, CODEC_TRUNCATED, message);
  switch (code) {
    case EXR_ERR_OUT_OF_MEMORY: return codec_fail(report, CODEC_OUT_OF_MEMORY, message);
    case EXR_ERR_FEATURE_NOT_IMPLEMENTED: return codec_fail(report, CODEC_UNSUPPORTED, message);
    default: return codec_fail(report, CODEC_CORRUPT, message);
  }
}

// MARK: - Reading

static int64_t size_of(exr_const_context_t context, void *user) {
  (void)context;
  return (int64_t)((codec_exr *)user)->count;
}

static int64_t read_bytes(exr_const_context_t context, void *user, void *buffer, uint64_t count,
                          uint64_t offset, exr_stream_error_func_ptr_t on_error) {
  (void)context;
  (void)on_error;
  codec_exr *decoder = user;
  if (offset >= decoder->count || count > decoder->count - offset) decoder->is_past_end = 1;
  if (offset >= decoder->count) return 0;
  const uint64_t left = decoder->count - offset;
  const uint64_t available = count < left ? count : left;
  memcpy(buffer, decoder->bytes + offset, available);
  return (int64_t)available;
}

static codec_status describe(codec_exr *decoder, codec_exr_description *description,
                             codec_report *report) {
  exr_storage_t storage;
  exr_attr_box2i_t window;
  exr_result_t code = exr_get_storage(decoder->context, 0, &storage);
  if (code == EXR_ERR_SUCCESS) code = exr_get_data_window(decoder->context, 0, &window);
  if (code == EXR_ERR_SUCCESS) code = exr_get_channels(decoder->context, 0, &decoder->channels);
  if (code != EXR_ERR_SUCCESS) return fail(code, decoder->is_past_end, report);
  if (storage != EXR_STORAGE_SCANLINE && storage != EXR_STORAGE_TILED) {
    return codec_fail(report, CODEC_UNSUPPORTED, "deep pixels");
  }
  for (int i = 0; i < decoder->channels->num_channels; i++) {
    const exr_attr_chlist_entry_t *channel = &decoder->channels->entries[i];
    if (channel->x_sampling != 1 || channel->y_sampling != 1) {
      return codec_fail(report, CODEC_UNSUPPORTED, "subsampled channels");
    }
  }
  const int64_t width = (int64_t)window.max.x - window.min.x + 1;
  const int64_t height = (int64_t)window.max.y - window.min.y + 1;
  if (width < 1 || height < 1 || width > INT32_MAX / 4 || height > INT32_MAX / 4) {
    return codec_fail(report, CODEC_CORRUPT, "the data window is not a rectangle");
  }
  decoder->is_tiled = storage == EXR_STORAGE_TILED;
  decoder->width = description->width = (int)width;
  decoder->height = description->height = (int)height;
  decoder->min_y = window.min.y;
  description->channels = decoder->channels->num_channels;
  code = exr_get_attribute_count(decoder->context, 0, &description->attributes);
  if (code != EXR_ERR_SUCCESS) return fail(code, decoder->is_past_end, report);
  return report->status = CODEC_OK;
}

codec_exr *codec_exr_open(const uint8_t *bytes, size_t count, codec_exr_description *description,
                          codec_report *report) {
  codec_exr *decoder = calloc(1, sizeof *decoder);
  if (!decoder) {
    codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for an OpenEXR decoder");
    return NULL;
  }
  decoder->bytes = bytes;
  decoder->count = count;
  exr_context_initializer_t setup = EXR_DEFAULT_CONTEXT_INITIALIZER;
  setup.user_data = decoder;
  setup.read_fn = read_bytes;
  setup.size_fn = size_of;
  setup.error_handler_fn = ignore_error;
  const exr_result_t code = exr_start_read(&decoder->context, "image", &setup);
  if (code != EXR_ERR_SUCCESS) {
    fail(code, decoder->is_past_end, report);
    decoder->context = NULL;
  }
  if (!decoder->context || describe(decoder, description, report) != CODEC_OK) {
    codec_exr_close(decoder);
    return NULL;
  }
  return decoder;
}

const char *codec_exr_channel_name(const codec_exr *decoder, int channel) {
  return decoder->channels->entries[channel].name.str;
}

const char *codec_exr_attribute(const codec_exr *decoder, int attribute, const char **name) {
  const exr_attribute_t *found;
  const exr_result_t code = exr_get_attribute_by_index(
      decoder->context, 0, EXR_ATTR_LIST_FILE_ORDER, attribute, &found);
  if (code != EXR_ERR_SUCCESS || found->type != EXR_ATTR_STRING) return NULL;
  *name = found->name;
  return found->string->str;
}

// Decodes one chunk whose upper left corner is at column x and row y of the planes.
static exr_result_t read_chunk(codec_exr *decoder, exr_decode_pipeline_t *pipeline,
                               const exr_chunk_info_t *chunk, int x, int y, float *planes) {
  if (chunk->width > decoder->width - x || chunk->height > decoder->height - y) {
    return EXR_ERR_CORRUPT_CHUNK;
  }
  const int is_first = !pipeline->channels;
  exr_result_t code = is_first ? exr_decoding_initialize(decoder->context, 0, chunk, pipeline)
                               : exr_decoding_update(decoder->context, 0, chunk, pipeline);
  if (code != EXR_ERR_SUCCESS) return code;
  for (int i = 0; i < pipeline->channel_count; i++) {
    exr_coding_channel_info_t *channel = &pipeline->channels[i];
    const size_t row = (size_t)i * decoder->height + y;
    channel->decode_to_ptr = (uint8_t *)(planes + row * decoder->width + x);
    channel->user_data_type = EXR_PIXEL_FLOAT;
    channel->user_bytes_per_element = sizeof(float);
    channel->user_pixel_stride = sizeof(float);
    channel->user_line_stride = decoder->width * (int)sizeof(float);
  }
  if (is_first) code = exr_decoding_choose_default_routines(decoder->context, 0, pipeline);
  return code == EXR_ERR_SUCCESS ? exr_decoding_run(decoder->context, 0, pipeline) : code;
}

static exr_result_t read_lines(codec_exr *decoder, exr_decode_pipeline_t *pipeline,
                               float *planes) {
  int32_t lines = 0;
  exr_result_t code = exr_get_scanlines_per_chunk(decoder->context, 0, &lines);
  for (int y = 0; code == EXR_ERR_SUCCESS && y < decoder->height; y += lines) {
    exr_chunk_info_t chunk;
    code = exr_read_scanline_chunk_info(decoder->context, 0, decoder->min_y + y, &chunk);
    if (code == EXR_ERR_SUCCESS) code = read_chunk(decoder, pipeline, &chunk, 0, y, planes);
  }
  return code;
}

static exr_result_t read_tiles(codec_exr *decoder, exr_decode_pipeline_t *pipeline,
                               float *planes) {
  int32_t width = 0, height = 0;
  exr_result_t code = exr_get_tile_sizes(decoder->context, 0, 0, 0, &width, &height);
  if (code == EXR_ERR_SUCCESS && (width < 1 || height < 1)) code = EXR_ERR_INVALID_ATTR;
  if (code != EXR_ERR_SUCCESS) return code;
  for (int64_t y = 0; y < decoder->height; y += height) {
    for (int64_t x = 0; x < decoder->width; x += width) {
      exr_chunk_info_t chunk;
      code = exr_read_tile_chunk_info(decoder->context, 0, (int)(x / width), (int)(y / height),
                                      0, 0, &chunk);
      if (code == EXR_ERR_SUCCESS) {
        code = read_chunk(decoder, pipeline, &chunk, (int)x, (int)y, planes);
      }
      if (code != EXR_ERR_SUCCESS) return code;
    }
  }
  return code;
}

codec_status codec_exr_read(codec_exr *decoder, float *planes, codec_report *report) {
  exr_decode_pipeline_t pipeline = EXR_DECODE_PIPELINE_INITIALIZER;
  const exr_result_t code = decoder->is_tiled ? read_tiles(decoder, &pipeline, planes)
                                              : read_lines(decoder, &pipeline, planes);
  if (pipeline.channels) exr_decoding_destroy(decoder->context, &pipeline);
  if (code != EXR_ERR_SUCCESS) return fail(code, decoder->is_past_end, report);
  return report->status = CODEC_OK;
}

void codec_exr_close(codec_exr *decoder) {
  if (!decoder) return;
  if (decoder->context) exr_finish(&decoder->context);
  free(decoder);
}

// MARK: - Writing

// A file that gets bytes in large pieces: the system takes those in half the time of single lines.
typedef struct {
  int descriptor;
  int error;
  uint64_t start;
  size_t count;
  uint8_t bytes[1 << 18];
} exr_sink;

// Hands on what has been gathered; -1 on failure.
static int flush(exr_sink *sink) {
  for (size_t done = 0; done < sink->count;) {
    const ssize_t written = pwrite(sink->descriptor, sink->bytes + done, sink->count - done,
                                   (off_t)(sink->start + done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      sink->error = written < 0 ? errno : EIO;
      return -1;
    }
    done += (size_t)written;
  }
  sink->start += sink->count;
  sink->count = 0;
  return 0;
}

static int64_t write_bytes(exr_const_context_t context, void *user, const void *buffer,
                           uint64_t count, uint64_t offset,
                           exr_stream_error_func_ptr_t on_error) {
  (void)context;
  (void)on_error;
  exr_sink *sink = user;
  if (offset != sink->start + sink->count) {
    if (flush(sink)) return -1;
    sink->start = offset;
  }
  for (uint64_t done = 0; done < count;) {
    if (sink->count == sizeof sink->bytes && flush(sink)) return -1;
    const uint64_t room = sizeof sink->bytes - sink->count;
    const size_t part = (size_t)(count - done < room ? count - done : room);
    memcpy(sink->bytes + sink->count, (const uint8_t *)buffer + done, part);
    sink->count += part;
    done += part;
  }
  return (int64_t)count;
}

static exr_result_t write_header(exr_context_t context, const codec_exr_picture *picture) {
  int part;
  exr_result_t code = exr_add_part(context, "passes", EXR_STORAGE_SCANLINE, &part);
  if (code == EXR_ERR_SUCCESS) {
    code = exr_initialize_required_attr_simple(
        context, part, picture->width, picture->height,
        picture->is_compressed ? EXR_COMPRESSION_ZIP : EXR_COMPRESSION_NONE);
  }
  for (int i = 0; code == EXR_ERR_SUCCESS && i < picture->channel_count; i++) {
    const codec_exr_channel *channel = &picture->channels[i];
    code = exr_add_channel(context, part, channel->name,
                           channel->is_half ? EXR_PIXEL_HALF : EXR_PIXEL_FLOAT,
                           EXR_PERCEPTUALLY_LOGARITHMIC, 1, 1);
  }
  for (int i = 0; code == EXR_ERR_SUCCESS && i < picture->attribute_count; i++) {
    const codec_exr_text *attribute = &picture->attributes[i];
    code = exr_attr_set_string(context, part, attribute->name, attribute->value);
  }
  return code == EXR_ERR_SUCCESS ? exr_write_header(context) : code;
}

static const float *plane_named(const char *name, const codec_exr_picture *picture) {
  for (int i = 0; i < picture->channel_count; i++) {
    if (!strcmp(picture->channels[i].name, name)) return picture->channels[i].plane;
  }
  return NULL;
}

// Lines that are stored together, on their way into the file.
typedef struct {
  exr_context_t context;
  const codec_exr_picture *picture;
  int first_line;
  codec_buffer stored;
  exr_result_t code;
} exr_chunk;

// Takes the bytes that the library would write.
static exr_result_t keep_bytes(exr_encode_pipeline_t *pipeline) {
  exr_chunk *chunk = pipeline->encoding_user_data;
  const int is_kept =
      codec_buffer_append(&chunk->stored, pipeline->compressed_buffer, pipeline->compressed_bytes);
  return is_kept ? EXR_ERR_SUCCESS : EXR_ERR_OUT_OF_MEMORY;
}

// Compresses one of several chunks, on any thread.
static void compress_chunk(void *chunks, int index) {
  exr_chunk *chunk = (exr_chunk *)chunks + index;
  const codec_exr_picture *picture = chunk->picture;
  exr_encode_pipeline_t pipeline = EXR_ENCODE_PIPELINE_INITIALIZER;
  exr_chunk_info_t info;
  exr_result_t code = exr_write_scanline_chunk_info(chunk->context, 0, chunk->first_line, &info);
  if (code == EXR_ERR_SUCCESS) code = exr_encoding_initialize(chunk->context, 0, &info, &pipeline);
  if (code == EXR_ERR_SUCCESS) {
    for (int i = 0; i < pipeline.channel_count; i++) {
      exr_coding_channel_info_t *channel = &pipeline.channels[i];
      const float *plane = plane_named(channel->channel_name, picture);
      channel->encode_from_ptr =
          (const uint8_t *)(plane + (size_t)chunk->first_line * (size_t)picture->width);
      channel->user_data_type = EXR_PIXEL_FLOAT;
      channel->user_bytes_per_element = sizeof(float);
      channel->user_pixel_stride = sizeof(float);
      channel->user_line_stride = picture->width * (int)sizeof(float);
    }
    code = exr_encoding_choose_default_routines(chunk->context, 0, &pipeline);
  }
  if (code == EXR_ERR_SUCCESS) {
    // Left alone, it would ask for the chunks in order, and write them.
    pipeline.yield_until_ready_fn = NULL;
    pipeline.write_fn = keep_bytes;
    pipeline.encoding_user_data = chunk;
    chunk->stored.count = 0;
    code = exr_encoding_run(chunk->context, 0, &pipeline);
  }
  if (pipeline.channels) exr_encoding_destroy(chunk->context, &pipeline);
  chunk->code = code;
}

// Compresses some chunks at a time and writes them in order.
static exr_result_t write_lines(exr_context_t context, const codec_exr_picture *picture) {
  enum { CHUNKS_AT_ONCE = 16 };
  exr_chunk chunks[CHUNKS_AT_ONCE] = {0};
  int32_t lines = 0;
  exr_result_t code = exr_get_scanlines_per_chunk(context, 0, &lines);
  for (int y = 0; code == EXR_ERR_SUCCESS && y < picture->height;) {
    int count = 0;
    for (; count < CHUNKS_AT_ONCE && y < picture->height; y += lines, count++) {
      chunks[count].context = context;
      chunks[count].picture = picture;
      chunks[count].first_line = y;
    }
    picture->for_each(count, chunks, compress_chunk);
    for (int i = 0; code == EXR_ERR_SUCCESS && i < count; i++) {
      code = chunks[i].code;
      if (code == EXR_ERR_SUCCESS) {
        code = exr_write_scanline_chunk(
            context, 0, chunks[i].first_line, chunks[i].stored.bytes, chunks[i].stored.count);
      }
    }
  }
  for (int i = 0; i < CHUNKS_AT_ONCE; i++) codec_buffer_free(&chunks[i].stored);
  return code;
}

// Whether a line of the file is its planes' lines, one after the other.
static int is_plain(const codec_exr_picture *picture) {
  const int one = 1;
  int is_plain = !picture->is_compressed && *(const char *)&one;
  for (int i = 0; i < picture->channel_count; i++) is_plain &= !picture->channels[i].is_half;
  return is_plain;
}

// The same where nothing is to be converted, without the library's steps for that.
static exr_result_t write_plain_lines(exr_context_t context, const codec_exr_picture *picture) {
  const exr_attr_chlist_t *order;
  exr_result_t code = exr_get_channels(context, 0, &order);
  if (code != EXR_ERR_SUCCESS) return code;
  const size_t line = (size_t)picture->width * sizeof(float);
  uint8_t *packed = malloc(line * (size_t)order->num_channels);
  const float **planes = malloc(sizeof *planes * (size_t)order->num_channels);
  if (!packed || !planes) code = EXR_ERR_OUT_OF_MEMORY;
  for (int i = 0; code == EXR_ERR_SUCCESS && i < order->num_channels; i++) {
    planes[i] = plane_named(order->entries[i].name.str, picture);
  }
  for (int y = 0; code == EXR_ERR_SUCCESS && y < picture->height; y++) {
    for (int i = 0; i < order->num_channels; i++) {
      memcpy(packed + i * line, planes[i] + (size_t)y * picture->width, line);
    }
    code = exr_write_scanline_chunk(context, 0, y, packed, line * (size_t)order->num_channels);
  }
  free(packed);
  free(planes);
  return code;
}

static codec_status write_file(const codec_exr_picture *picture, exr_sink *sink,
                               codec_report *report) {
  exr_context_initializer_t setup = EXR_DEFAULT_CONTEXT_INITIALIZER;
  setup.user_data = sink;
  setup.write_fn = write_bytes;
  setup.error_handler_fn = ignore_error;
  exr_context_t context = NULL;
  exr_result_t code = exr_start_write(&context, "image", EXR_WRITE_FILE_DIRECTLY, &setup);
  if (code != EXR_ERR_SUCCESS) return fail(code, 0, report);
  code = write_header(context, picture);
  if (code == EXR_ERR_SUCCESS) {
    code = is_plain(picture) ? write_plain_lines(context, picture) : write_lines(context, picture);
  }
  const exr_result_t finished = exr_finish(&context);
  if (code == EXR_ERR_SUCCESS) code = finished;
  if (code == EXR_ERR_SUCCESS) flush(sink);
  if (sink->error) return codec_fail(report, CODEC_UNWRITABLE, strerror(sink->error));
  if (code != EXR_ERR_SUCCESS) return fail(code, 0, report);
  return report->status = CODEC_OK;
}

codec_status codec_exr_write(const codec_exr_picture *picture, int descriptor,
                             codec_report *report) {
  exr_sink *sink = malloc(sizeof *sink);
  if (!sink) return fail(EXR_ERR_OUT_OF_MEMORY, 0, report);
  sink->descriptor = descriptor;
  sink->error = 0;
  sink->start = 0;
  sink->count = 0;
  const codec_status status = write_file(picture, sink, report);
  free(sink);
  return status;
}
