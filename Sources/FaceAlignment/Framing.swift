import Foundation
import Imaging

/// How the square that the networks see is chosen.
public enum Framing: Equatable, Sendable {
  /// Around the largest face.
  case automatic
  /// The picture is an aligned square already; of any other shape the middle is taken.
  case none
  /// A square given by hand.
  case square(FaceCrop)

  /// Reads "auto", "none" or "X,Y,SIZE[,ANGLE]": centre and side in pixels, clockwise degrees.
  public init?(parsing text: String) {
    switch text.lowercased() {
    case "auto": self = .automatic
    case "none": self = .none
    default:
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = parts.compactMap {
        Double($0.trimmingCharacters(in: .whitespaces))
      }
      guard numbers.count == parts.count, (3...4).contains(numbers.count),
        numbers.allSatisfy({ $0.isFinite && abs($0) <= 1e6 }), numbers[2] >= 2
      else { return nil }
      self = .square(
        FaceCrop(
          centerX: numbers[0], centerY: numbers[1], size: numbers[2],
          angleDegrees: numbers.count == 4 ? numbers[3] : 0))
    }
  }

  /// The square this framing gives on a photograph.
  ///
  /// - Throws: `noFace` when there is none to frame automatically, `outsidePhotograph` when a
  ///   square given by hand shows nothing of it, and the detector's own errors.
  public func crop(
    of photograph: Image, detector: FaceDetector
  ) throws(FaceAlignmentError) -> FaceCrop {
    switch self {
    case .automatic:
      guard let face = try detector.largestFace(in: photograph) else {
        throw .noFace(photograph.extent)
      }
      return FaceCrop(framing: face)
    case .none:
      return FaceCrop(centeredIn: photograph.extent)
    case .square(let crop):
      let reach = crop.size / 2
      guard crop.centerX + reach > 0, crop.centerX - reach < Double(photograph.width),
        crop.centerY + reach > 0, crop.centerY - reach < Double(photograph.height)
      else { throw .outsidePhotograph(crop, photograph: photograph.extent) }
      return crop
    }
  }
}

/// Why no crop could be made.
public enum FaceAlignmentError: Error, Equatable, Sendable {
  /// No face was found in a picture of this extent.
  case noFace(ImageExtent)
  /// A square given by hand does not touch the photograph.
  case outsidePhotograph(FaceCrop, photograph: ImageExtent)
  /// The landmark model exists but cannot be loaded.
  case landmarkModel(path: String, reason: String)
  /// The detector ran out of memory.
  case outOfMemory
}
