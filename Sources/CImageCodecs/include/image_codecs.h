// Image libraries behind status codes: no longjmp, callback or library type crosses into Swift.
//
// Every reader has two steps. Opening parses the header only, so that the caller can refuse an
// extent before anything of its size is allocated; reading fills a buffer of the caller.

#ifndef IMAGE_CODECS_H
#define IMAGE_CODECS_H

#include "codec_report.h"
#include "color_codec.h"
#include "exr_codec.h"
#include "jpeg_codec.h"
#include "png_codec.h"
#include "webp_codec.h"

#endif
