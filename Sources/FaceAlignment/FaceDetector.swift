import CFaceLandmarks
import Foundation
import Imaging

/// A rectangle around a face, in continuous pixel coordinates of the photograph.
public struct FaceBox: Equatable, Sendable {
  /// The left edge.
  public let x: Double
  /// The upper edge.
  public let y: Double
  /// Columns.
  public let width: Double
  /// Rows.
  public let height: Double

  /// Makes a box.
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The middle column.
  public var centerX: Double { x + width / 2 }
  /// The middle row.
  public var centerY: Double { y + height / 2 }
}

/// A face found in a photograph.
public struct Face: Equatable, Sendable {
  /// From the brows to the chin.
  public let box: FaceBox
  /// The detector's confidence; 0 is its threshold, clear faces have 1 to 3.
  public let score: Double
  /// 68 points in iBUG's order, or none where the landmark model is not installed.
  public let landmarks: [SIMD2<Double>]

  /// Makes a face.
  public init(box: FaceBox, score: Double, landmarks: [SIMD2<Double>]) {
    self.box = box
    self.score = score
    self.landmarks = landmarks
  }
}

/// dlib's frontal face detector (Dalal and Triggs 2005; King 2009) with its 68 landmarks (Kazemi and
/// Sullivan 2014).
///
/// The landmark model takes a third of a second to load: that happens with the first search, or ahead of
/// it in `preload`.
public final class FaceDetector: @unchecked Sendable {
  // One search at a time: dlib's detector keeps state while it runs.
  private let searchLock = NSLock()
  // Made by the first search.
  private var detector: OpaquePointer?
  private let modelPath: String?
  private let modelLock = NSLock()
  private var model: LandmarkModel?

  /// Makes a detector.
  ///
  /// - Parameter landmarkModelPath: The file of the landmark model; without one, faces have no
  ///   landmarks.
  public init(landmarkModelPath: String? = FaceDetector.landmarkModelPath()) {
    modelPath = landmarkModelPath
  }

  deinit {
    face_detector_destroy(detector)
  }

  /// Where the landmark model is: `CHIARO_LANDMARKS` if set, else where the system's package puts
  /// it, nil if nothing is there.
  public static func landmarkModelPath(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String? {
    if let path = environment["CHIARO_LANDMARKS"], !path.isEmpty { return path }
    let folders = ["/usr/share/dlib", "/usr/local/share/dlib"]
    return folders.map { "\($0)/shape_predictor_68_face_landmarks.dat" }
      .first { FileManager.default.isReadableFile(atPath: $0) }
  }

  /// Begins to load the landmark model on another thread; a search waits for it when it gets there.
  ///
  /// What fails is tried again, and reported, by the search.
  public func preload() {
    DispatchQueue.global(qos: .userInitiated).async { _ = try? self.loadedModel() }
  }

  /// Finds the largest face, where doubtful ones count as smaller.
  ///
  /// - Parameter photograph: One or at least three channels, `.sRGB` or `.linear`.
  /// - Returns: The face, nil if there is none.
  /// - Throws: `landmarkModel`, `outOfMemory`.
  public func largestFace(in photograph: Image) throws(FaceAlignmentError) -> Face? {
    searchLock.lock()
    defer { searchLock.unlock() }
    // Before the search, which takes long, and whether or not there is a face.
    if let modelPath, !FileManager.default.isReadableFile(atPath: modelPath) {
      throw .landmarkModel(path: modelPath, reason: "there is no readable file")
    }
    for scale in Self.searchScales(longestSide: max(photograph.width, photograph.height)) {
      let gray = GrayPicture(photograph, scale: scale)
      guard let box = try mostProminentBox(in: gray) else { continue }
      let landmarks = try self.landmarks(in: gray, box: box).map { $0 / gray.scale }
      return Face(
        box: FaceBox(
          x: box.left / gray.scale.x, y: box.top / gray.scale.y,
          width: (box.right - box.left) / gray.scale.x,
          height: (box.bottom - box.top) / gray.scale.y),
        score: box.score, landmarks: landmarks)
    }
    return nil
  }

  /// The scales to search, until one shows a face.
  ///
  /// The detector sees faces of 80 pixels and more. A copy of 1024 pixels shows every face a
  /// portrait is made of, and quickly; finer ones are for faces that are small in their picture.
  static func searchScales(longestSide: Int) -> [Double] {
    let side = Double(longestSide)
    var scales = [min(1, 1024 / side)]
    for candidate in [min(2, 2048 / side), min(2, 4096 / side)]
    where candidate > scales[scales.count - 1] * 1.2 {
      scales.append(candidate)
    }
    return scales
  }

  /// The box to look for landmarks in.
  ///
  /// Half the picture shows a portrait's face as clearly, in a quarter of the time.
  private func mostProminentBox(in gray: GrayPicture) throws(FaceAlignmentError) -> face_box? {
    func best(_ gray: GrayPicture) throws(FaceAlignmentError) -> face_box? {
      try boxes(in: gray).max { $0.prominence < $1.prominence }
    }
    // The least face that the detector sees must fit into it.
    if min(gray.width, gray.height) >= 160, let box = try best(gray.halved),
      box.score >= Self.clear
    {
      return box.doubled
    }
    return try best(gray)
  }

  /// The confidence from which on a face is one.
  private static let clear = 0.5

  private func boxes(in gray: GrayPicture) throws(FaceAlignmentError) -> [face_box] {
    let detector = try loadedDetector()
    var boxes = [face_box](repeating: face_box(), count: 64)
    let count = face_detector_find(
      detector, gray.bytes, Int32(gray.width), Int32(gray.height), &boxes, Int32(boxes.count))
    if count < 0 { throw .outOfMemory }
    return Array(boxes.prefix(Int(count)))
  }

  private func landmarks(
    in gray: GrayPicture, box: face_box
  ) throws(FaceAlignmentError) -> [SIMD2<Double>] {
    guard let model = try loadedModel() else { return [] }
    return try model.landmarks(
      in: gray.bytes, width: gray.width, height: gray.height,
      box: FaceBox(
        x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top))
  }

  private func loadedDetector() throws(FaceAlignmentError) -> OpaquePointer {
    if detector == nil {
      detector = Self.unpackedDetector.withUnsafeBytes { bytes in
        face_detector_create(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
      }
    }
    guard let detector else { throw .outOfMemory }
    return detector
  }

  /// dlib's detector in dlib's own format, which the build has unpacked.
  package static var unpackedDetector: Data {
    let text = frontalFaces.withUTF8Buffer { Data($0) }
    guard let bytes = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
      preconditionFailure("the build makes base64")
    }
    return bytes
  }

  private func loadedModel() throws(FaceAlignmentError) -> LandmarkModel? {
    modelLock.lock()
    defer { modelLock.unlock() }
    guard model == nil, let modelPath else { return model }
    model = try LandmarkModel(path: modelPath)
    return model
  }
}

/// What the detector sees: luma of 8 bits at some scale of the photograph.
private struct GrayPicture {
  let width: Int
  let height: Int
  /// Pixels of this picture per pixel of the photograph, along both axes.
  let scale: SIMD2<Double>
  let bytes: [UInt8]

