import Imaging

/// The hue of clothes that the networks take for skin.
///
/// A white collar below a face is given the colour of skin. The photograph knows better: what it shows there,
/// less the colour of the light, is neutral. Where the skin's matte is unsure and the raw diffuse colour is
/// far bluer than albedo and light make it, the albedo takes the photograph's hue and keeps its luminance.
/// Only what is bluer: folds and ears are redder than their albedo by the light that passes through them.
package enum ClothColor {
  /// Share of skin up to which, and from which on not at all, a pixel may be cloth.
  private static let unsure: ClosedRange<Float> = 0.45...0.7
  /// Blue over red, relative to albedo and light, from which on, and fully, a pixel is cloth.
  private static let bluer: ClosedRange<Float> = 1.3...1.8
  /// Light below this is not divided by.
  private static let dark: Float = 0.004

  /// An albedo with the hue of its clothes.
  ///
  /// - Parameters:
  ///   - albedo: 3 channels, `.linear`.
  ///   - diffuse: Raw diffuse colour, 3 channels, `.linear`, of the same extent.
  ///   - skin: 1 channel, 0..1, of the same extent.
  ///   - light: The colour of the light, mean 1.
  /// - Returns: The albedo, 0..1; the same where there are no such clothes.
  package static func corrected(
    _ albedo: Image, diffuse: Image, skin: Image, light: SIMD3<Float>
  ) -> Image {
    // Hues are smooth: few pixels tell them as well, and without noise.
    let own = albedo.reduced(toward: 256)
    let (shown, share) = (diffuse.reduced(toward: 256), skin.reduced(toward: 256))
    let count = own.pixelCount
    var gain = Image(
      width: own.width, height: own.height, channels: 3, encoding: .data, repeating: 1)
    var isCloth = false
    for pixel in 0..<count where share.samples[pixel] < unsure.upperBound {
      let color = own.pixel(pixel)
      let hue = shown.pixel(pixel) / pointwiseMax(color * light, SIMD3(repeating: dark))
      let weight =
        linearStep(hue.z / max(hue.x, dark), bluer)
        * (1 - linearStep(share.samples[pixel], unsure))
      guard weight > 0 else { continue }
      isCloth = true
      let level = ColorTransfer.luminance(color) / max(ColorTransfer.luminance(color * hue), dark)
      for channel in 0..<3 {
        gain.samples[channel * count + pixel] += weight * (hue[channel] * level - 1)
      }
    }
    guard isCloth else { return albedo }
    gain = gain.blurred(sigma: 0.7)
      .resized(width: albedo.width, height: albedo.height, filter: .bilinear)
    for index in gain.samples.indices {
      gain.samples[index] = min(max(gain.samples[index] * albedo.samples[index], 0), 1)
    }
    gain.encoding = albedo.encoding
    return gain
  }
}
