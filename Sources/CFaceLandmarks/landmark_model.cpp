#include "face_landmarks.h"

#include <dlib/image_processing/shape_predictor.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <vector>

// dlib's shape predictor (Kazemi and Sullivan 2014), read from its file.
//
// The file holds 16 million numbers of which one face needs a million: loading notes where each leaf of the
// regression trees begins, fitting reads the leaves it arrives at.

namespace {

// A file that is read piece by piece: mapped, its many pages would cost more than all else.
class open_file {
 public:
  explicit open_file(const char *path) : descriptor(open(path, O_RDONLY | O_CLOEXEC)) {
    struct stat status;
    if (descriptor >= 0 && fstat(descriptor, &status) == 0 && status.st_size > 0) {
      size = static_cast<uint64_t>(status.st_size);
      return;
    }
    if (descriptor >= 0) close(descriptor);
    throw std::runtime_error("it cannot be read");
  }

  ~open_file() { close(descriptor); }

  open_file(const open_file &) = delete;
  open_file &operator=(const open_file &) = delete;

  uint64_t byte_count() const { return size; }

  // Copies bytes from `offset` on and returns how many of them there are.
  size_t read(uint8_t *bytes, size_t count, uint64_t offset) const {
    size_t done = 0;
    while (done < count) {
      const ssize_t received =
          pread(descriptor, bytes + done, count - done, static_cast<off_t>(offset + done));
      if (received < 0 && errno == EINTR) continue;
      if (received < 0) throw std::runtime_error("it cannot be read");
      if (received == 0) break;
      done += static_cast<size_t>(received);
    }
    return done;
  }

 private:
  const int descriptor;
  uint64_t size = 0;
};

// Reads numbers as dlib writes them: a byte with the sign and the count of the bytes that follow, lowest
// first; for a fraction two of these, mantissa and binary exponent.
class number_reader {
 public:
  number_reader(const uint8_t *start, const uint8_t *end) : place(start), end(end) {}

  const uint8_t *position() const { return place; }
  size_t bytes_left() const { return static_cast<size_t>(end - place); }

  int64_t integer() {
    if (place >= end) throw std::runtime_error("it ends too early");
    const int control = *place++;
    const int count = control & 0x0f;
    if ((control & 0x70) != 0 || count < 1 || count > 8) throw_damaged();
    if (end - place < count) throw std::runtime_error("it ends too early");
    uint64_t magnitude = 0;
    for (int i = 0; i < count; i++) magnitude |= uint64_t(place[i]) << (8 * i);
    place += count;
    if (magnitude >> 63) throw_damaged();
    const int64_t value = static_cast<int64_t>(magnitude);
    return control & 0x80 ? -value : value;
  }

  // A count of things, of which there are at most `limit`.
  size_t count(size_t limit) {
    const int64_t value = integer();
    if (value < 0 || static_cast<uint64_t>(value) > limit) throw_damaged();
    return static_cast<size_t>(value);
  }

  float fraction() {
    uint64_t bytes;
    if (look_at_usual(bytes)) {
      const float magnitude = static_cast<float>((bytes >> 8) & 0xffffff);
      const int exponent = static_cast<int>((bytes >> 40) & 0xff);
      if (exponent <= 126) {
        place += 6;
        const bool is_small = bytes >> 32 & 0x80;
        return (bytes & 0x80 ? -magnitude : magnitude) * power_of_two(is_small ? -exponent : exponent);
      }
    }
    const int64_t mantissa = integer();
    const int64_t exponent = integer();
    // Beyond lie the codes of infinities and NaN, which no model holds.
    if (exponent < -1000 || exponent > 1000) throw_damaged();
    return std::ldexp(static_cast<float>(mantissa), static_cast<int>(exponent));
  }

  // The extents of a column of numbers, which newer versions of dlib write negative.
  size_t column_length(size_t limit) {
    const int64_t rows = std::llabs(integer());
    const int64_t columns = std::llabs(integer());
    if (columns != 1 || static_cast<uint64_t>(rows) > limit) throw_damaged();
    return static_cast<size_t>(rows);
  }

  // Passes over a column of so many fractions without decoding them, its length included.
  //
  // Where another column follows, as after nearly all, its length says where this one ends: a column is as
  // long as if all of its fractions were usual, or a byte shorter for each of the few whose mantissa ends in
  // a zero byte. Only where that fails are the fractions looked at.
  void skip_column(size_t count) {
    const uint8_t *const column = place;
    if (column_length(count) != count) throw_damaged();
    const uint8_t *const longest = place + 6 * count;
    constexpr int most_short = 4;
    const ptrdiff_t length = place - column;
    if (end - place >= static_cast<ptrdiff_t>(6 * count) + length) {
      for (int i = 0; i <= most_short; i++) {
        if (std::memcmp(longest - i, column, length)) continue;
        place = longest - i;
        return;
      }
    }
    skip_fractions(count);
  }

 private:
  const uint8_t *place;
  const uint8_t *end;

