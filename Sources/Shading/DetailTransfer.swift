import Foundation
import Imaging

/// The photograph's fine structure relative to its passes: what a ratio image carries over.
///
/// A ratio image multiplies what the skin reflects by new over old shading (Shashua & Riklin-Raviv 2001):
/// D × R_new / R_old = albedo × R_new × `carry` with carry = D / (albedo × R_old). D is the photograph
/// without its highlights, which belong to its own light, and the old shading R_old is D / albedo without
/// its fine structure. Most of the colour cast that the passes see stays: photographs are balanced to
/// white, and a new light changes the subject's light, not its colours.
struct DetailTransfer: Sendable {
  /// Factor of the new diffuse light, three channels around 1.
  let carry: Image
  /// The same without colour, one channel: pores and lashes break up highlights as well.
  let texture: Image
  /// How far the factors are to be trusted, one channel: 0 in clipped pixels, below strong highlights and
  /// in deep shadows.
  let weight: Image

  /// Added to both sides of the ratio: sensor noise and 8-bit steps in the shadows are this large.
  private static let epsilon: Float = 0.004
  /// Share of the picture's longer side that old shading is smoothed over.
  private static let reach: Float = 0.025
  /// In pixels: a pore of a small picture is a pixel wide.
  private static let leastRadius = 3
  /// Variance of the logarithm of old light from which on an edge is one of a shadow, not of the skin.
  private static let shadowContrast: Float = 0.09
  private static let range: ClosedRange<Float> = 0.2...2
  /// Share of the old light's colour that stays in the skin.
  private static let colorLock: Float = 0.75
  /// Share of a pixel that was highlight from which on, and fully, what lies below it is not known.
  private static let highlight: ClosedRange<Float> = 0.25...0.6
  /// Old light relative to its mean below which a pixel lies in shadow, fully and hardly.
  private static let shadow: ClosedRange<Float> = 0.04...0.15

  /// Compares photograph and passes, all of one size and linear; `skin` and `matte` have one channel.
  init(photograph: Image, diffuse: Image, albedo: Image, skin: Image, matte: Image) {
    let (width, height, count) = (photograph.width, photograph.height, photograph.pixelCount)
    let base = Self.withoutHighlights(photograph: photograph, diffuse: diffuse, skin: skin)
    let (photoLevel, level) = (photograph.luminance.samples, base.luminance.samples)
    let albedoLevel = albedo.luminance.samples
    let epsilon = Self.epsilon
    // Logarithms: what halves the light counts the same in light and shadow.
    let light = Image(
      width: width, height: height, channels: 1, encoding: .data,
      samples: Parallel.map(count: count) { pixel in
        log((level[pixel] + epsilon) / (albedoLevel[pixel] + epsilon))
      })
    let radius = max(Int((Self.reach * Float(max(width, height))).rounded()), Self.leastRadius)
    let smooth = GuidedFilter(light, along: light, radius: radius, epsilon: Self.shadowContrast)
    let old = Parallel.map(count: count) { pixel in
      exp(smooth.value(pixel, guide: light.samples[pixel]))
    }
    let mean = Self.mean(old, skin: skin.samples, matte: matte.samples)
    let tint = Self.tint(base: base, albedo: albedo, skin: skin, matte: matte, radius: radius)
    texture = Image(
      width: width, height: height, channels: 1, encoding: .data,
      samples: Parallel.map(count: count) { pixel in
        Self.limited((level[pixel] + epsilon) / ((albedoLevel[pixel] + epsilon) * old[pixel]))
      })
    carry = Image(
      width: width, height: height, channels: 3, encoding: .data,
      samples: Parallel.map(count: 3 * count) { index in
        let shading = (albedo.samples[index] + epsilon) * old[index % count]
        return Self.limited((base.samples[index] + epsilon) / shading * tint.samples[index])
      })
    weight = Self.softened(
      Image(
        width: width, height: height, channels: 1, encoding: .data,
        samples: Parallel.map(count: count) { pixel in
          let shown = photograph.samples
          let brightest = max(shown[pixel], shown[count + pixel], shown[2 * count + pixel])
          let mirrored = 1 - (level[pixel] + epsilon) / (photoLevel[pixel] + epsilon)
          return (1 - Self.smoothStep(brightest, 0.9...1))
            * (1 - Self.smoothStep(mirrored, Self.highlight))
            * Self.smoothStep(old[pixel] / mean, Self.shadow)
        }))
  }

