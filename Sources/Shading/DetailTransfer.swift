import Foundation
import Imaging

/// The photograph's fine structure relative to its diffuse pass: what a ratio image carries over.
///
/// A ratio image multiplies the photograph by new over old shading (Shashua & Riklin-Raviv 2001):
/// photo × R_new / D = R_new × `carry` with carry = photo / D. Three things must not be carried along:
/// the photograph's highlights, which belong to its own light, pixels that hold no information, and
/// most of the colour cast that the passes see, since photographs are balanced to white: a new light
/// changes the subject's light, not its colours.
struct DetailTransfer: Sendable {
  /// Factor of the new diffuse light, three channels around 1.
  let carry: Image
  /// The same without colour, one channel: pores and lashes break up highlights as well.
  let texture: Image
  /// How far the factors are to be trusted, one channel, 0 in clipped and black pixels.
  let weight: Image

  /// Added to both sides of the ratio: sensor noise and 8-bit steps in the shadows are this large.
  private static let epsilon: Float = 0.004
  /// Highlights wider than this share of the picture's side are taken out.
  private static let highlightWidth: Float = 0.008
  private static let range: ClosedRange<Float> = 0.2...2
  /// Share of the old light's colour that stays in the skin.
  private static let colorLock: Float = 0.75

  /// Compares photograph and passes, all linear and of one size.
  init(photograph: Image, diffuse: Image, albedo: Image, matte: Image) {
    let (width, height) = (photograph.width, photograph.height)
    let count = photograph.pixelCount
    let photoLuminance = photograph.luminance.samples
    let diffuseLuminance = diffuse.luminance.samples
    let albedoLuminance = albedo.luminance.samples
    let highlight = Self.highlight(
      photo: photoLuminance, diffuse: diffuseLuminance, matte: matte)
    var carry = Image(width: width, height: height, channels: 3, encoding: .data)
    var texture = Image(width: width, height: height, channels: 1, encoding: .data)
    var weight = Image(width: width, height: height, channels: 1, encoding: .data)
    let (epsilon, range) = (Self.epsilon, Self.range)
    for pixel in 0..<count {
      let (photo, shaded) = (photoLuminance[pixel], diffuseLuminance[pixel])
      let plain = (photo + epsilon) / ((shaded + epsilon) * highlight[pixel])
      texture.samples[pixel] = min(max(plain, range.lowerBound), range.upperBound)
      var brightest: Float = 0
      for channel in 0..<3 {
        let index = channel * count + pixel
        let value = photograph.samples[index]
        let old = diffuse.samples[index] + epsilon
        // The old light's colour: diffuse over albedo, without its brightness.
        let cast =
          old * (albedoLuminance[pixel] + epsilon)
          / ((shaded + epsilon) * (albedo.samples[index] + epsilon))
        let ratio = (value + epsilon) / (old * highlight[pixel]) * pow(cast, Self.colorLock)
        carry.samples[index] = min(max(ratio, range.lowerBound), range.upperBound)
        brightest = max(brightest, value)
      }
      let isUnclipped = 1 - Self.smoothStep(brightest, from: 0.9, to: 1)
      let isLit = Self.smoothStep(min(photo, shaded), from: 0.001, to: 0.012)
      weight.samples[pixel] = isUnclipped * isLit
    }
    self.carry = carry
    self.texture = texture
    self.weight = weight
  }

  /// How much brighter than its diffuse pass the photograph is over a wide area, at least 1.
  private static func highlight(photo: [Float], diffuse: [Float], matte: Image) -> [Float] {
    let sigma = max(highlightWidth * Float(max(matte.width, matte.height)), 1)
    let blur = GaussianBlur(sigma: sigma)
    func smoothed(_ plane: [Float]) -> [Float] {
      var result = zip(plane, matte.samples).map(*)
      blur.apply(to: &result, width: matte.width, height: matte.height)
      return result
    }
    let (photoLevel, diffuseLevel) = (smoothed(photo), smoothed(diffuse))
    return photo.indices.map { pixel in
      let level = (photoLevel[pixel] + epsilon) / (diffuseLevel[pixel] + epsilon)
      let own = (photo[pixel] + epsilon) / (diffuse[pixel] + epsilon)
      // Only as far as the pixel itself is bright: dark pores beside a highlight stay as they are.
      return max(min(level, own), 1)
    }
  }

  private static func smoothStep(_ value: Float, from: Float, to: Float) -> Float {
    let t = min(max((value - from) / (to - from), 0), 1)
    return t * t * (3 - 2 * t)
  }
}
