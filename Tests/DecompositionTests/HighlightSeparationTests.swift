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
    let found = separation.diffuse(elsewhere: elsewhere)
    let mean = (0..<Self.side).reduce(0) { $0 + Self.shading($1) } / Float(Self.side)
    let count = Self.side * Self.side
    for (index, (a, b)) in zip(found.samples, matteColour.samples).enumerated() {
      // The spot itself shifts the estimate of the light a little.
      #expect(a < b + 0.02)
      // Only what is brighter than the mean is dimmed.
      #expect(a > (Self.shading(index % count) <= mean ? b - 0.02 : 0.9 * b))
    }
    let left = abs(found.samples[0] - matteColour.samples[0])
    #expect(left < 0.06 * (photo.samples[0] - matteColour.samples[0]))
  }

  /// A strip wide enough for grain: every other pixel of its middle is brighter by a highlight, every other
  /// one of it all darker by pores.
  private static func strip(highlight: Float, pore: Float) -> (photo: Image, albedo: Image) {
    func strip(_ sample: (_ channel: Int, _ pixel: Int) -> Float) -> Image {
      Image(
        width: 512, height: 8, channels: 3, encoding: .linear,
        samples: (0..<3 * 4096).map { sample($0 / 4096, $0 % 4096) })
    }
    let photo = strip { channel, pixel in
      let grain = Float(pixel % 2)
      let spot: Float = abs(pixel % 512 - 256) < 32 ? highlight * (1 + grain) : 0
      return 0.5 * skinColour[channel] * (1 - pore * grain) + spot
    }
    return (photo, strip { channel, _ in skinColour[channel] })
  }

  /// The mean difference of neighbours in the strip's middle, relative to their mean.
  private static func roughness(_ image: Image) -> Float {
    let row = image.samples[4 * 512 + 232..<4 * 512 + 280]
    let differences = zip(row.dropFirst(), row).map { abs($0 - $1) }
    return differences.reduce(0, +) / 47 / (row.reduce(0, +) / 48)
  }

  @Test("the grain of highlights goes, pores in matte skin stay")
  func grain() throws {
    let skin = Image(width: 512, height: 8, channels: 1, encoding: .data, repeating: 1)
    func found(highlight: Float, pore: Float) throws -> (before: Float, after: Float) {
      let (photo, albedo) = Self.strip(highlight: highlight, pore: pore)
      let separation = try #require(HighlightSeparation(photo: photo, albedo: albedo, skin: skin))
      return (
        Self.roughness(photo), Self.roughness(separation.diffuse(elsewhere: albedo))
      )
    }
    let shiny = try found(highlight: 0.06, pore: 0)
    #expect(shiny.before > 0.15)
    #expect(shiny.after < 0.2 * shiny.before)
    let matte = try found(highlight: 0, pore: 0.1)
    #expect(matte.before > 0.08)
    #expect(matte.after > 0.85 * matte.before)
  }

  @Test("a clipped spot is not in the shade, and nothing is brighter than the photograph")
  func clipped() throws {
    let skin = Self.matte(1)
    let blown = Self.image { channel, pixel in
      pixel < 12 ? 1 : Self.shading(pixel) * Self.skinColour[channel]
    }
    let separation = try #require(HighlightSeparation(photo: blown, albedo: albedo, skin: skin))
    let found = separation.diffuse(elsewhere: albedo)
    #expect(zip(found.samples, blown.samples).allSatisfy { $0 <= $1 + 1e-6 })
    let count = Self.side * Self.side
    for channel in 0..<3 {
      #expect(found.samples[channel * count] > 0.9 * found.samples[(channel + 1) * count - 32])
    }
  }

  @Test("off the skin the other prediction stays")
  func elsewhere() throws {
    var skin = Self.matte(1)
    for pixel in skin.samples.indices where pixel % Self.side >= 20 { skin.samples[pixel] = 0 }
    let separation = try #require(HighlightSeparation(photo: photo, albedo: albedo, skin: skin))
    let elsewhere = Self.image { _, _ in 0.7 }
    let found = separation.diffuse(elsewhere: elsewhere)
    for (index, value) in found.samples.enumerated() {
      #expect((value == 0.7) == (index % Self.side >= 20))
    }
    #expect(HighlightSeparation(photo: photo, albedo: albedo, skin: Self.matte(0)) == nil)
  }

  @Test("what is as colourless as its highlight is left alone")
  func colourless() throws {
    let grey = Self.image { _, _ in 0.5 }
    let skin = Self.matte(1)
    let white = Self.image { _, pixel in Self.shading(pixel) * 0.5 + Self.mirrored(pixel) }
    let separation = try #require(HighlightSeparation(photo: white, albedo: grey, skin: skin))
    let found = separation.diffuse(elsewhere: grey)
    // Skin that is dimmed above its mean light keeps its order and what lies below.
    let mean = white.samples.reduce(0, +) / Float(white.samples.count)
    for (a, b) in zip(found.samples, white.samples) {
      #expect(b > mean ? a <= b && a > 0.85 * b : abs(a - b) < 1e-6)
    }
  }
}
