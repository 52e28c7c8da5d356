#include "face_reference.h"

#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>

struct face_reference_model {
  dlib::shape_predictor predictor;
};

size_t face_reference_detector(uint8_t *bytes, size_t capacity) {
  const std::string serialized = dlib::get_serialized_frontal_faces();
  std::memcpy(bytes, serialized.data(), std::min(capacity, serialized.size()));
  return serialized.size();
}

face_reference_model *face_reference_model_load(const char *path) {
  try {
    auto model = new face_reference_model;
    dlib::deserialize(path) >> model->predictor;
    return model;
  } catch (const std::exception &) {
    return nullptr;
  }
}

void face_reference_model_destroy(face_reference_model *model) { delete model; }

void face_reference_model_fit(const face_reference_model *model, const uint8_t *gray, int width,
                              int height, const int rectangle[4], double *points) {
  dlib::array2d<unsigned char> image(height, width);
  for (int y = 0; y < height; y++) {
    std::memcpy(&image[y][0], gray + static_cast<size_t>(y) * width, width);
  }
  const dlib::full_object_detection shape = model->predictor(
      image, dlib::rectangle(rectangle[0], rectangle[1], rectangle[2], rectangle[3]));
  for (unsigned long i = 0; i < shape.num_parts(); i++) {
    points[2 * i] = shape.part(i).x();
    points[2 * i + 1] = shape.part(i).y();
  }
}
