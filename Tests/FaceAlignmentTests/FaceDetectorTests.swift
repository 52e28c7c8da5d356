import FaceAlignment
import Foundation
import Imaging
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
}
