import Decomposition
import Imaging
import Testing

/// A flat piece of skin, unevenly lit, with a white spot of mirrored light on it.
@Suite struct HighlightSeparationTests {
  private static let side = 32
  private static let skinColour: [Float] = [0.45, 0.27, 0.19]
  private static let lightColour: [Float] = [1.05, 1, 0.95]

  private static func image(_ sample: (_ channel: Int, _ pixel: Int) -> Float) -> Image {
    let count = side * side
    return Image(
      width: side, height: side, channels: 3, encoding: .linear,
      samples: (0..<3 * count).map { sample($0 / count, $0 % count) })
  }

  private static func matte(_ value: Float) -> Image {
    Image(width: side, height: side, channels: 1, encoding: .data, repeating: value)
  }

  private static func shading(_ pixel: Int) -> Float {
    0.3 + 0.6 * Float(pixel % side) / Float(side)
  }
  private static func mirrored(_ pixel: Int) -> Float { pixel < 12 ? 0.3 : 0 }

  private let albedo = image { channel, _ in skinColour[channel] }
  private let matteColour = image { channel, pixel in
    shading(pixel) * skinColour[channel] * lightColour[channel]
  }
  private let photo = image { channel, pixel in
    (shading(pixel) * skinColour[channel] + mirrored(pixel)) * lightColour[channel]
  }

  @Test("a highlight goes, what lies under it stays")
  func separation() throws {
    let skin = Self.matte(1)
    let separation = try #require(HighlightSeparation(photo: photo, albedo: albedo, skin: skin))
    let elsewhere = Self.image { _, _ in 0.7 }
    let found = separation.diffuse(photo: photo, albedo: albedo, skin: skin, elsewhere: elsewhere)
    // The spot itself shifts the estimate of the light a little.
    for (a, b) in zip(found.samples, matteColour.samples) { #expect(abs(a - b) < 0.02) }
    let left = abs(found.samples[0] - matteColour.samples[0])
    #expect(left < 0.06 * (photo.samples[0] - matteColour.samples[0]))
  }

  @Test("off the skin the other prediction stays")
  func elsewhere() throws {
    let separation = try #require(
      HighlightSeparation(photo: photo, albedo: albedo, skin: Self.matte(1)))
    let elsewhere = Self.image { _, _ in 0.7 }
    let found = separation.diffuse(
      photo: photo, albedo: albedo, skin: Self.matte(0), elsewhere: elsewhere)
    #expect(found == elsewhere)
    #expect(HighlightSeparation(photo: photo, albedo: albedo, skin: Self.matte(0)) == nil)
  }

  @Test("what is as colourless as its highlight is left alone")
  func colourless() throws {
    let grey = Self.image { _, _ in 0.5 }
    let skin = Self.matte(1)
    let white = Self.image { _, pixel in Self.shading(pixel) * 0.5 + Self.mirrored(pixel) }
    let separation = try #require(HighlightSeparation(photo: white, albedo: grey, skin: skin))
    let found = separation.diffuse(photo: white, albedo: grey, skin: skin, elsewhere: grey)
    for (a, b) in zip(found.samples, white.samples) { #expect(abs(a - b) < 1e-6) }
  }
}