  private static func limited(_ ratio: Float) -> Float {
    min(max(ratio, range.lowerBound), range.upperBound)
  }

  /// What is seen of the skin below its highlights; hair, eyes and clothes as they are.
  private static func withoutHighlights(
    photograph: Image, diffuse: Image, skin: Image
  ) -> Image {
    let (shown, matte) = (photograph.luminance.samples, diffuse.luminance.samples)
    let count = photograph.pixelCount
    var result = photograph
    for pixel in 0..<count where matte[pixel] < shown[pixel] {
      for channel in 0..<3 {
        let index = channel * count + pixel
        result.samples[index] +=
          skin.samples[pixel] * (diffuse.samples[index] - result.samples[index])
      }
    }
    return result
  }

  /// Light that reached the skin, on average.
  private static func mean(_ light: [Float], skin: [Float], matte: [Float]) -> Float {
    var (sum, total): (Float, Float) = (0, 1e-6)
    for pixel in light.indices {
      // Where there is no skin the rest of the subject has to do.
      let weight = matte[pixel] * (skin[pixel] + 1e-3)
      sum += light[pixel] * weight
      total += weight
    }
    return max(sum / total, 1e-6)
  }

  /// The factor that takes the part of the old light's colour out which does not stay, three channels.
  private static func tint(
    base: Image, albedo: Image, skin: Image, matte: Image, radius: Int
  ) -> Image {
    // Colour of light varies slowly: a coarse grid holds it.
    let step = max(radius / 3, 1)
    let (width, height) = (max(base.width / step, 1), max(base.height / step, 1))
    func coarse(_ image: Image) -> Image { image.resized(width: width, height: height) }
    let (shown, own) = (coarse(base), coarse(albedo))
    let (shownLevel, ownLevel) = (shown.luminance.samples, own.luminance.samples)
    let weights = zip(coarse(skin).samples, coarse(matte).samples).map { $0 * $1 + 1e-3 }
    let blur = GaussianBlur(sigma: max(Float(radius) / Float(step), 0.5))
    let count = width * height
    func smoothed(_ plane: [Float]) -> [Float] {
      var result = plane
      blur.apply(to: &result, width: width, height: height)
      return result
    }
    let coverage = smoothed(weights)
    let samples = (0..<3).flatMap { channel in
      let casts = (0..<count).map { pixel in
        let index = channel * count + pixel
        let light = (shown.samples[index] + epsilon) / (own.samples[index] + epsilon)
        let level = (shownLevel[pixel] + epsilon) / (ownLevel[pixel] + epsilon)
        return log(light / level) * weights[pixel]
      }
      return zip(smoothed(casts), coverage).map { exp($0 / $1 * (colorLock - 1)) }
    }
    return Image(width: width, height: height, channels: 3, encoding: .data, samples: samples)
      .resized(width: base.width, height: base.height, filter: .bilinear)
  }

  /// Trust that falls off before it ends, and never rises.
  private static func softened(_ weight: Image) -> Image {
    let sigma = max(0.002 * Float(max(weight.width, weight.height)), 0.5)
    var blurred = weight.samples
    GaussianBlur(sigma: sigma).apply(to: &blurred, width: weight.width, height: weight.height)
    var result = weight
    for pixel in blurred.indices {
      result.samples[pixel] = min(result.samples[pixel], blurred[pixel])
    }
    return result
  }

  private static func smoothStep(_ value: Float, _ range: ClosedRange<Float>) -> Float {
    let t = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    let share = min(max(t, 0), 1)
    return share * share * (3 - 2 * share)
  }
}
