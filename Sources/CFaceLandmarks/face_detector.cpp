#include "face_landmarks.h"

#include <dlib/array2d.h>
#include <dlib/image_processing/frontal_face_detector.h>

#include <cstring>
#include <exception>
#include <istream>
#include <streambuf>
#include <utility>
#include <vector>

struct face_detector {
  dlib::frontal_face_detector detector;
};

namespace {

// Bytes that somebody else owns, as a stream reads them.
class byte_streambuf : public std::streambuf {
 public:
  byte_streambuf(const uint8_t *bytes, size_t count) {
    // A stream that is only read leaves its bytes alone.
    char *start = const_cast<char *>(reinterpret_cast<const char *>(bytes));
    setg(start, start, start + count);
  }
};

dlib::array2d<unsigned char> copy_of(const uint8_t *gray, int width, int height) {
  dlib::array2d<unsigned char> image(height, width);
  for (int y = 0; y < height; y++) {
    std::memcpy(&image[y][0], gray + static_cast<size_t>(y) * width, width);
  }
  return image;
}

}  // namespace

face_detector *face_detector_create(const uint8_t *bytes, size_t count) {
  try {
    byte_streambuf buffer(bytes, count);
    std::istream stream(&buffer);
    auto detector = new face_detector;
    try {
      dlib::deserialize(detector->detector, stream);
      return detector;
    } catch (...) {
      delete detector;
      throw;
    }
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
