import FaceAlignment
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct FaceDetectorTests {
  @Test("the environment names the landmark model")
  func modelPath() {
    #expect(
      FaceDetector.landmarkModelPath(environment: ["CHIARO_LANDMARKS": "/some/model.dat"])
        == "/some/model.dat")
    let found = FaceDetector.landmarkModelPath(environment: [:])
    #expect(found?.hasSuffix("shape_predictor_68_face_landmarks.dat") ?? true)
  }

  @Test("a model that is named but not there is an error, face or not")
  func missingModel() {
    let detector = FaceDetector(landmarkModelPath: "/nowhere/model.dat")
    let grey = Image(width: 90, height: 90, channels: 3, encoding: .sRGB, repeating: 0.5)
    #expect(
      throws: FaceAlignmentError.landmarkModel(
        path: "/nowhere/model.dat", reason: "there is no readable file")
    ) { try detector.largestFace(in: grey) }
  }

  @Test("the tiniest pictures have no face")
  func tinyPictures() throws {
    let detector = FaceDetector(landmarkModelPath: nil)
    for (width, height) in [(2, 2), (3, 200), (90, 2)] {
      let image = Image(width: width, height: height, channels: 3, encoding: .sRGB, repeating: 0.5)
      #expect(try detector.largestFace(in: image) == nil)
    }
  }

  @Test("a face is found where it is, large or small in its picture", arguments: [640, 200])
  func place(side: Int) throws {
    let portrait = try ImageFile.readPhotograph(
      at: SourceTree.root.appendingPathComponent("assets/portraits/sample.png").path
    ).image
    let detector = FaceDetector(landmarkModelPath: nil)
    let alone = try #require(try detector.largestFace(in: portrait)).box
    let scale = Double(side) / Double(portrait.width)
    var picture = Image(
      width: 1000, height: 900, channels: 3, encoding: .sRGB, repeating: 0.5)
    picture.paste(portrait.resized(width: side, height: side), x: 310, y: 190)
    let found = try #require(try detector.largestFace(in: picture)).box
    // The detector's window has ten cells along each axis, and its scales lie 6/5 apart.
    #expect(abs(found.centerX - (310 + alone.centerX * scale)) < 0.1 * found.width)
    #expect(abs(found.centerY - (190 + alone.centerY * scale)) < 0.1 * found.width)
    #expect(abs(found.width / (alone.width * scale) - 1) < 0.2)
  }
}