  void skip_fractions(size_t count) {
    for (size_t i = 0; i < count; i++) {
      if (i + 4 <= count && are_four_usual()) {
        place += 24;
        i += 3;
        continue;
      }
      uint64_t bytes;
      if (look_at_usual(bytes)) {
        place += 6;
        continue;
      }
      integer();
      integer();
    }
  }

  // Whether a fraction follows as nearly all are, with a mantissa of three bytes and an exponent of one:
  // guessing that, the processor need not wait for one number's length before it looks at the next.
  bool look_at_usual(uint64_t &bytes) const {
    if (end - place < 8) return false;
    std::memcpy(&bytes, place, sizeof bytes);
    return (bytes & 0x0000007f0000007f) == 0x0000000100000003;
  }

  // Whether the next four fractions are all of that kind.
  bool are_four_usual() const {
    if (end - place < 24) return false;
    uint64_t bytes[3];
    std::memcpy(bytes, place, sizeof bytes);
    // The two counts of bytes lie four apart in every six.
    return (bytes[0] & 0x007f007f0000007f) == 0x0003000100000003 &&
           (bytes[1] & 0x0000007f007f0000) == 0x0000000300010000 &&
           (bytes[2] & 0x007f0000007f007f) == 0x0001000000030001;
  }

  // Two to the power of -126...126, a float whose other bits are 0.
  static float power_of_two(int exponent) {
    const uint32_t bits = static_cast<uint32_t>(exponent + 127) << 23;
    float power;
    std::memcpy(&power, &bits, sizeof power);
    return power;
  }

  [[noreturn]] static void throw_damaged() { throw std::runtime_error("it is damaged"); }
};

using shape = dlib::matrix<float, 0, 1>;

constexpr size_t shape_size = 2 * FACE_LANDMARK_COUNT;
constexpr size_t most_features = 1 << 16;

// The bytes that a column of a shape takes at most: two integers for its extents, and for each fraction a
// mantissa of three bytes and an exponent of two.
constexpr size_t longest_column = 2 * 9 + shape_size * (4 + 3);

// The numbers of a file from its start on, of which a part is in memory.
class number_file {
 public:
  explicit number_file(const open_file &file)
      : file(file), bytes(1 << 18), numbers(bytes.data(), bytes.data()) {}

  // The reader, before which a column of a shape or anything shorter lies whole.
  number_reader &next() {
    if (numbers.bytes_left() < longest_column && offset() + numbers.bytes_left() < file.byte_count()) {
      refill();
    }
    return numbers;
  }

  // Where the reader is in the file.
  uint64_t offset() const { return start + static_cast<uint64_t>(numbers.position() - bytes.data()); }

 private:
  const open_file &file;
  std::vector<uint8_t> bytes;
  uint64_t start = 0;
  number_reader numbers;

  void refill() {
    const size_t left = numbers.bytes_left();
    start = offset();
    std::memmove(bytes.data(), numbers.position(), left);
    const size_t more = file.read(bytes.data() + left, bytes.size() - left, start + left);
    numbers = number_reader(bytes.data(), bytes.data() + left + more);
  }
};

struct split {
  uint32_t first, second;
  float threshold;
};

// A full binary tree over differences of pixels.
struct regression_tree {
  std::vector<split> splits;
  // Where the column of each leaf begins in the file.
  std::vector<uint32_t> leaves;
};

// One step of the cascade: trees over pixels beside landmarks of the mean face.
struct stage {
  std::vector<regression_tree> trees;
  std::vector<uint32_t> anchors;
  std::vector<dlib::vector<float, 2>> offsets;
};

shape read_shape(number_file &file) {
  number_reader &reader = file.next();
  shape result;
  if (reader.column_length(most_features) != shape_size) {
    throw std::runtime_error("it is a model of another number of landmarks");
  }
  result.set_size(shape_size);
  for (size_t i = 0; i < shape_size; i++) result(i) = reader.fraction();
  return result;
}

regression_tree read_tree(number_file &file) {
  regression_tree tree;
  tree.splits.resize(file.next().count(most_features));
  for (split &split : tree.splits) {
    number_reader &reader = file.next();
    split.first = static_cast<uint32_t>(reader.count(most_features));
    split.second = static_cast<uint32_t>(reader.count(most_features));
    split.threshold = reader.fraction();
  }
  tree.leaves.resize(file.next().count(most_features));
  const size_t leaves = tree.leaves.size();
  if (leaves != tree.splits.size() + 1 || (leaves & (leaves - 1)) != 0) {
    throw std::runtime_error("it is damaged");
  }
  for (uint32_t &leaf : tree.leaves) {
    number_reader &reader = file.next();
    leaf = static_cast<uint32_t>(file.offset());
    reader.skip_column(shape_size);
  }
  return tree;
}

// That every feature a tree asks for and every anchor is there.
void check(const stage &stage) {
  bool is_sound = stage.anchors.size() == stage.offsets.size();
  for (const uint32_t anchor : stage.anchors) is_sound &= anchor < FACE_LANDMARK_COUNT;
  for (const regression_tree &tree : stage.trees) {
    for (const split &split : tree.splits) {
      is_sound &= std::max(split.first, split.second) < stage.offsets.size();
    }
  }
  if (!is_sound) throw std::runtime_error("it is damaged");
}

}  // namespace

