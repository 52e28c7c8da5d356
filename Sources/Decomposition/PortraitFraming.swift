import FaceAlignment
import Imaging

/// A photograph with the upright square of it that the networks see.
public struct PreparedPortrait: Sendable {
  /// The whole photograph.
  public let photograph: Photograph
  /// Where the square lies in the photograph.
  public let crop: FaceCrop
  /// The square, 3 channels, sRGB-encoded.
  public let image: Image

  /// The side of the square, and of every pass.
  public static let extent = 1024

  /// Frames a photograph.
  ///
  /// - Parameters:
  ///   - photograph: what was taken.
  ///   - framing: how to choose the square.
  ///   - detector: finds the face if the framing asks for it.
  /// - Throws: `framing`.
  public init(
    photograph: Photograph, framing: Framing, detector: FaceDetector
  ) throws(DecompositionError) {
    do {
      crop = try framing.crop(of: photograph.image, detector: detector)
    } catch {
      throw .framing(error)
    }
    self.photograph = photograph
    image = crop.extract(from: photograph.image, extent: Self.extent)
  }
}
