import Foundation
import Imaging

/// How dark or light skin is, by the mean luminance of its true albedo.
public enum SkinTone: String, CaseIterable, Codable, Sendable {
  /// Up to 0.14.
  case dark
  /// Above 0.14 and up to 0.30.
  case medium
  /// Above 0.30.
  case light

  /// The tone of skin whose albedo has a mean luminance of 0..1, linear Rec.709.
  public init(meanLuminance: Double) {
    self = meanLuminance <= 0.14 ? .dark : meanLuminance <= 0.30 ? .medium : .light
  }
}

/// One figure of a comparison of passes with their truth.
public struct PassScore: Equatable, Codable, Sendable {
  /// The pass.
  public let pass: PassKind
  /// What is measured, such as "rmse".
  public let name: String
  /// The figure.
  public let value: Double
}

/// Compares predicted passes with true ones over the true facial skin.
///
/// The figures are those of the literature on intrinsic decomposition: mean squared error and its root,
/// peak signal-to-noise ratio and structural similarity (Wang et al. 2004) of the linear and of the
/// sRGB-encoded albedo, errors after the best single factor ("scaled", Grosse et al. 2009), Pearson's
/// correlation, and for normals the angles as Trigeorgis et al. 2017 report them.
public enum PassEvaluation {
  /// The tone of a stack's skin; nil where its matte covers nothing.
  public static func tone(of truth: PassStack) -> SkinTone? {
    let region = Region(truth.skin)
    guard !region.isEmpty else { return nil }
    return SkinTone(meanLuminance: meanLuminance(truth.albedo, region))
  }

  /// All figures.
  ///
  /// - Parameters:
  ///   - predicted: resampled to the truth's extent if it has another.
  ///   - truth: its skin matte, above 0.5, is where is compared.
  /// - Returns: the figures in the order of `PassKind`; none where the matte covers nothing.
  public static func scores(_ predicted: PassStack, truth: PassStack) -> [PassScore] {
    let region = Region(truth.skin)
    guard !region.isEmpty else { return [] }
    return PassKind.allCases.flatMap { kind in
      let found = fitted(predicted[kind], like: truth[kind], kind: kind)
      let figures =
        switch kind {
        case .albedo: albedo(found, truth.albedo, region)
        case .normal: normal(found, truth.normal, region)
        case .specular, .translucency, .ao, .diffuse: data(found, truth[kind], region)
        }
      return figures.map { PassScore(pass: kind, name: $0.0, value: $0.1) }
    }
  }

  /// The angle between predicted and true normals, in degrees, one channel of the truth's extent.
  public static func normalErrors(_ predicted: PassStack, truth: PassStack) -> Image {
    ImageMetrics.anglesDegrees(
      fitted(predicted.normal, like: truth.normal, kind: .normal), truth.normal)
  }

  private typealias Figures = [(String, Double)]

  private static func albedo(_ predicted: Image, _ truth: Image, _ region: Region) -> Figures {
    let (encoded, trueEncoded) = (predicted.converted(to: .sRGB), truth.converted(to: .sRGB))
    let scaled = region.scaled(predicted, toFit: truth)
    let scaledEncoded = scaled.clamped(to: 0...1).converted(to: .sRGB)
    let mse = ImageMetrics.mse(predicted, truth, mask: region.mask)
    let encodedMSE = ImageMetrics.mse(encoded, trueEncoded, mask: region.mask)
    let scaledMSE = ImageMetrics.mse(scaled, truth, mask: region.mask)
    return [
      ("mse", mse), ("rmse", mse.squareRoot()), ("psnr", decibels(mse)),
      ("ssim", ImageMetrics.ssim(predicted, truth, mask: region.mask)),
      ("mse sRGB", encodedMSE), ("rmse sRGB", encodedMSE.squareRoot()),
      ("psnr sRGB", decibels(encodedMSE)),
      ("ssim sRGB", ImageMetrics.ssim(encoded, trueEncoded, mask: region.mask)),
      ("rmse scaled", scaledMSE.squareRoot()),
      ("ssim sRGB scaled", ImageMetrics.ssim(scaledEncoded, trueEncoded, mask: region.mask)),
      ("correlation", region.correlation(predicted, truth)),
      ("bias", meanLuminance(predicted, region) / max(meanLuminance(truth, region), 1e-6) - 1),
    ]
  }

