import Foundation
import Imaging

/// Skin seen as light on a body and light mirrored on its surface (Shafer 1985), with what its colours tell of
/// both.
struct DichromaticModel: Sendable {
  /// 3 channels, `.linear`.
  let photo: Image
  /// 3 channels, `.linear`.
  let albedo: Image
  /// 1 channel, 0..1.
  let skin: Image
  /// The colour of the light, mean 1.
  let light: SIMD3<Float>

  /// How far off the model a pixel may be, relative to what would be left of it, before it is left alone:
  /// another light, or teeth that the albedo takes for skin.
  private static let tolerance: Float = 0.2
  /// Squared sine of the angle between highlight and skin from which on, and fully, they are told apart.
  ///
  /// Teeth and the whites of the eyes lie below.
  private static let distinct: ClosedRange<Float> = 0.006...0.026
  /// A share of skin in a pixel that changes nothing that could be seen.
  static let invisible: Float = 0.002
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
  /// Less albedo or light than this is not divided by.
  static let dark: Float = 0.004
  /// Standard deviation of the fine structure of highlights, as a share of the width.
  private static let grain: Double = 0.003

  /// Estimates the light; nil where there is hardly any skin.
  ///
  /// - Parameters:
  ///   - photo: 3 channels, `.linear`.
  ///   - albedo: 3 channels, `.linear`, of the photo's extent.
  ///   - skin: 1 channel, 0..1, of the photo's extent.
  init?(photo: Image, albedo: Image, skin: Image) {
    let count = photo.pixelCount
    var shown = SIMD3<Double>.zero
    var own = SIMD3<Double>.zero
    var area = 0.0
    for pixel in 0..<count where skin.samples[pixel] > Self.invisible {
      let weight = Double(skin.samples[pixel])
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

  /// The same of fewer pixels.
  func reduced() -> DichromaticModel {
    DichromaticModel(
      photo: photo.reduced(toward: 256), albedo: albedo.reduced(toward: 256),
      skin: skin.reduced(toward: 256), light: light)
  }

  /// What surrounds every pixel.
  func surroundings() -> SkinSurroundings {
    let skinColors = average(albedo, over: Self.neighborhood)
    var matte = photo
    let count = photo.pixelCount
    var (sum, area) = (0.0, 0.0)
    for pixel in stride(from: 0, to: count, by: Lanes.scalarCount) {
      let lanes = min(count - pixel, Lanes.scalarCount)
      let share = Lanes(skin.samples, at: pixel, count: lanes)
      guard share.max() > Self.invisible else { continue }
      let own = ColorLanes(albedo, at: pixel, count: lanes)
      let left = separated(
        ColorLanes(photo, at: pixel, count: lanes), own,
        around: ColorLanes(skinColors, at: pixel, count: lanes)
      ).color
      let level = left.luminance / own.luminance.atLeast(Lanes(repeating: Self.dark))
      for lane in 0..<lanes {
        for channel in 0..<3 {
          matte.samples[channel * count + pixel + lane] = left[channel][lane]
        }
        sum += Double(share[lane] * level[lane])
        area += Double(share[lane])
      }
    }
    let around = average(matte, over: Self.neighborhood)
    let near = average(matte, over: Self.grain)
    let nearAlbedo = average(albedo, over: Self.grain)
    let nearPhoto = average(photo, over: Self.grain)
    func light(_ matte: Image, on albedo: Image) -> [Float] {
      zip(matte.samples, albedo.samples).map { $0 / max($1, Self.dark) }
    }
    let highlight = (0..<count).map { pixel in
      let shown = max(ColorTransfer.luminance(nearPhoto.pixel(pixel)), Self.dark)
      return 1 - ColorTransfer.luminance(near.pixel(pixel)) / shown
    }
    return SkinSurroundings(
      planes: Image(
        width: photo.width, height: photo.height, channels: 10, encoding: .data,
        samples: skinColors.samples + light(around, on: skinColors)
          + light(near, on: nearAlbedo) + highlight),
      meanLight: Float(sum / max(area, 1)))
  }

  /// Pixels of skin less their highlight, and how far their albedo is like that of the skin around it, 0..1:
  /// the colours of brows and lashes are their own.
  func separated(
    _ shown: ColorLanes, _ own: ColorLanes, around: ColorLanes
  ) -> (color: ColorLanes, likeness: Lanes) {
    let ratio = own.luminance / around.luminance.atLeast(Lanes(repeating: Self.dark))
    let likeness = ratio.linearStep(Self.darker) * (1 - ratio.linearStep(Self.lighter))
    let mirrored = highlight(in: shown, albedo: own + likeness * (around - own))
    let left = shown - mirrored * ColorLanes(repeating: light)
    return (left.atLeastZero, likeness)
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
      weighted.samples[3 * count + pixel] = max(skin.samples[pixel], leastWeight)
    }
    for channel in 0..<3 {
      for pixel in 0..<count {
        weighted.samples[channel * count + pixel] =
          weighted.samples[3 * count + pixel] * image.samples[channel * count + pixel]
      }
    }
    var blurred = weighted.resized(
      width: max(image.width / reduction, 1), height: max(image.height / reduction, 1),
      filter: .area
    )
    .blurred(sigma: sigma / Double(reduction))
    .resized(width: image.width, height: image.height, filter: .bilinear)
    for channel in 0..<3 {
      for pixel in 0..<count {
        blurred.samples[channel * count + pixel] /= blurred.samples[3 * count + pixel]
      }
    }
    blurred = blurred.leading(channels: 3)
    blurred.encoding = .linear
    return blurred
  }

  /// How much of the light's colour pixels of skin mirror.
  private func highlight(in shown: ColorLanes, albedo: ColorLanes) -> Lanes {
    let light = ColorLanes(repeating: light)
    let body = albedo * light
    // Least squares of shown = shading · body + highlight · light.
    let (bodyBody, lightLight) = (body.dot(body), light.dot(light))
    let bodyLight = body.dot(light)
    let (shownBody, shownLight) = (shown.dot(body), shown.dot(light))
    let product = bodyBody * lightLight
    let determinant = product - bodyLight * bodyLight
    let amount = (shownLight * bodyBody - shownBody * bodyLight) / determinant
    let shading = (shownBody - amount * bodyLight) / bodyBody
    let rest = shown - shading * body - amount * light
    let length = shading.atLeast(Lanes(repeating: 0)) * bodyBody.squareRoot() + 0.003
    let deviation = rest.dot(rest).squareRoot() / (Self.tolerance * length)
    let separable = (determinant / product).linearStep(Self.distinct)
    let likely = (deviation * deviation).map { exp(-$0) }
    // No channel may fall below 0.
    let most = (shown / light).least.atLeast(Lanes(repeating: 0))
    let found = (amount * separable * likely).atMost(most)
    let isDetermined = (product .> 1e-9) .& (determinant .> 1e-9) .& (amount .> 0)
    return found.replacing(with: 0, where: .!isDetermined)
  }
}

/// What pixels beside the skin count in averages, where there is nothing else.
private let leastWeight: Float = 0.001
