import Foundation
import Imaging

/// Skin without its highlights, by the dichromatic reflection model (Shafer 1985).
///
/// A highlight has the colour of the light, what lies under it the colour of albedo times light. With the
/// albedo known, each pixel's three channels determine how much there is of both. The colour of the light is
/// that of all skin relative to its albedo.
package struct HighlightSeparation {
  /// The colour of the light, mean 1.
  private let light: SIMD3<Float>

  /// How far off the model a pixel may be, relative to what would be left of it, before it is left alone:
  /// another light, or teeth that the albedo takes for skin.
  private static let tolerance: Float = 0.2
  /// Squared sine of the angle between highlight and skin from which on, and fully, they are told apart.
  ///
  /// Teeth and the whites of the eyes lie below.
  private static let distinct: ClosedRange<Float> = 0.006...0.026
  /// The least share of skin in a picture.
  private static let leastSkin: Float = 0.005

  /// Estimates the light; nil where there is hardly any skin.
  ///
  /// - Parameters:
  ///   - photo: 3 channels, `.linear`.
  ///   - albedo: 3 channels, `.linear`, of the photo's extent.
  ///   - skin: 1 channel, 0..1, of the photo's extent.
  package init?(photo: Image, albedo: Image, skin: Image) {
    let count = photo.pixelCount
    var shown = SIMD3<Double>.zero
    var own = SIMD3<Double>.zero
    var area = 0.0
    for pixel in 0..<count {
      let weight = Double(skin.samples[pixel])
      guard weight > 0 else { continue }
      area += weight
      shown += weight * SIMD3<Double>(photo.pixel(pixel))
      own += weight * SIMD3<Double>(albedo.pixel(pixel))
    }
    guard area > Double(Self.leastSkin) * Double(count), own.min() > 0, shown.min() > 0 else {
      return nil
    }
    let ratio = shown / own
    light = SIMD3<Float>(ratio / (ratio.sum() / 3))
  }

  /// The raw diffuse colour: on skin the photograph less its highlights, elsewhere `diffuse`.
  ///
  /// All pictures have one extent and `.linear` encoding.
  package func diffuse(photo: Image, albedo: Image, skin: Image, elsewhere diffuse: Image) -> Image
  {
    var result = diffuse
    let count = photo.pixelCount
    result.samples.withUnsafeMutableBufferPointer { samples in
      for pixel in 0..<count {
        let weight = skin.samples[pixel]
        guard weight > 0 else { continue }
        let shown = photo.pixel(pixel)
        let matte = shown - highlight(in: shown, albedo: albedo.pixel(pixel)) * light
        for channel in 0..<3 {
          let index = channel * count + pixel
          samples[index] += weight * (max(matte[channel], 0) - samples[index])
        }
      }
    }
    return result
  }

  /// How much of the light's colour a pixel of skin mirrors.
  func highlight(in shown: SIMD3<Float>, albedo: SIMD3<Float>) -> Float {
    let body = albedo * light
    // Least squares of shown = shading · body + highlight · light.
    let (bodyBody, lightLight) = ((body * body).sum(), (light * light).sum())
    let bodyLight = (body * light).sum()
    let (shownBody, shownLight) = ((shown * body).sum(), (shown * light).sum())
    let product = bodyBody * lightLight
    let determinant = product - bodyLight * bodyLight
    guard product > 1e-9, determinant > 1e-9 else { return 0 }
    let amount = (shownLight * bodyBody - shownBody * bodyLight) / determinant
    guard amount > 0 else { return 0 }
    let shading = (shownBody - amount * bodyLight) / bodyBody
    let rest = shown - shading * body - amount * light
    let length = max(shading, 0) * bodyBody.squareRoot() + 0.003
    let deviation = (rest * rest).sum().squareRoot() / (Self.tolerance * length)
    let distinct = Self.distinct
    let separable = min(
      max(
        (determinant / product - distinct.lowerBound) / (distinct.upperBound - distinct.lowerBound),
        0),
      1)
    // No channel may fall below 0.
    return min(amount * separable * exp(-deviation * deviation), max((shown / light).min(), 0))
  }
}
