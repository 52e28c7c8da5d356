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
  /// The photograph without its highlights, and what its light fell on.
  private let base: Image
  private let albedo: Image
  /// Old shading, one channel.
  private let old: Image
  /// How far each pixel is to be trusted, and the same blurred.
  private let trust: [Float]
  private let softTrust: [Float]
  /// The factor that takes the part of the old light's colour out which does not stay, three planes.
  private let tint: [Float]
  private let tintGrid: CoarseGrid

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
    let (width, height) = (photograph.width, photograph.height)
    let base = Self.withoutHighlights(photograph: photograph, diffuse: diffuse, skin: skin)
    // Logarithms: what halves the light counts the same in light and shadow.
    let light = base.plane { pixel in
      log(Self.raised(base.level(pixel)) / Self.raised(albedo.level(pixel)))
    }
    let radius = max(Int((Self.reach * Float(max(width, height))).rounded()), Self.leastRadius)
    let smooth = GuidedFilter(light, along: light, radius: radius, epsilon: Self.shadowContrast)
    let old = smooth.map(along: light) { _, smoothed in exp(smoothed) }
    let mean = Self.mean(old, skin: skin, matte: matte)
    let trust = base.plane { pixel in
      let shown = photograph.color(pixel)
      let mirrored = 1 - Self.raised(base.level(pixel)) / Self.raised(photograph.level(pixel))
      return (1 - smoothStep(shown.max(), 0.9...1)) * (1 - smoothStep(mirrored, Self.highlight))
        * smoothStep(old.samples[pixel] / mean, Self.shadow)
    }
    let sigma = max(0.002 * Float(max(width, height)), 0.5)
    var softTrust = trust.samples
    GaussianBlur(sigma: sigma).apply(to: &softTrust, width: width, height: height)
    (tint, tintGrid) = Self.tint(
      base: base, albedo: albedo, skin: skin, matte: matte, radius: radius)
    self.trust = trust.samples
    self.softTrust = softTrust
    (self.base, self.albedo, self.old) = (base, albedo, old)
  }

  /// Fills lanes of a strip where a run of pixels lies.
  ///
  /// - Parameters:
  ///   - run: The pixels.
  ///   - carry: Gets the factor of the new diffuse light, three lanes around 1.
  ///   - texture: Gets the same without colour: pores and lashes break up highlights as well.
  ///   - weight: Gets how far the factors are to be trusted: 0 in clipped pixels, below strong highlights
  ///     and in deep shadows. It falls off before it ends, and never rises.
  func fill(
    _ run: PixelRuns.Run, carry: UnsafeMutablePointer<Float>,
    texture: UnsafeMutablePointer<Float>, weight: UnsafeMutablePointer<Float>
  ) {
    let count = base.pixelCount
    for channel in 0..<3 {
      let lane = carry + channel * Strips.width + run.place
      tint.withUnsafeBufferPointer { tint in
        guard let tint = tint.baseAddress else { return }
        tintGrid.read(
          tint + channel * tintGrid.count, x: run.pixel % base.width, y: run.pixel / base.width,
          count: run.count, into: lane)
      }
      for place in 0..<run.count {
        let index = channel * count + run.pixel + place
        let shading = Self.raised(albedo.samples[index]) * old.samples[run.pixel + place]
        lane[place] = Self.limited(Self.raised(base.samples[index]) / shading * lane[place])
      }
    }
    for place in 0..<run.count {
      let pixel = run.pixel + place
      let shading = Self.raised(albedo.level(pixel)) * old.samples[pixel]
      texture[run.place + place] = Self.limited(Self.raised(base.level(pixel)) / shading)
      weight[run.place + place] = min(trust[pixel], softTrust[pixel])
    }
  }

  /// One side of a ratio; resampling leaves values below zero beside hard edges.
  private static func raised(_ value: Float) -> Float { max(value, 0) + epsilon }

  private static func limited(_ ratio: Float) -> Float {
    min(max(ratio, range.lowerBound), range.upperBound)
  }

  /// What is seen of the skin below its highlights; hair, eyes and clothes as they are.
  private static func withoutHighlights(
    photograph: Image, diffuse: Image, skin: Image
  ) -> Image {
    let count = photograph.pixelCount
    let samples = [Float](unsafeUninitializedCapacity: 3 * count) { target, initialized in
      // Each pixel is written by one thread alone.
      nonisolated(unsafe) let target = target
      Parallel.forEachBatch(count: photograph.height) { rows in
        for pixel in rows.lowerBound * photograph.width..<rows.upperBound * photograph.width {
          let share = diffuse.level(pixel) < photograph.level(pixel) ? skin.samples[pixel] : 0
          for channel in 0..<3 {
            let index = channel * count + pixel
            let shown = photograph.samples[index]
            target.initializeElement(
              at: index, to: shown + share * (diffuse.samples[index] - shown))
          }
        }
      }
      initialized = 3 * count
    }
    return Image(
      width: photograph.width, height: photograph.height, channels: 3, encoding: .linear,
      samples: samples)
  }

  /// Light that reached the skin, on average.
  private static func mean(_ light: Image, skin: Image, matte: Image) -> Float {
    let rows = Parallel.map(count: light.height) { y in
      var sum = SIMD2<Float>.zero
      for pixel in y * light.width..<(y + 1) * light.width {
        // Where there is no skin the rest of the subject has to do.
        let weight = matte.samples[pixel] * (skin.samples[pixel] + 1e-3)
        sum += SIMD2(light.samples[pixel] * weight, weight)
      }
      return sum
    }
    let sum = rows.reduce(SIMD2(0, 1e-6), +)
    return max(sum.x / sum.y, 1e-6)
  }

  /// Three planes on a coarse grid.
  private static func tint(
    base: Image, albedo: Image, skin: Image, matte: Image, radius: Int
  ) -> ([Float], CoarseGrid) {
    // Colour of light varies slowly: a coarse grid holds it.
    let step = max(radius / 3, 1)
    let (width, height) = (max(base.width / step, 2), max(base.height / step, 2))
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
        let light = raised(shown.samples[index]) / raised(own.samples[index])
        let level = raised(shownLevel[pixel]) / raised(ownLevel[pixel])
        return log(light / level) * weights[pixel]
      }
      return zip(smoothed(casts), coverage).map { exp($0 / $1 * (colorLock - 1)) }
    }
    let picture = (width: base.width, height: base.height)
    return (samples, CoarseGrid(width: width, height: height, picture: picture))
  }
}