  init(_ photograph: Image, scale wanted: Double) {
    width = max(1, Int((Double(photograph.width) * wanted).rounded()))
    height = max(1, Int((Double(photograph.height) * wanted).rounded()))
    scale = SIMD2(
      Double(width) / Double(photograph.width), Double(height) / Double(photograph.height))
    bytes = photograph.converted(to: .sRGB).resized(width: width, height: height).lumaBytes
  }

  private init(width: Int, height: Int, scale: SIMD2<Double>, bytes: [UInt8]) {
    (self.width, self.height, self.scale, self.bytes) = (width, height, scale, bytes)
  }

  /// The means of squares of four pixels; an odd last row or column is left out.
  var halved: GrayPicture {
    let (across, down, width) = (width / 2, height / 2, width)
    let halves = [UInt8](unsafeUninitializedCapacity: across * down) { halves, initialized in
      bytes.withUnsafeBufferPointer { bytes in
        for y in 0..<down {
          for x in 0..<across {
            let corner = 2 &* (y &* width &+ x)
            let sum =
              UInt32(bytes[corner]) &+ UInt32(bytes[corner &+ 1])
              &+ UInt32(bytes[corner &+ width]) &+ UInt32(bytes[corner &+ width &+ 1])
            halves[y &* across &+ x] = UInt8(truncatingIfNeeded: (sum &+ 2) / 4)
          }
        }
      }
      initialized = across * down
    }
    return GrayPicture(width: across, height: down, scale: scale / 2, bytes: halves)
  }
}

extension Image {
  /// Luma of the encoded values, which is what such detectors are trained on, in 8 bits.
  fileprivate var lumaBytes: [UInt8] {
    let count = pixelCount
    let (green, blue) = channels >= 3 ? (count, 2 * count) : (0, 0)
    return [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      // Each part is written by one thread alone.
      nonisolated(unsafe) let target = target
      Parallel.forEachBatch(count: count, of: 1 << 16) { pixels in
        samples.withUnsafeBufferPointer { samples in
          for index in pixels {
            let luma =
              0.299 * samples[index] + 0.587 * samples[green &+ index] + 0.114
              * samples[blue &+ index]
            target[index] = UInt8(truncatingIfNeeded: (min(max(luma, 0), 1) * 255).nearestWhole)
          }
        }
      }
      initialized = count
    }
  }
}

extension face_box {
  /// The same place in a picture of twice the size.
  fileprivate var doubled: face_box {
    var box = self
    (box.left, box.top, box.right, box.bottom) = (2 * left, 2 * top, 2 * right, 2 * bottom)
    return box
  }

  /// Area times confidence: a large but doubtful box must not win over a clear face.
  fileprivate var prominence: Double {
    (right - left) * (bottom - top) * max(score, 0)
  }
}
