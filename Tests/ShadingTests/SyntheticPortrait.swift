import Imaging
import RenderPasses
import TestSupport

/// Passes made up for tests: a ball that faces the camera, and noise.
enum SyntheticPortrait {
  /// A ball of one colour that fills the picture, on empty background.
  static func ball(
    width: Int, height: Int, albedo: Float = 0.5, translucency: Float = 0, ao: Float = 1
  ) throws -> PassStack {
    let count = width * height
    var normal = Image(width: width, height: height, channels: 3, encoding: .data)
    var matte = Image(width: width, height: height, channels: 1, encoding: .data)
    for y in 0..<height {
      for x in 0..<width {
        let nx = (Float(x) + 0.5) / Float(width) * 2 - 1
        let ny = 1 - (Float(y) + 0.5) / Float(height) * 2
        let square = nx * nx + ny * ny
        let pixel = y * width + x
        let isInside = square < 0.98
        matte.samples[pixel] = isInside ? 1 : 0
        normal.samples[pixel] = isInside ? nx : 0
        normal.samples[count + pixel] = isInside ? ny : 0
        normal.samples[2 * count + pixel] = isInside ? (1 - square).squareRoot() : 1
      }
    }
    func constant(_ value: Float, _ channels: Int, _ encoding: ColorEncoding) -> Image {
      Image(
        width: width, height: height, channels: channels, encoding: encoding, repeating: value)
    }
    return try PassStack(
      passes: [
        .albedo: constant(albedo, 3, .linear), .normal: normal,
        .specular: constant(0.35, 1, .data), .translucency: constant(translucency, 1, .data),
        .ao: constant(ao, 1, .data), .diffuse: constant(albedo, 3, .linear),
      ], skin: matte, subject: matte)
  }

  /// A wall that faces the camera, with half a ball in its middle.
  static func bump(extent: Int, radius: Float) throws -> PassStack {
    let count = extent * extent
    let middle = Float(extent) / 2 - 0.5
    var normal = Image(width: extent, height: extent, channels: 3, encoding: .data)
    for y in 0..<extent {
      for x in 0..<extent {
        let (dx, dy) = ((Float(x) - middle) / radius, (middle - Float(y)) / radius)
        let square = dx * dx + dy * dy
        let pixel = y * extent + x
        normal.samples[pixel] = square < 1 ? dx : 0
        normal.samples[count + pixel] = square < 1 ? dy : 0
        normal.samples[2 * count + pixel] = square < 1 ? (1 - square).squareRoot() : 1
      }
    }
    let base = try ball(width: extent, height: extent)
    let matte = Image(width: extent, height: extent, channels: 1, encoding: .data, repeating: 1)
    return try PassStack(
      passes: [
        .albedo: base.albedo, .normal: normal, .specular: base.specular,
        .translucency: base.translucency, .ao: base.ao, .diffuse: base.diffuse,
      ], skin: matte, subject: matte)
  }

  /// Random values in every pass, with ragged mattes.
  static func noise(width: Int, height: Int, seed: UInt64) throws -> PassStack {
    var generator = SeededGenerator(seed: seed)
    func random(_ channels: Int, _ range: ClosedRange<Float>, _ encoding: ColorEncoding) -> Image {
      Image(
        width: width, height: height, channels: channels, encoding: encoding,
        samples: (0..<channels * width * height).map { _ in
          Float.random(in: range, using: &generator)
        })
    }
    let subject = random(1, -0.5...1, .data).clamped(to: 0...1)
    return try PassStack(
      passes: [
        .albedo: random(3, 0...1, .linear),
        .normal: random(3, -1...1, .data).normalizedVectors(),
        .specular: random(1, 0...1, .data), .translucency: random(1, 0...1, .data),
        .ao: random(1, 0...1, .data), .diffuse: random(3, 0...1.5, .linear),
      ], skin: random(1, 0...1, .data), subject: subject)
  }

  /// A random picture, linear.
  static func photograph(width: Int, height: Int, seed: UInt64) -> Image {
    var generator = SeededGenerator(seed: seed)
    return Image(
      width: width, height: height, channels: 3, encoding: .linear,
      samples: (0..<3 * width * height).map { _ in Float.random(in: 0...1, using: &generator) })
  }
}
