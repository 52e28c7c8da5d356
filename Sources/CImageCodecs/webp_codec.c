#include "webp_codec.h"

#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>

static codec_status fail(VP8StatusCode code, codec_report *report) {
  switch (code) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a WebP picture");
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      return codec_fail(report, CODEC_TRUNCATED, "the file ends inside the picture");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return codec_fail(report, CODEC_UNSUPPORTED, "a feature of WebP");
    default:
      return codec_fail(report, CODEC_CORRUPT, "the bitstream is damaged");
  }
}

codec_status codec_webp_describe(const uint8_t *bytes, size_t count,
                                 codec_webp_description *description, codec_report *report) {
  WebPBitstreamFeatures features;
  const VP8StatusCode code = WebPGetFeatures(bytes, count, &features);
  if (code != VP8_STATUS_OK) return fail(code, report);
  description->width = features.width;
  description->height = features.height;
  description->channels = features.has_alpha ? 4 : 3;
  description->is_animated = features.has_animation;
  return report->status = CODEC_OK;
}

codec_status codec_webp_read(const uint8_t *bytes, size_t count,
                             const codec_webp_description *description, uint8_t *pixels,
                             codec_report *report) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) {
    return codec_fail(report, CODEC_UNSUPPORTED, "another version of libwebp");
  }
  config.output.colorspace = description->channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = pixels;
  config.output.u.RGBA.stride = description->width * description->channels;
  config.output.u.RGBA.size = (size_t)config.output.u.RGBA.stride * description->height;
  const VP8StatusCode code = WebPDecode(bytes, count, &config);
  return code == VP8_STATUS_OK ? (report->status = CODEC_OK) : fail(code, report);
}

codec_status codec_webp_chunk(const uint8_t *bytes, size_t count, const char name[4],
                              codec_buffer *output, codec_report *report) {
  memset(output, 0, sizeof *output);
  report->status = CODEC_OK;
  const WebPData data = {bytes, count};
  WebPDemuxer *demuxer = WebPDemux(&data);
  if (!demuxer) return codec_fail(report, CODEC_TRUNCATED, "the container ends early");
  WebPChunkIterator chunk;
  if (WebPDemuxGetChunk(demuxer, name, 1, &chunk)) {
    if (!codec_buffer_append(output, chunk.chunk.bytes, chunk.chunk.size)) {
      codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a WebP chunk");
    }
    WebPDemuxReleaseChunkIterator(&chunk);
  }
  WebPDemuxDelete(demuxer);
  return report->status;
}

codec_status codec_webp_encode(int width, int height, int quality, const uint8_t *pixels,
                               codec_buffer *output, codec_report *report) {
  memset(output, 0, sizeof *output);
  report->status = CODEC_OK;
  uint8_t *encoded = NULL;
  const int stride = width * 3;
  const size_t count = quality >= 100
                           ? WebPEncodeLosslessRGB(pixels, width, height, stride, &encoded)
                           : WebPEncodeRGB(pixels, width, height, stride, quality, &encoded);
  if (!count) return codec_fail(report, CODEC_UNSUPPORTED, "the picture is too large for WebP");
  if (!codec_buffer_append(output, encoded, count)) {
    codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a WebP picture");
  }
  WebPFree(encoded);
  return report->status;
}