  private static func normal(_ predicted: Image, _ truth: Image, _ region: Region) -> Figures {
    let angles = region.values(ImageMetrics.anglesDegrees(predicted, truth), channel: 0)
    func within(_ limit: Double) -> Double {
      100 * Double(angles.count { $0 < limit }) / Double(angles.count)
    }
    return [
      ("mean°", angles.reduce(0, +) / Double(angles.count)), ("median°", angles.quantile(0.5)),
      ("90th percentile°", angles.quantile(0.9)), ("% below 11.25°", within(11.25)),
      ("% below 22.5°", within(22.5)), ("% below 30°", within(30)),
    ]
  }

  private static func data(_ predicted: Image, _ truth: Image, _ region: Region) -> Figures {
    let scaled = region.scaled(predicted, toFit: truth)
    return [
      ("rmse", ImageMetrics.mse(predicted, truth, mask: region.mask).squareRoot()),
      ("rmse scaled", ImageMetrics.mse(scaled, truth, mask: region.mask).squareRoot()),
      ("correlation", region.correlation(predicted, truth)),
    ]
  }

  private static func fitted(_ image: Image, like truth: Image, kind: PassKind) -> Image {
    if image.extent == truth.extent { return image }
    let resized = image.resized(width: truth.width, height: truth.height)
    return kind == .normal ? resized.normalizedVectors() : resized
  }

  private static func meanLuminance(_ image: Image, _ region: Region) -> Double {
    // Rec.709.
    zip([0.2126, 0.7152, 0.0722], 0..<3).reduce(0) { sum, part in
      let values = region.values(image, channel: part.1)
      return sum + part.0 * values.reduce(0, +) / Double(values.count)
    }
  }

  private static func decibels(_ mse: Double) -> Double { -10 * log10(max(mse, 1e-10)) }
}

/// The pixels that are compared.
private struct Region {
  /// One channel, 0 or 1.
  let mask: Image
  private let pixels: [Int]

  init(_ matte: Image) {
    var mask = matte
    for index in mask.samples.indices { mask.samples[index] = mask.samples[index] > 0.5 ? 1 : 0 }
    self.mask = mask
    pixels = mask.samples.indices.filter { mask.samples[$0] == 1 }
  }

  var isEmpty: Bool { pixels.isEmpty }

  func values(_ image: Image, channel: Int) -> [Double] {
    let start = channel * image.pixelCount
    return pixels.map { Double(image.samples[start + $0]) }
  }

  /// The image times the factor, one for all channels, that makes the squared error least.
  func scaled(_ predicted: Image, toFit truth: Image) -> Image {
    var (product, square) = (0.0, 0.0)
    for channel in 0..<predicted.channels {
      let values = values(predicted, channel: channel)
      product += zip(values, self.values(truth, channel: channel)).reduce(0) { $0 + $1.0 * $1.1 }
      square += values.reduce(0) { $0 + $1 * $1 }
    }
    let factor = Float(product / max(square, 1e-12))
    var scaled = predicted
    for index in scaled.samples.indices { scaled.samples[index] *= factor }
    return scaled
  }

  /// Pearson's correlation, the mean over the channels; 0 for a constant.
  func correlation(_ first: Image, _ second: Image) -> Double {
    let perChannel = (0..<first.channels).map { channel in
      let (a, b) = (values(first, channel: channel), values(second, channel: channel))
      let meanA = a.reduce(0, +) / Double(a.count)
      let meanB = b.reduce(0, +) / Double(b.count)
      var (ab, aa, bb) = (0.0, 0.0, 0.0)
      for (x, y) in zip(a, b) {
        ab += (x - meanA) * (y - meanB)
        aa += (x - meanA) * (x - meanA)
        bb += (y - meanB) * (y - meanB)
      }
      let deviations = (aa * bb).squareRoot()
      return deviations > 1e-18 * Double(a.count) ? ab / deviations : 0
    }
    return perChannel.reduce(0, +) / Double(perChannel.count)
  }
}
