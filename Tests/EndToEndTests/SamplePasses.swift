import Foundation
import Imaging
import RenderPasses

/// Passes of a ball in front of the camera: small enough to relight in no time.
enum SamplePasses {
  static let side = 96

  /// Writes the ball's pass folder.
  static func write(to folder: String) throws {
    try PassFolder.write(stack(), PassManifest(), to: folder)
  }

  private static func stack() throws -> PassStack {
    func plain(_ values: [Float], _ encoding: ColorEncoding) -> Image {
      Image(
        width: side, height: side, channels: values.count, encoding: encoding,
        samples: values.flatMap { [Float](repeating: $0, count: side * side) })
    }
    var normal = plain([0, 0, 1], .data)
    var matte = plain([0], .data)
    for y in 0..<side {
      for x in 0..<side {
        let right = (Float(x) + 0.5) / Float(side) * 2.2 - 1.1
        let up = 1.1 - (Float(y) + 0.5) / Float(side) * 2.2
        let rest = 1 - right * right - up * up
        guard rest > 0 else { continue }
        matte[0, x, y] = 1
        normal[0, x, y] = right
        normal[1, x, y] = up
        normal[2, x, y] = rest.squareRoot()
      }
    }
    return try PassStack(
      passes: [
        .albedo: plain([0.5, 0.35, 0.25], .linear), .normal: normal.normalizedVectors(),
        .specular: plain([0.35], .data), .translucency: plain([0], .data),
        .ao: plain([1], .data), .diffuse: plain([0.25, 0.18, 0.12], .linear),
      ], skin: matte, subject: matte)
  }
}

extension Image {
  /// The mean of all channels over the left or the right half.
  func mean(ofLeftHalf isLeft: Bool) -> Float {
    var sum: Float = 0
    for channel in 0..<channels {
      for y in 0..<height {
        for x in 0..<width / 2 { sum += self[channel, isLeft ? x : width - 1 - x, y] }
      }
    }
    return sum / Float(channels * height * (width / 2))
  }
}
