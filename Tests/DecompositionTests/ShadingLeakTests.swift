import Decomposition
import Foundation
import Imaging
import Testing

/// A ball of skin lit from one side, some of its light left in the albedo.
@Suite struct ShadingLeakTests {
  private static let side = 64
  private static let skinColour = SIMD3<Float>(0.45, 0.27, 0.19)

  private static func image(
    _ channels: Int, _ encoding: ColorEncoding, _ sample: (_ pixel: Int, _ channel: Int) -> Float
  ) -> Image {
    let count = side * side
    return Image(
      width: side, height: side, channels: channels, encoding: encoding,
      samples: (0..<channels * count).map { sample($0 % count, $0 / count) })
  }

  /// The normal of the ball at a pixel, nil beside it.
  private static func normal(_ pixel: Int) -> SIMD3<Float>? {
    let scale = 2 / Float(side)
    let (x, y) = (Float(pixel % side) + 0.5, Float(pixel / side) + 0.5)
    let (u, v) = (x * scale - 1, 1 - y * scale)
    let rest = 1 - u * u - v * v
    return rest > 0.05 ? SIMD3(u, v, rest.squareRoot()) : nil
  }

  /// A lamp from the right and above, and light from everywhere.
  private static func irradiance(_ pixel: Int) -> Float {
    guard let n = normal(pixel) else { return 1 }
    return 0.25 + max(0.6 * n.x + 0.3 * n.y + 0.74 * n.z, 0)
  }

  private let skin = image(1, .data) { pixel, _ in normal(pixel) == nil ? 0 : 1 }
  private let normals = image(3, .data) { pixel, channel in
    (normal(pixel) ?? SIMD3(0, 0, 1))[channel]
  }
  private let open = image(1, .data) { _, _ in 1 }

  /// The leak of an albedo in the ball's light.
  private func leak(
    in albedo: Image, exposure: Float = 1, shadow: (_ pixel: Int) -> Float = { _ in 1 }
  ) -> ShadingLeak? {
    let diffuse = Self.image(3, .linear) { pixel, channel in
      Self.skinColour[channel] * Self.irradiance(pixel) * exposure * shadow(pixel)
    }
    return ShadingLeak(albedo: albedo, diffuse: diffuse, normal: normals, ao: open, skin: skin)
  }

  /// The skin's colour with a share of the light left in it.
  private func albedo(share: Float) -> Image {
    Self.image(3, .linear) { pixel, channel in
      Self.skinColour[channel] * pow(Self.irradiance(pixel), share)
    }
  }

  /// Standard deviation of the logarithm of the first channel on the ball.
  private func variation(_ albedo: Image) -> Float {
    let values = (0..<Self.side * Self.side).filter { skin.samples[$0] > 0 }
      .map { log(albedo.samples[$0]) }
    let mean = values.reduce(0, +) / Float(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)).squareRoot()
  }

  @Test("the light left in the albedo is found and goes", arguments: [0.03, 0.06, 0.09] as [Float])
  func removal(share: Float) throws {
    let lit = albedo(share: share)
    let leak = try #require(self.leak(in: lit))
    #expect(abs(leak.share - share / (1 - share)) < 0.02)
    #expect(variation(leak.removed(from: lit)) < 0.2 * variation(lit))
  }

  @Test("the exposure changes nothing")
  func exposure() throws {
    let lit = albedo(share: 0.08)
    let found = try #require(self.leak(in: lit)).share
    #expect(abs(try #require(self.leak(in: lit, exposure: 0.3)).share - found) < 0.01)
  }

  @Test("the shadow of a nose makes it careful, not useless")
  func shadow() throws {
    let lit = albedo(share: 0.08)
    let leak = try #require(
      self.leak(in: lit) { (20..<32).contains($0 % Self.side) && $0 / Self.side > 32 ? 0.2 : 1 })
    #expect(leak.share < 0.1)
    #expect(variation(leak.removed(from: lit)) < 0.7 * variation(lit))
  }

  @Test("even skin stays as it is, and so does the tone")
  func evenSkin() throws {
    let even = albedo(share: 0)
    let leak = try #require(self.leak(in: even))
    #expect(leak.share < 0.01)
    let lit = albedo(share: 0.08)
    let removed = try #require(self.leak(in: lit)).removed(from: lit)
    let before = zip(lit.samples, skin.samples).reduce(0) { $0 + log($1.0) * $1.1 }
    let after = zip(removed.samples, skin.samples).reduce(0) { $0 + log($1.0) * $1.1 }
    #expect(abs(before - after) < 0.005 * abs(before))
  }

  @Test("no more than a small share is taken for light, and spots across it stay")
  func limit() throws {
    let leak = try #require(self.leak(in: albedo(share: 0.6)))
    #expect(leak.share == 0.1)
    let spotted = Self.image(3, .linear) { pixel, channel in
      Self.skinColour[channel] * (pixel / Self.side % 8 < 4 ? 0.7 : 1)
    }
    let spots = try #require(self.leak(in: spotted)).removed(from: spotted)
    #expect(variation(spots) > 0.95 * variation(spotted))
  }

  @Test("off the skin nothing changes, and without skin there is nothing to tell")
  func elsewhere() throws {
    let lit = albedo(share: 0.08)
    let removed = try #require(self.leak(in: lit)).removed(from: lit)
    for pixel in skin.samples.indices where skin.samples[pixel] == 0 {
      #expect(removed.samples[pixel] == lit.samples[pixel])
    }
    let bare = Self.image(1, .data) { _, _ in 0 }
    #expect(
      ShadingLeak(albedo: lit, diffuse: lit, normal: normals, ao: open, skin: bare) == nil)
  }
}
