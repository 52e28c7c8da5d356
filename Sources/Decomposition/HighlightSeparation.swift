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
package struct HighlightSeparation: Sendable {
  private let model: DichromaticModel
  private let surroundings: SkinSurroundings
  /// The colour of the light, mean 1.
  package var light: SIMD3<Float> { model.light }

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
    guard let model = DichromaticModel(photo: photo, albedo: albedo, skin: skin) else {
      return nil
    }
    self.model = model
    surroundings = model.reduced().surroundings().widened(to: photo.extent)
  }

  /// The raw diffuse colour, 3 channels, `.linear`: on skin the photograph less its highlights, elsewhere
  /// `diffuse`, which has the same extent and encoding.
  package func diffuse(elsewhere diffuse: Image) -> Image {
    var result = diffuse
    let (width, count) = (diffuse.width, diffuse.pixelCount)
    result.samples.withUnsafeMutableBufferPointer { samples in
      // Each row is written by one thread alone.
      nonisolated(unsafe) let samples = samples
      Parallel.forEachBatch(count: diffuse.height) { rows in
        for y in rows {
          let row = SkinSurroundings.Row(surroundings, y: y, of: diffuse.height)
          for x in stride(from: 0, to: width, by: Lanes.scalarCount) {
            let (pixel, lanes) = (y * width + x, min(width - x, Lanes.scalarCount))
            let share = Lanes(model.skin.samples, at: pixel, count: lanes)
            guard share.max() > DichromaticModel.invisible else { continue }
            let color = color(at: pixel, lanes, row[x, lanes])
            for channel in 0..<3 {
              let difference = share * color[channel]
              for lane in 0..<lanes {
                let index = channel * count + pixel + lane
                samples[index] = difference[lane] + (1 - share[lane]) * samples[index]
              }
            }
          }
        }
      }
    }
    return result
  }

  /// What pixels of skin show without their highlight.
  private func color(
    at pixel: Int, _ count: Int, _ around: SkinSurroundings.Places
  ) -> ColorLanes {
    let shown = ColorLanes(model.photo, at: pixel, count: count)
    let own = ColorLanes(model.albedo, at: pixel, count: count)
    var (color, likeness) = model.separated(shown, own, around: around.skinColor)
    let covered = likeness * around.highlight.linearStep(0...Self.coarsest)
    color = color + covered * (own * around.nearLight - color)
    let clipped = likeness * shown.greatest.linearStep(Self.clipped)
    color =
      color + clipped * (own * around.light - color).atLeastZero
    let level =
      color.luminance
      / (own.luminance * surroundings.meanLight).atLeast(Lanes(repeating: DichromaticModel.dark))
    let gain = level.map { $0 > 1 ? pow($0, Self.compression - 1) : 1 }
    return (gain * color).merged(shown) { $0.atMost($1) }
  }
}
