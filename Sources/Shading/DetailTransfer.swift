import Imaging

/// The photograph's fine structure relative to its diffuse pass: what a ratio image carries over.
///
/// A ratio image multiplies the photograph by new over old shading (Shashua & Riklin-Raviv 2001):
/// photo × R_new / D = R_new × `carry` with carry = photo / D. Two things must not be carried along:
/// the photograph's highlights, which belong to its own light, and pixels that hold no information.
struct DetailTransfer: Sendable {
  /// Factor of the new diffuse light, three channels around 1.
  let carry: Image
  /// How far the factor is to be trusted, one channel, 0 in clipped and black pixels.
  let weight: Image

  /// Added to both sides of the ratio: sensor noise and 8-bit steps in the shadows are this large.
  private static let epsilon: Float = 0.004
  /// Highlights wider than this share of the picture's side are taken out.
  private static let highlightWidth: Float = 0.008
  private static let range: ClosedRange<Float> = 0.25...1.6

  /// Compares photograph and diffuse pass, both linear and of one size.
  init(photograph: Image, diffuse: Image, matte: Image) {
    let (width, height) = (photograph.width, photograph.height)
    let count = photograph.pixelCount
    let photoLuminance = photograph.luminance.samples
    let diffuseLuminance = diffuse.luminance.samples
    let sigma = max(Self.highlightWidth * Float(max(width, height)), 1)
    let blur = GaussianBlur(sigma: sigma)
    func smoothed(_ plane: [Float]) -> [Float] {
      var result = zip(plane, matte.samples).map(*)
      blur.apply(to: &result, width: width, height: height)
      return result
    }
    let photoLevel = smoothed(photoLuminance)
    let diffuseLevel = smoothed(diffuseLuminance)

    var carry = Image(width: width, height: height, channels: 3, encoding: .data)
    var weight = Image(width: width, height: height, channels: 1, encoding: .data)
    let epsilon = Self.epsilon
    for pixel in 0..<count {
      let level = (photoLevel[pixel] + epsilon) / (diffuseLevel[pixel] + epsilon)
      let own = (photoLuminance[pixel] + epsilon) / (diffuseLuminance[pixel] + epsilon)
      // Only as far as the pixel itself is bright: dark pores beside a highlight stay as they are.
      let highlight = max(min(level, own), 1)
      var brightest: Float = 0
      for channel in 0..<3 {
        let index = channel * count + pixel
        let value = photograph.samples[index]
        let ratio = (value + epsilon) / ((diffuse.samples[index] + epsilon) * highlight)
        carry.samples[index] = min(max(ratio, Self.range.lowerBound), Self.range.upperBound)
        brightest = max(brightest, value)
      }
      let isUnclipped = 1 - Self.smoothStep(brightest, from: 0.9, to: 1)
      let isLit = Self.smoothStep(
        min(photoLuminance[pixel], diffuseLuminance[pixel]), from: 0.001, to: 0.012)
      weight.samples[pixel] = isUnclipped * isLit
    }
    self.carry = carry
    self.weight = weight
  }

  private static func smoothStep(_ value: Float, from: Float, to: Float) -> Float {
    let t = min(max((value - from) / (to - from), 0), 1)
    return t * t * (3 - 2 * t)
  }
}
