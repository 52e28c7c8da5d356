import Foundation
import Imaging
import TestSupport

/// Independent noise in every sample.
func noise(
  width: Int, height: Int, channels: Int = 3, encoding: ColorEncoding = .sRGB, seed: UInt64 = 1
) -> Image {
  var generator = SeededGenerator(seed: seed)
  return Image(
    width: width, height: height, channels: channels, encoding: encoding,
    samples: (0..<width * height * channels).map { _ in Float.random(in: 0...1, using: &generator) }
  )
}

/// A smooth picture whose value at a continuous position is known.
func waves(width: Int, height: Int, channels: Int = 1) -> Image {
  var image = Image(width: width, height: height, channels: channels, encoding: .sRGB)
  for channel in 0..<channels {
    for y in 0..<height {
      for x in 0..<width {
        image[channel, x, y] = wave(Double(x) + 0.5, Double(y) + 0.5)
      }
    }
  }
  return image
}

func wave(_ x: Double, _ y: Double) -> Float {
  Float(0.5 + 0.25 * sin(x / 9) + 0.2 * cos(y / 7 + x / 30))
}

func largestDifference(_ first: Image, _ second: Image) -> Float {
  precondition(first.extent == second.extent && first.channels == second.channels)
  return zip(first.samples, second.samples).map { abs($0 - $1) }.max() ?? 0
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

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}
