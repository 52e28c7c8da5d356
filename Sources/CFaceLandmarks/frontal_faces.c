#include "frontal_faces.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

// dlib's header holds the same compressed so well that decompressing takes 0.4 s; a test compares both.
const uint8_t frontal_faces[] = {
#embed "frontal_faces.dat"
};

const size_t frontal_faces_size = sizeof frontal_faces;
