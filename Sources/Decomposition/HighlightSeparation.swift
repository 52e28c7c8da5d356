import Foundation
import Imaging

/// Skin without its highlights, by the dichromatic reflection model (Shafer 1985).
///
/// A highlight has the colour of the light, what lies under it the colour of albedo times light. With the
/// albedo known, each pixel's three channels determine how much there is of both. The colour of the light is
/// that of all skin relative to its albedo.
///
/// What is left knows little of three places, where it gives way to what skin is like: under a highlight
/// fine structure is the highlight's own; clipped pixels lie in the light, not in the shade; and the
/// brightest skin is in part highlight that the colours did not give away.
package struct HighlightSeparation {
  /// 3 channels, `.linear`.
  private let photo: Image
  /// 3 channels, `.linear`.
  private let albedo: Image
  /// 1 channel, 0..1.
  private let skin: Image
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
  /// Standard deviation of a neighbourhood, as a share of the width: what a network says of a single pixel's
  /// colour is too uncertain to tell highlights by.
  private static let neighborhood: Double = 0.035
  /// Luminance of an albedo relative to its neighbourhood's up to which, and from which on, it is not, and is
  /// fully, that of the same skin.
  private static let darker: ClosedRange<Float> = 0.25...0.5
  /// The same of a lighter albedo: teeth.
  private static let lighter: ClosedRange<Float> = 1.6...2.4
  /// Standard deviation of the fine structure of highlights, as a share of the width.
  private static let grain: Double = 0.003
  /// The share of highlight from which on nothing of that structure stays.
  private static let coarsest: Float = 0.25
  /// The brightest channel, linear, from which on, and fully, a pixel counts as clipped.
  private static let clipped: ClosedRange<Float> = 0.8...0.98
  /// The exponent of diffuse light above its mean.
  private static let compression: Float = 0.85

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
    (self.photo, self.albedo, self.skin) = (photo, albedo, skin)
  }

  /// The raw diffuse colour, 3 channels, `.linear`: on skin the photograph less its highlights, elsewhere
  /// `diffuse`, which has the same extent and encoding.
  package func diffuse(elsewhere diffuse: Image) -> Image {
    let skinColors = average(albedo, over: Self.neighborhood)
    let (matte, likeness) = separated(skinColors: skinColors)
    let around = Light(on: skinColors, matte: average(matte, over: Self.neighborhood))
    let near = Light(on: average(albedo, over: Self.grain), matte: average(matte, over: Self.grain))
    let shownNear = average(photo, over: Self.grain)
    let mean = meanLight(on: matte)
    var result = diffuse
    let count = photo.pixelCount
    result.samples.withUnsafeMutableBufferPointer { samples in
      for pixel in 0..<count where skin.samples[pixel] > 0 {
        let own = albedo.pixel(pixel)
        var color = matte.pixel(pixel)
        let highlight = near.highlight(at: pixel, of: shownNear.pixel(pixel))
        let covered = likeness[pixel] * Self.ramp(highlight, 0...Self.coarsest)
        color += covered * (own * near[pixel] - color)
        let clipped = likeness[pixel] * Self.ramp(photo.pixel(pixel).max(), Self.clipped)
        color += clipped * pointwiseMax(own * around[pixel] - color, .zero)
        let level = ColorTransfer.luminance(color) / max(ColorTransfer.luminance(own) * mean, dark)
        if level > 1 { color *= pow(level, Self.compression - 1) }
        color = pointwiseMin(color, photo.pixel(pixel))
        for channel in 0..<3 {
          let index = channel * count + pixel
          samples[index] += skin.samples[pixel] * (color[channel] - samples[index])
        }
      }
    }
    return result
  }

  /// What reached the skin, from colours averaged around each pixel.
  private struct Light {
    private let albedo: Image
    private let matte: Image

    init(on albedo: Image, matte: Image) {
      (self.albedo, self.matte) = (albedo, matte)
    }

    subscript(pixel: Int) -> SIMD3<Float> {
      let own = albedo.pixel(pixel)
      return matte.pixel(pixel) / own.replacing(with: dark, where: own .< dark)
    }

    /// The share of highlights in an averaged colour of the photograph.
    func highlight(at pixel: Int, of shown: SIMD3<Float>) -> Float {
      1 - ColorTransfer.luminance(matte.pixel(pixel)) / max(ColorTransfer.luminance(shown), dark)
    }
  }

  /// The photograph less its highlights where there is skin, and how far a pixel's albedo is like that of
  /// the skin around it, 0..1: the colours of brows and lashes are their own.
  private func separated(skinColors: Image) -> (matte: Image, likeness: [Float]) {
    var (matte, likeness) = (photo, skin.samples)
    let count = photo.pixelCount
    matte.samples.withUnsafeMutableBufferPointer { samples in
      for pixel in 0..<count where skin.samples[pixel] > 0 {
        let (shown, own) = (photo.pixel(pixel), albedo.pixel(pixel))
        let around = skinColors.pixel(pixel)
        let ratio = ColorTransfer.luminance(own) / max(ColorTransfer.luminance(around), dark)
        let like = Self.ramp(ratio, Self.darker) * (1 - Self.ramp(ratio, Self.lighter))
        let left = shown - highlight(in: shown, albedo: own + like * (around - own)) * light
        for channel in 0..<3 { samples[channel * count + pixel] = max(left[channel], 0) }
        likeness[pixel] = like
      }
    }
    return (matte, likeness)
  }

  /// Mean luminance of what reached the skin, relative to a white surface's.
  private func meanLight(on matte: Image) -> Float {
    var (sum, area) = (0.0, 0.0)
    for pixel in 0..<photo.pixelCount where skin.samples[pixel] > 0 {
      let own = max(ColorTransfer.luminance(albedo.pixel(pixel)), dark)
      sum += Double(skin.samples[pixel] * ColorTransfer.luminance(matte.pixel(pixel)) / own)
      area += Double(skin.samples[pixel])
    }
    return Float(sum / area)
  }

  /// Gaussian average around each pixel, weighted by skin, of a picture of three channels.
  ///
  /// - Parameters:
  ///   - image: Any three channels.
  ///   - share: The standard deviation as a share of the width.
  /// - Returns: The averages, `.linear`.
  private func average(_ image: Image, over share: Double) -> Image {
    let sigma = share * Double(image.width)
    // Wide averages are as good from fewer pixels.
    let reduction = max(Int(sigma / 4), 1)
    let (width, height) = (max(image.width / reduction, 1), max(image.height / reduction, 1))
    let count = image.pixelCount
    var weighted = Image(width: image.width, height: image.height, channels: 4, encoding: .data)
    for pixel in 0..<count {
      let weight = max(skin.samples[pixel], leastWeight)
      for channel in 0..<3 {
        weighted.samples[channel * count + pixel] = weight * image.samples[channel * count + pixel]
      }
      weighted.samples[3 * count + pixel] = weight
    }
    let blurred = weighted.resized(width: width, height: height, filter: .bilinear)
      .blurred(sigma: sigma / Double(reduction))
      .resized(width: image.width, height: image.height, filter: .bilinear)
    return Image(
      width: image.width, height: image.height, channels: 3, encoding: .linear,
      samples: (0..<3 * count).map { blurred.samples[$0] / blurred.samples[3 * count + $0 % count] }
    )
  }

  /// 0 to 1 across a range.
  private static func ramp(_ value: Float, _ range: ClosedRange<Float>) -> Float {
    min(max((value - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
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
    let separable = Self.ramp(determinant / product, Self.distinct)
    // No channel may fall below 0.
    return min(amount * separable * exp(-deviation * deviation), max((shown / light).min(), 0))
  }
}

/// Less albedo or light than this is not divided by.
private let dark: Float = 0.004
/// What pixels beside the skin count in averages, where there is nothing else.
private let leastWeight: Float = 0.001
