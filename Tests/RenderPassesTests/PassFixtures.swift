import Foundation
import Imaging
import RenderPasses
import TestSupport

/// Random but valid passes, raw diffuse up to 1.2.
func makeStack(width: Int = 20, height: Int = 14, seed: UInt64 = 1) throws -> PassStack {
  var generator = SeededGenerator(seed: seed)
  func image(_ channels: Int, _ encoding: ColorEncoding, _ range: ClosedRange<Float>) -> Image {
    Image(
      width: width, height: height, channels: channels, encoding: encoding,
      samples: (0..<width * height * channels).map { _ in
        Float.random(in: range, using: &generator)
      })
  }
  return try PassStack(
    passes: [
      .albedo: image(3, .linear, 0...1), .normal: image(3, .data, -1...1).normalizedVectors(),
      .specular: image(1, .data, 0...1), .translucency: image(1, .data, 0...1),
      .ao: image(1, .data, 0...1), .diffuse: image(3, .linear, 0...1.2),
    ],
    skin: image(1, .data, 0...1), subject: image(1, .data, 0...1))
}

func largestDifference(_ first: Image, _ second: Image) -> Float {
  zip(first.samples, second.samples).map { abs($0 - $1) }.max() ?? 0
}

/// A folder that is removed with its contents when the test ends.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("chiaro-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
