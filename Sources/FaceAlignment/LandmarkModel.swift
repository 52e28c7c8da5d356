import CFaceLandmarks

/// A model of 68 landmarks in the format of dlib's shape predictor.
package final class LandmarkModel: @unchecked Sendable {
  // A model never changes once it is loaded.
  private let handle: OpaquePointer

  /// Loads a file, which has to stay as it is.
  ///
  /// - Throws: `landmarkModel` with the reason.
  package init(path: String) throws(FaceAlignmentError) {
    var reason = [CChar](repeating: 0, count: 256)
    guard let handle = face_landmark_model_load(path, &reason, reason.count) else {
      let text = String(
        decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      throw .landmarkModel(path: path, reason: text)
    }
    self.handle = handle
  }

  deinit { face_landmark_model_destroy(handle) }

  /// The landmarks of the face in a box.
  ///
  /// - Parameters:
  ///   - gray: Luma, rows from the top.
  ///   - width: Columns.
  ///   - height: Rows.
  ///   - box: From the brows to the chin, as the detector draws it.
  /// - Returns: 68 points in iBUG's order, in continuous pixel coordinates.
  /// - Throws: `outOfMemory`.
  /// - Precondition: there are as many grey values as pixels.
  package func landmarks(
    in gray: [UInt8], width: Int, height: Int, box: FaceBox
  ) throws(FaceAlignmentError) -> [SIMD2<Double>] {
    precondition(gray.count == width * height, "\(gray.count) pixels are not \(width)×\(height)")
    var edges = face_box(
      left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height, score: 0)
    var points = [Double](repeating: 0, count: 2 * FACE_LANDMARK_COUNT)
    let isFitted = face_landmark_model_fit(
      handle, gray, Int32(width), Int32(height), &edges, &points)
    if isFitted == 0 { throw .outOfMemory }
    return stride(from: 0, to: points.count, by: 2).map { SIMD2(points[$0], points[$0 + 1]) }
  }
}
