// The bytes of dlib's frontal face detector as `dlib::deserialize` reads them.

#ifndef FRONTAL_FACES_H
#define FRONTAL_FACES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

extern const uint8_t frontal_faces[];
extern const size_t frontal_faces_size;

#ifdef __cplusplus
}
#endif

#endif
