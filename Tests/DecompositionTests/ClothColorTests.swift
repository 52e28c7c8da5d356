import Decomposition
import Imaging
import Testing

@Suite struct ClothColorTests {
  private static let side = 32
  private static let skinColor: [Float] = [0.5, 0.33, 0.24]
  private static let light = SIMD3<Float>(1.2, 0.96, 0.84)

  /// The upper half is skin, the lower half a cloth that the albedo takes for skin.
  private static func picture(
    upper: (_ channel: Int) -> Float, lower: (_ channel: Int) -> Float, channels: Int = 3
  ) -> Image {
    let count = side * side
    return Image(
      width: side, height: side, channels: channels, encoding: .linear,
      samples: (0..<channels * count).map { index in
        index % count < count / 2 ? upper(index / count) : lower(index / count)
      })
  }

  /// What the albedo becomes where the photograph shows a cloth of some colour in half the light.
  private static func corrected(cloth: [Float], skin: Float) -> Image {
    let albedo = picture(upper: { skinColor[$0] }, lower: { skinColor[$0] })
    let diffuse = picture(
      upper: { 0.7 * skinColor[$0] * light[$0] }, lower: { 0.5 * cloth[$0] * light[$0] })
    let matte = picture(upper: { _ in 1 }, lower: { _ in skin }, channels: 1)
    return ClothColor.corrected(albedo, diffuse: diffuse, skin: matte, light: light)
  }

  @Test("a white collar is white, as light as before, and the skin above it stays")
  func collar() {
    let found = Self.corrected(cloth: [0.8, 0.8, 0.8], skin: 0.3)
    let level = ColorTransfer.luminance(
      Self.skinColor[0], Self.skinColor[1], Self.skinColor[2])
    for channel in 0..<3 {
      #expect(abs(found[channel, 16, 28] - level) < 1e-4)
      #expect(abs(found[channel, 16, 4] - Self.skinColor[channel]) < 1e-6)
    }
  }

  @Test("what is skin, or redder than its albedo, stays")
  func skin() {
    for found in [
      Self.corrected(cloth: [0.8, 0.8, 0.8], skin: 0.9),
      Self.corrected(cloth: [0.5, 0.2, 0.12], skin: 0.3),
    ] {
      for channel in 0..<3 {
        #expect(found[channel, 16, 28] == Self.skinColor[channel])
      }
    }
  }
}
