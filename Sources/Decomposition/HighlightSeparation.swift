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

  private init(photo: Image, albedo: Image, skin: Image, light: SIMD3<Float>) {
    (self.photo, self.albedo, self.skin, self.light) = (photo, albedo, skin, light)
  }

  /// The raw diffuse colour, 3 channels, `.linear`: on skin the photograph less its highlights, elsewhere
  /// `diffuse`, which has the same extent and encoding.
  package func diffuse(elsewhere diffuse: Image) -> Image {
    let surroundings = reduced().surroundings()
    let scale =
      SIMD2(Float(surroundings.width), Float(surroundings.height))
      / SIMD2(Float(photo.width), Float(photo.height))
    var result = diffuse
    let count = photo.pixelCount
    result.samples.withUnsafeMutableBufferPointer { samples in
      // Each pixel is written by one thread alone.
      nonisolated(unsafe) let samples = samples
      DispatchQueue.concurrentPerform(iterations: photo.height) { row in
        for column in 0..<photo.width {
          let pixel = row * photo.width + column
          guard skin.samples[pixel] > 0 else { continue }
          let place = (SIMD2(Float(column), Float(row)) + 0.5) * scale - 0.5
          let color = color(at: pixel, surroundings[place], meanLight: surroundings.meanLight)
          for channel in 0..<3 {
            let index = channel * count + pixel
            samples[index] += skin.samples[pixel] * (color[channel] - samples[index])
          }
        }
      }
    }
    return result
  }

  /// What a pixel of skin shows without its highlight.
  private func color(
    at pixel: Int, _ around: SkinSurroundings.Point, meanLight: Float
  ) -> SIMD3<Float> {
    let (shown, own) = (photo.pixel(pixel), albedo.pixel(pixel))
    var (color, likeness) = separated(shown, own, around: around.skinColor)
    let covered = likeness * linearStep(around.highlight, 0...Self.coarsest)
    color += covered * (own * around.nearLight - color)
    let clipped = likeness * linearStep(shown.max(), Self.clipped)
    color += clipped * pointwiseMax(own * around.light - color, .zero)
    let level = ColorTransfer.luminance(color) / max(ColorTransfer.luminance(own) * meanLight, dark)
    if level > 1 { color *= pow(level, Self.compression - 1) }
    return pointwiseMin(color, shown)
  }

  /// The same with little more than 256 pixels in a row: averages need no more.
  private func reduced() -> HighlightSeparation {
    let reduction = max(photo.width / 256, 1)
    guard reduction > 1 else { return self }
    func reduced(_ image: Image) -> Image {
      image.resized(
        width: image.width / reduction, height: image.height / reduction, filter: .area)
    }
    return HighlightSeparation(
      photo: reduced(photo), albedo: reduced(albedo), skin: reduced(skin), light: light)
  }

  /// What surrounds every pixel.
  private func surroundings() -> SkinSurroundings {
    let skinColors = average(albedo, over: Self.neighborhood)
    var matte = photo
    let count = photo.pixelCount
    var (sum, area) = (0.0, 0.0)
    for pixel in 0..<count where skin.samples[pixel] > 0 {
      let own = albedo.pixel(pixel)
      let left = separated(photo.pixel(pixel), own, around: skinColors.pixel(pixel)).color
      for channel in 0..<3 { matte.samples[channel * count + pixel] = left[channel] }
      let level = ColorTransfer.luminance(left) / max(ColorTransfer.luminance(own), dark)
      sum += Double(skin.samples[pixel] * level)
      area += Double(skin.samples[pixel])
    }
    let around = average(matte, over: Self.neighborhood)
    let (near, nearAlbedo, nearPhoto) = (
      average(matte, over: Self.grain), average(albedo, over: Self.grain),
      average(photo, over: Self.grain)
    )
    func light(_ matte: Image, on albedo: Image, _ pixel: Int) -> SIMD3<Float> {
      matte.pixel(pixel) / pointwiseMax(albedo.pixel(pixel), SIMD3(repeating: dark))
    }
    let points = (0..<count).map { pixel in
      let shown = max(ColorTransfer.luminance(nearPhoto.pixel(pixel)), dark)
      return SkinSurroundings.Point(
        skinColor: skinColors.pixel(pixel), light: light(around, on: skinColors, pixel),
        nearLight: light(near, on: nearAlbedo, pixel),
        highlight: 1 - ColorTransfer.luminance(near.pixel(pixel)) / shown)
    }
    return SkinSurroundings(
      width: photo.width, height: photo.height, points: points,
      meanLight: Float(sum / max(area, 1)))
  }

  /// A pixel of skin less its highlight, and how far its albedo is like that of the skin around it, 0..1:
  /// the colours of brows and lashes are their own.
  private func separated(
    _ shown: SIMD3<Float>, _ own: SIMD3<Float>, around: SIMD3<Float>
  ) -> (color: SIMD3<Float>, likeness: Float) {
    let ratio = ColorTransfer.luminance(own) / max(ColorTransfer.luminance(around), dark)
    let likeness = linearStep(ratio, Self.darker) * (1 - linearStep(ratio, Self.lighter))
    let left = shown - highlight(in: shown, albedo: own + likeness * (around - own)) * light
    return (pointwiseMax(left, .zero), likeness)
  }

  /// Gaussian average around each pixel, weighted by skin.
  ///
  /// - Parameters:
  ///   - image: Any three channels.
  ///   - share: The standard deviation as a share of the width.
  /// - Returns: The averages, `.linear`.
  private func average(_ image: Image, over share: Double) -> Image {
    let sigma = share * Double(image.width)
    // Wide averages are as good from fewer pixels.
    let reduction = max(Int(sigma / 4), 1)
    let count = image.pixelCount
    var weighted = Image(width: image.width, height: image.height, channels: 4, encoding: .data)
    for pixel in 0..<count {
      let weight = max(skin.samples[pixel], leastWeight)
      for channel in 0..<3 {
        weighted.samples[channel * count + pixel] = weight * image.samples[channel * count + pixel]
      }
      weighted.samples[3 * count + pixel] = weight
    }
    let blurred = weighted.resized(
      width: max(image.width / reduction, 1), height: max(image.height / reduction, 1),
      filter: .area
    )
    .blurred(sigma: sigma / Double(reduction))
    .resized(width: image.width, height: image.height, filter: .bilinear)
    return Image(
      width: image.width, height: image.height, channels: 3, encoding: .linear,
      samples: (0..<3 * count).map {
        blurred.samples[$0] / blurred.samples[3 * count + $0 % count]
      })
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
    let separable = linearStep(determinant / product, Self.distinct)
    // No channel may fall below 0.
    return min(amount * separable * exp(-deviation * deviation), max((shown / light).min(), 0))
  }
}

/// Less albedo or light than this is not divided by.
private let dark: Float = 0.004
/// What pixels beside the skin count in averages, where there is nothing else.
private let leastWeight: Float = 0.001
