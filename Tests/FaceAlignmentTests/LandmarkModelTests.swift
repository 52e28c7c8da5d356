import CFaceReference
import FaceAlignment
import Foundation
import Imaging
import TestSupport
import Testing

/// The models as this program reads them against dlib's own reading.
@Suite struct LandmarkModelTests {
  @Test("the build has unpacked the detector in dlib's header")
  func unpackedDetector() {
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = face_reference_detector(&bytes, bytes.count)
    #expect(count > 100_000)
    #expect(FaceDetector.unpackedDetector == Data(bytes.prefix(count)))
  }

  @Test("landmarks are dlib's to the last bit, inside the picture and across its border")
  func landmarks() throws {
    guard let path = FaceDetector.landmarkModelPath() else { return }
    let reference = try #require(face_reference_model_load(path))
    defer { face_reference_model_destroy(reference) }
    let model = try LandmarkModel(path: path)
    var generator = SeededGenerator(seed: 5)
    let (width, height) = (160, 140)
    var coarse = Image(width: 12, height: 11, channels: 1, encoding: .sRGB)
    for _ in 0..<20 {
      for index in coarse.samples.indices {
        coarse.samples[index] = Float.random(in: 0...1, using: &generator)
      }
      let gray = coarse.resized(width: width, height: height, filter: .bilinear).samples.map {
        UInt8($0 * 255)
      }
      let (left, top) = (
        Int.random(in: -30...60, using: &generator), Int.random(in: -30...60, using: &generator)
      )
      let side = Int.random(in: 40...130, using: &generator)
      var expected = [Double](repeating: 0, count: 136)
      face_reference_model_fit(
        reference, gray, Int32(width), Int32(height),
        [left, top, left + side - 1, top + side - 1].map(Int32.init), &expected)
      let found = try model.landmarks(
        in: gray, width: width, height: height,
        box: FaceBox(
          x: Double(left), y: Double(top), width: Double(side), height: Double(side)))
      // dlib's points name pixels, ours are their centres.
      #expect(found.flatMap { [$0.x - 0.5, $0.y - 0.5] } == expected)
    }
  }

  @Test("a damaged model is an error with a reason", arguments: [0, 3, 2000, 500_000])
  func truncated(bytes: Int) throws {
    guard let path = FaceDetector.landmarkModelPath() else { return }
    let whole = try #require(FileHandle(forReadingAtPath: path))
    let copy = FileManager.default.temporaryDirectory
      .appendingPathComponent("chiaro-\(UUID().uuidString).dat")
    defer { try? FileManager.default.removeItem(at: copy) }
    try (whole.read(upToCount: bytes) ?? Data()).write(to: copy)
    #expect(
      throws: FaceAlignmentError.landmarkModel(
        path: copy.path, reason: bytes == 0 ? "it cannot be read" : "it ends too early")
    ) { try LandmarkModel(path: copy.path) }
  }

  @Test("bytes that are no model are refused")
  func otherFile() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("chiaro-\(UUID().uuidString).dat")
    defer { try? FileManager.default.removeItem(at: file) }
    var generator = SeededGenerator(seed: 8)
    for count in [16, 1000, 20_000] {
      try Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }).write(
        to: file)
      #expect(throws: FaceAlignmentError.self) { try LandmarkModel(path: file.path) }
    }
    // A version number, the mean face's extents and then a count that no file holds.
    try Data([1, 1, 1, 136, 1, 1] + [8] + [UInt8](repeating: 0xff, count: 30)).write(to: file)
    #expect(
      throws: FaceAlignmentError.landmarkModel(path: file.path, reason: "it is damaged")
    ) { try LandmarkModel(path: file.path) }
  }
}
