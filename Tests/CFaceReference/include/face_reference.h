// What dlib itself makes of its models: the oracle of CFaceLandmarks.

#ifndef FACE_REFERENCE_H
#define FACE_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Copies at most `capacity` bytes of dlib's serialized frontal face detector; returns how many there are.
size_t face_reference_detector(uint8_t *bytes, size_t capacity);

typedef struct face_reference_model face_reference_model;

// Returns NULL when dlib cannot load the file.
face_reference_model *face_reference_model_load(const char *path);
void face_reference_model_destroy(face_reference_model *model);

// Fills x, y of 68 landmarks in dlib's pixel coordinates of the face in a rectangle.
void face_reference_model_fit(const face_reference_model *model, const uint8_t *gray, int width,
                              int height, const int rectangle[4], double *points);

#ifdef __cplusplus
}
#endif

#endif
