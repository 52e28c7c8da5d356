#include "jpeg_codec.h"

#include <string.h>
#include <turbojpeg.h>

static codec_status fail(tjhandle handle, codec_report *report) {
  const char *message = tjGetErrorStr2(handle);
  if (strstr(message, "remature end")) return codec_fail(report, CODEC_TRUNCATED, message);
  if (strstr(message, "nsupported")) return codec_fail(report, CODEC_UNSUPPORTED, message);
  return codec_fail(report, CODEC_CORRUPT, message);
}

codec_status codec_jpeg_describe(const uint8_t *bytes, size_t count,
                                 codec_jpeg_description *description, codec_report *report) {
  tjhandle handle = tjInitDecompress();
  if (!handle) return codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a JPEG decoder");
  report->status = CODEC_OK;
  int subsampling, colorspace;
  if (tjDecompressHeader3(handle, bytes, count, &description->width, &description->height,
                          &subsampling, &colorspace)) {
    fail(handle, report);
  }
  description->channels = colorspace == TJCS_GRAY                             ? 1
                          : colorspace == TJCS_CMYK || colorspace == TJCS_YCCK ? 4
                                                                               : 3;
  tjDestroy(handle);
  return report->status;
}

codec_status codec_jpeg_read(const uint8_t *bytes, size_t count,
                             const codec_jpeg_description *description, uint8_t *pixels,
                             codec_report *report) {
  tjhandle handle = tjInitDecompress();
  if (!handle) return codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a JPEG decoder");
  report->status = CODEC_OK;
  const int format = description->channels == 1   ? TJPF_GRAY
                     : description->channels == 4 ? TJPF_CMYK
                                                  : TJPF_RGB;
  // Limiting scans stops progressive files that are small but take minutes.
  const int flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS;
  if (tjDecompress2(handle, bytes, count, pixels, description->width, 0, description->height,
                    format, flags)) {
    // Cameras leave stray bytes between segments; the picture is whole all the same.
    const int is_harmless = tjGetErrorCode(handle) == TJERR_WARNING &&
                            strstr(tjGetErrorStr2(handle), "extraneous bytes");
    if (!is_harmless) fail(handle, report);
  }
  tjDestroy(handle);
  return report->status;
}

codec_status codec_jpeg_encode(int width, int height, int quality, const uint8_t *pixels,
                               codec_buffer *output, codec_report *report) {
  memset(output, 0, sizeof *output);
  tjhandle handle = tjInitCompress();
  if (!handle) return codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a JPEG encoder");
  report->status = CODEC_OK;
  unsigned char *encoded = NULL;
  unsigned long count = 0;
  if (tjCompress2(handle, pixels, width, 0, height, TJPF_RGB, &encoded, &count, TJSAMP_444,
                  quality, TJFLAG_ACCURATEDCT)) {
    fail(handle, report);
  } else if (!codec_buffer_append(output, encoded, count)) {
    codec_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a JPEG");
  }
  tjFree(encoded);
  tjDestroy(handle);
  return report->status;
}
