import Foundation
import Imaging

/// A square of a photograph, turned upright: the frame in which the networks see a face.
///
/// All lengths are photograph pixels in continuous coordinates, where the first pixel's centre lies
/// at (0.5, 0.5).
public struct FaceCrop: Equatable, Sendable, Codable {
  /// The centre's column.
  public var centerX: Double
  /// The centre's row.
  public var centerY: Double
  /// The length of a side.
  public var size: Double
  /// How far the square is turned clockwise in the photograph.
  public var angleDegrees: Double

  /// Makes a crop.
  ///
  /// - Precondition: the size is positive.
  public init(centerX: Double, centerY: Double, size: Double, angleDegrees: Double = 0) {
    precondition(size > 0, "a crop of size \(size) is empty")
    self.centerX = centerX
    self.centerY = centerY
    self.size = size
    self.angleDegrees = angleDegrees
  }

  /// The largest square in the middle of a picture.
  public init(centeredIn extent: ImageExtent) {
    self.init(
      centerX: Double(extent.width) / 2, centerY: Double(extent.height) / 2,
      size: Double(max(1, min(extent.width, extent.height))))
  }

  /// The crop of the FFHQ data set (Karras, Laine and Aila 2019) from 68 landmarks in iBUG's order.
  ///
  /// The x axis runs along the eyes, corrected by the line from the eyes to the mouth; the size is
  /// the larger of 4 eye distances and 3.6 eye-to-mouth distances.
  ///
  /// - Precondition: there are 68 landmarks.
  public init(ffhq landmarks: [SIMD2<Double>]) {
    precondition(landmarks.count == 68, "\(landmarks.count) landmarks are not 68")
    func mean(_ range: Range<Int>) -> SIMD2<Double> {
      landmarks[range].reduce(.zero, +) / Double(range.count)
    }
    func length(_ vector: SIMD2<Double>) -> Double { (vector * vector).sum().squareRoot() }
    let (leftEye, rightEye) = (mean(36..<42), mean(42..<48))
    let eyes = (leftEye + rightEye) / 2
    let eyeToEye = rightEye - leftEye
    let eyeToMouth = (landmarks[48] + landmarks[54]) / 2 - eyes
    let axis = eyeToEye - SIMD2(-eyeToMouth.y, eyeToMouth.x)
    let center = eyes + eyeToMouth * 0.1
    self.init(
      centerX: center.x, centerY: center.y,
      size: max(2 * max(length(eyeToEye) * 2, length(eyeToMouth) * 1.8), 1),
      angleDegrees: atan2(axis.y, axis.x) * 180 / .pi)
  }

  /// The crop around a face: FFHQ's from its landmarks, otherwise one estimated from its box.
  public init(framing face: Face) {
    if face.landmarks.count == 68 {
      self.init(ffhq: face.landmarks)
    } else {
      // Means over faces that have both: the detector's box ends at the brows and the chin.
      self.init(
        centerX: face.box.centerX, centerY: face.box.centerY - 0.2 * face.box.height,
        size: max(1.75 * face.box.width, 1))
    }
  }

  // MARK: - Maps

  /// Takes coordinates of a crop of `extent` pixels to coordinates of the photograph.
  public func mapToPhotograph(extent: Int) -> AffineMap {
    let radians = angleDegrees * .pi / 180
    let scale = size / Double(extent)
    let right = SIMD2(cos(radians), sin(radians)) * scale
    let down = SIMD2(-sin(radians), cos(radians)) * scale
    let center = SIMD2(centerX, centerY)
    return AffineMap(
      origin: center - (right + down) * (Double(extent) / 2), right: right, down: down)
  }

  /// Takes coordinates of the photograph to coordinates of a crop of `extent` pixels.
  public func mapToCrop(extent: Int) -> AffineMap {
    let radians = angleDegrees * .pi / 180
    let scale = Double(extent) / size
    let right = SIMD2(cos(radians), -sin(radians)) * scale
    let down = SIMD2(sin(radians), cos(radians)) * scale
    let half = Double(extent) / 2
    return AffineMap(
      origin: SIMD2(half, half) - right * centerX - down * centerY, right: right, down: down)
  }

  /// The place in a crop of `extent` pixels of a point of the photograph.
  public func point(inCrop point: SIMD2<Double>, extent: Int) -> SIMD2<Double> {
    mapToCrop(extent: extent)(point)
  }

  /// The place in the photograph of a point of a crop of `extent` pixels.
  public func point(inPhotograph point: SIMD2<Double>, extent: Int) -> SIMD2<Double> {
    mapToPhotograph(extent: extent)(point)
  }
}
