// dlib's frontal face detector and landmark model behind C: no exception crosses into Swift.

#ifndef FACE_LANDMARKS_H
#define FACE_LANDMARKS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A rectangle in continuous pixel coordinates, with the detector's confidence (0 is its threshold).
typedef struct {
  double left, top, right, bottom;
  double score;
} face_box;

typedef struct face_detector face_detector;
typedef struct face_landmark_model face_landmark_model;

// Reads a detector as `dlib::serialize` has written it; returns NULL when memory runs out.
face_detector *face_detector_create(const uint8_t *bytes, size_t count);
void face_detector_destroy(face_detector *detector);

// Finds upright faces of at least 80 pixels in a grey picture, rows from the top.
// Returns how many were found, of which the first `capacity` are stored; -1 when memory runs out.
int face_detector_find(face_detector *detector, const uint8_t *gray, int width, int height,
                       face_box *boxes, int capacity);

// Returns NULL after writing the reason, at most `reason_capacity` bytes with its final 0.
face_landmark_model *face_landmark_model_load(const char *path, char *reason,
                                              size_t reason_capacity);
void face_landmark_model_destroy(face_landmark_model *model);

enum { FACE_LANDMARK_COUNT = 68 };

// Fills x, y of 68 points in continuous pixel coordinates; returns 0 on failure.
int face_landmark_model_fit(const face_landmark_model *model, const uint8_t *gray, int width,
                            int height, const face_box *box, double *points);

#ifdef __cplusplus
}
#endif

#endif
