#include "face_landmarks.h"

#include <dlib/array2d.h>
#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <exception>
#include <istream>
#include <streambuf>
#include <utility>
#include <vector>

struct face_detector {
  dlib::frontal_face_detector detector;
};

struct face_landmark_model {
  dlib::shape_predictor predictor;
};

namespace {

// A whole file as a stream. dlib reads its models number by number, which a file stream makes slow.
class mapped_file : public std::streambuf {
 public:
  explicit mapped_file(const char *path) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file >= 0 && fstat(file, &status) == 0 && status.st_size > 0) {
      size = static_cast<size_t>(status.st_size);
      void *address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
      if (address != MAP_FAILED) start = static_cast<char *>(address);
    }
    if (file >= 0) close(file);
    if (start) setg(start, start, start + size);
  }

  ~mapped_file() override {
    if (start) munmap(start, size);
  }

  mapped_file(const mapped_file &) = delete;
  mapped_file &operator=(const mapped_file &) = delete;

  bool is_open() const { return start != nullptr; }

 private:
  char *start = nullptr;
  size_t size = 0;
};

}  // namespace

static dlib::array2d<unsigned char> copy_of(const uint8_t *gray, int width, int height) {
  dlib::array2d<unsigned char> image(height, width);
  for (int y = 0; y < height; y++) {
    std::memcpy(&image[y][0], gray + static_cast<size_t>(y) * width, width);
  }
  return image;
}

face_detector *face_detector_create(void) {
  try {
    return new face_detector{dlib::get_frontal_face_detector()};
  } catch (const std::exception &) {
    return nullptr;
  }
}

void face_detector_destroy(face_detector *detector) { delete detector; }

int face_detector_find(face_detector *detector, const uint8_t *gray, int width, int height,
                       face_box *boxes, int capacity) {
  try {
    std::vector<std::pair<double, dlib::rectangle>> found;
    detector->detector(copy_of(gray, width, height), found);
    const int count = static_cast<int>(found.size());
    for (int i = 0; i < count && i < capacity; i++) {
      const dlib::rectangle &r = found[i].second;
      // dlib's rectangles name the last pixel inside.
      boxes[i] = {double(r.left()), double(r.top()), r.right() + 1.0, r.bottom() + 1.0,
                  found[i].first};
    }
    return count;
  } catch (const std::exception &) {
    return -1;
  }
}

face_landmark_model *face_landmark_model_load(const char *path, char *reason,
                                              size_t reason_capacity) {
  try {
    auto model = new face_landmark_model;
    try {
      mapped_file file(path);
      if (!file.is_open()) throw dlib::serialization_error("it cannot be read");
      std::istream stream(&file);
      dlib::deserialize(model->predictor, stream);
      if (model->predictor.num_parts() == FACE_LANDMARK_COUNT) return model;
      std::strncpy(reason, "it is a model of another number of landmarks", reason_capacity - 1);
    } catch (...) {
      delete model;
      throw;
    }
    delete model;
  } catch (const std::exception &error) {
    std::strncpy(reason, error.what(), reason_capacity - 1);
  }
  reason[reason_capacity - 1] = 0;
  return nullptr;
}

void face_landmark_model_destroy(face_landmark_model *model) { delete model; }

int face_landmark_model_fit(const face_landmark_model *model, const uint8_t *gray, int width,
                            int height, const face_box *box, double *points) {
  try {
    const dlib::rectangle rectangle(std::lround(box->left), std::lround(box->top),
                                    std::lround(box->right) - 1, std::lround(box->bottom) - 1);
    const dlib::full_object_detection shape =
        model->predictor(copy_of(gray, width, height), rectangle);
    for (int i = 0; i < FACE_LANDMARK_COUNT; i++) {
      // dlib's points name pixels; their centres lie half a pixel further.
      points[2 * i] = shape.part(i).x() + 0.5;
      points[2 * i + 1] = shape.part(i).y() + 0.5;
    }
    return 1;
  } catch (const std::exception &) {
    return 0;
  }
}
