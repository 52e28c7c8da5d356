#include <dlib/base64.h>
#include <dlib/image_processing/frontal_face_detector.h>

#include <fstream>
#include <sstream>

// Writes a Swift source that holds dlib's frontal face detector in base64: in dlib's header it is compressed
// so well that unpacking takes 0.4 s, which is better spent once, while building.
int main(int count, char **arguments) {
  if (count != 2) return 64;
  std::istringstream detector(dlib::get_serialized_frontal_faces());
  std::ostringstream text;
  dlib::base64 coder;
  coder.set_line_ending(dlib::base64::LF);
  coder.encode(detector, text);
  std::ofstream source(arguments[1]);
  source << "let frontalFaces: StaticString = \"\"\"\n" << text.str() << "\n\"\"\"\n";
  return source.flush() ? 0 : 1;
}
