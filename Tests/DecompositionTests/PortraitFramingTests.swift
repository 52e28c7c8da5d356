import Decomposition
import FaceAlignment
import Foundation
import Imaging
import Testing

/// From a photograph to the square that the networks see.
@Suite struct PortraitFramingTests {
  /// A photograph of a grey wall with a gradient: no face.
  private func photograph(width: Int, height: Int) throws -> Photograph {
    var image = Image(width: width, height: height, channels: 3, encoding: .sRGB)
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<3 { image[channel, x, y] = Float(x) / Float(width) }
      }
    }
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("chiaro-\(UUID().uuidString).png").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try ImageFile.write(image, to: path, bitDepth: 8)
    return try ImageFile.readPhotograph(at: path)
  }

  @Test("without framing the middle square is taken")
  func none() throws {
    let photograph = try photograph(width: 200, height: 120)
    let portrait = try PreparedPortrait(
      photograph: photograph, framing: .none, detector: FaceDetector())
    #expect(portrait.crop == FaceCrop(centeredIn: photograph.image.extent))
    #expect(portrait.image.width == PreparedPortrait.extent)
    #expect(portrait.image.height == PreparedPortrait.extent)
    // The middle column of the wall is half bright.
    #expect(abs(portrait.image[0, 512, 512] - 0.5) < 0.01)
  }

  @Test("a photograph without a face is refused with its extent")
  func noFace() throws {
    let photograph = try photograph(width: 200, height: 120)
    #expect(throws: DecompositionError.framing(.noFace(photograph.image.extent))) {
      try PreparedPortrait(
        photograph: photograph, framing: .automatic, detector: FaceDetector())
    }
  }

  @Test("a square given by hand is taken as it is")
  func square() throws {
    let crop = FaceCrop(centerX: 50, centerY: 60, size: 40)
    let portrait = try PreparedPortrait(
      photograph: try photograph(width: 200, height: 120), framing: .square(crop),
      detector: FaceDetector())
    #expect(portrait.crop == crop)
    #expect(abs(portrait.image[1, 512, 512] - 0.25) < 0.01)
  }
}
