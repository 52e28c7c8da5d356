import FaceAlignment
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct FramingTests {
  @Test("what the command line may say")
  func parsing() {
    #expect(Framing(parsing: "auto") == .automatic)
    #expect(Framing(parsing: "None") == Framing.none)
    #expect(
      Framing(parsing: "100,80.5,300,-4")
        == .square(FaceCrop(centerX: 100, centerY: 80.5, size: 300, angleDegrees: -4)))
    #expect(
      Framing(parsing: "100, 80, 300") == .square(FaceCrop(centerX: 100, centerY: 80, size: 300)))
  }

  @Test(
    "what makes no sense is refused",
    arguments: [
      "", "face", "1,2", "1,2,3,4,5", "a,2,3", "1,2,-3", "1,2,0", "1,2,nan", "1,2,inf", "1,,3",
    ])
  func refusals(text: String) {
    #expect(Framing(parsing: text) == nil)
  }

  @Test("framing none takes the middle square")
  func middleSquare() throws {
    let photograph = Image(width: 300, height: 200, channels: 3, encoding: .sRGB)
    let crop = try Framing.none.crop(of: photograph, detector: FaceDetector(landmarkModelPath: nil))
    #expect(crop == FaceCrop(centerX: 150, centerY: 100, size: 200))
  }

  @Test("a square by hand must show some of the photograph")
  func handmade() throws {
    let photograph = Image(width: 300, height: 200, channels: 3, encoding: .sRGB)
    let detector = FaceDetector(landmarkModelPath: nil)
    let inside = FaceCrop(centerX: -10, centerY: 50, size: 100)
    #expect(try Framing.square(inside).crop(of: photograph, detector: detector) == inside)
    let outside = FaceCrop(centerX: -60, centerY: 50, size: 100)
    #expect(
      throws: FaceAlignmentError.outsidePhotograph(
        outside, photograph: ImageExtent(width: 300, height: 200))
    ) { try Framing.square(outside).crop(of: photograph, detector: detector) }
  }

  @Test("no face is an error that names the picture's extent")
  func noFace() throws {
    var generator = SeededGenerator(seed: 4)
    let photograph = Image(
      width: 160, height: 120, channels: 3, encoding: .sRGB,
      samples: (0..<57600).map { _ in Float.random(in: 0...1, using: &generator) })
    let detector = FaceDetector(landmarkModelPath: nil)
    #expect(try detector.largestFace(in: photograph) == nil)
    #expect(throws: FaceAlignmentError.noFace(ImageExtent(width: 160, height: 120))) {
      try Framing.automatic.crop(of: photograph, detector: detector)
    }
  }
}