struct face_landmark_model {
  open_file file;
  shape mean;
  std::vector<stage> stages;

  explicit face_landmark_model(const char *path) : file(path) {
    if (file.byte_count() > UINT32_MAX) throw std::runtime_error("it is too large");
    number_file numbers(file);
    if (numbers.next().integer() != 1) throw std::runtime_error("it is of an unknown version");
    mean = read_shape(numbers);
    stages.resize(numbers.next().count(most_features));
    for (stage &stage : stages) {
      const size_t count = numbers.next().count(most_features);
      stage.trees.reserve(count);
      for (size_t i = 0; i < count; i++) stage.trees.push_back(read_tree(numbers));
    }
    read_features(numbers);
    for (const stage &stage : stages) check(stage);
  }

  // The landmarks of the face in a box, in the unit square of the box.
  shape fit(const uint8_t *gray, int width, int height, const dlib::rectangle &box) const {
    shape current = mean;
    std::vector<float> pixels;
    uint8_t column[longest_column];
    for (const stage &stage : stages) {
      read_pixels(stage, gray, width, height, box, current, pixels);
      for (const regression_tree &tree : stage.trees) {
        const size_t count = file.read(column, longest_column, leaf(tree, pixels));
        number_reader reader(column, column + count);
        if (reader.column_length(shape_size) != shape_size) throw std::runtime_error("it is damaged");
        for (size_t i = 0; i < shape_size; i++) current(i) += reader.fraction();
      }
    }
    return current;
  }

 private:
  void read_features(number_file &file) {
    if (file.next().count(most_features) != stages.size()) throw std::runtime_error("it is damaged");
    for (stage &stage : stages) {
      stage.anchors.resize(file.next().count(most_features));
      for (uint32_t &anchor : stage.anchors) {
        anchor = static_cast<uint32_t>(file.next().count(most_features));
      }
    }
    if (file.next().count(most_features) != stages.size()) throw std::runtime_error("it is damaged");
    for (stage &stage : stages) {
      stage.offsets.resize(file.next().count(most_features));
      for (auto &offset : stage.offsets) {
        number_reader &reader = file.next();
        offset.x() = reader.fraction();
        offset.y() = reader.fraction();
      }
    }
  }

  // Where the column begins of the leaf that a face's pixels lead to.
  uint64_t leaf(const regression_tree &tree, const std::vector<float> &pixels) const {
    size_t node = 0;
    while (node < tree.splits.size()) {
      const split &split = tree.splits[node];
      const bool is_left = pixels[split.first] - pixels[split.second] > split.threshold;
      node = 2 * node + (is_left ? 1 : 2);
    }
    return tree.leaves[node - tree.splits.size()];
  }

  // The grey values beside the landmarks of the current shape; 0 outside the picture.
  void read_pixels(const stage &stage, const uint8_t *gray, int width, int height,
                   const dlib::rectangle &box, const shape &current,
                   std::vector<float> &pixels) const {
    const dlib::matrix<float, 2, 2> turn =
        dlib::matrix_cast<float>(dlib::impl::find_tform_between_shapes(mean, current).get_m());
    const dlib::point_transform_affine to_picture = dlib::impl::unnormalizing_tform(box);
    pixels.resize(stage.offsets.size());
    for (size_t i = 0; i < pixels.size(); i++) {
      const dlib::point p = to_picture(turn * stage.offsets[i] +
                                       dlib::impl::location(current, stage.anchors[i]));
      const bool is_inside = p.x() >= 0 && p.y() >= 0 && p.x() < width && p.y() < height;
      pixels[i] = is_inside ? gray[p.y() * width + p.x()] : 0;
    }
  }
};

face_landmark_model *face_landmark_model_load(const char *path, char *reason,
                                              size_t reason_capacity) {
  try {
    return new face_landmark_model(path);
  } catch (const std::exception &error) {
    std::strncpy(reason, error.what(), reason_capacity - 1);
    reason[reason_capacity - 1] = 0;
    return nullptr;
  }
}

void face_landmark_model_destroy(face_landmark_model *model) { delete model; }

int face_landmark_model_fit(const face_landmark_model *model, const uint8_t *gray, int width,
                            int height, const face_box *box, double *points) {
  try {
    const dlib::rectangle rectangle(std::lround(box->left), std::lround(box->top),
                                    std::lround(box->right) - 1, std::lround(box->bottom) - 1);
    const shape fitted = model->fit(gray, width, height, rectangle);
    const dlib::point_transform_affine to_picture = dlib::impl::unnormalizing_tform(rectangle);
    for (int i = 0; i < FACE_LANDMARK_COUNT; i++) {
      // dlib's points name pixels; their centres lie half a pixel further.
      const dlib::point p = to_picture(dlib::impl::location(fitted, i));
      points[2 * i] = p.x() + 0.5;
      points[2 * i + 1] = p.y() + 0.5;
    }
    return 1;
  } catch (const std::exception &) {
    return 0;
  }
}
