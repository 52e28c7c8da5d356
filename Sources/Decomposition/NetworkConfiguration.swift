import Foundation

/// Widths of MAGINet, as training/config.py writes them into the weight file.
public struct MAGINetConfiguration: Codable, Equatable, Sendable {
  /// Side of the square the network was trained for and runs at.
  public var resolution: Int
  /// Channels of the portrait.
  public var inputChannels: Int
  /// Albedo R, G, B, skin matte, subject matte.
  public var outputChannels: Int
  /// Channels per encoder scale, full resolution first.
  public var widths: [Int]
  /// Residual blocks per encoder scale.
  public var blocksPerScale: Int
  /// Channels of query and key are the last width divided by this.
  public var attentionReduction: Int
  /// False for the ablation without the dual attention.
  public var attention: Bool
  /// False for the ablation that adds the decoder's features and the skip.
  public var fusion: Bool
  /// Slope of LeakyReLU for negative samples.
  public var negativeSlope: Float
  /// What keeps the normalisations' square roots from zero.
  public var epsilon: Float

  /// The shipped widths.
  public static let studio = MAGINetConfiguration(
    resolution: 512, inputChannels: 3, outputChannels: 5, widths: [32, 64, 128, 192, 256],
    blocksPerScale: 2, attentionReduction: 8, attention: true, fusion: true, negativeSlope: 0.2,
    epsilon: 1e-5)
}

/// Width of RefinementNet, as training/config.py writes it into the weight file.
public struct RefinementNetConfiguration: Codable, Equatable, Sendable {
  /// Side of the square the network was trained for and runs at.
  public var resolution: Int
  /// Albedo and portrait.
  public var inputChannels: Int
  /// Channels of the albedo.
  public var outputChannels: Int
  /// Channels between the convolutions.
  public var width: Int

  /// The shipped width.
  public static let studio = RefinementNetConfiguration(
    resolution: 1024, inputChannels: 6, outputChannels: 3, width: 48)
}

/// Widths of PassTranslator, as training/config.py writes them into the weight file.
public struct PassTranslatorConfiguration: Codable, Equatable, Sendable {
  /// Side of the square the network was trained for and runs at.
  public var resolution: Int
  /// Refined albedo, portrait, skin matte.
  public var inputChannels: Int
  /// Ambient occlusion, normal, specular, translucency, diffuse.
  public var outputChannels: Int
  /// Channels after the stem; they double per scale.
  public var baseWidth: Int
  /// The most channels there are.
  public var maximumWidth: Int
  /// Stride-2 convolutions on the way down, and up again.
  public var scales: Int
  /// Residual blocks at the coarsest scale.
  public var blocks: Int
  /// What keeps the normalisations' square roots from zero.
  public var epsilon: Float

  /// Channels after the stem and after each stride-2 convolution.
  public var widths: [Int] { (0...scales).map { min(baseWidth << $0, maximumWidth) } }

  /// The shipped widths.
  public static let studio = PassTranslatorConfiguration(
    resolution: 1024, inputChannels: 7, outputChannels: 9, baseWidth: 32, maximumWidth: 256,
    scales: 4, blocks: 9, epsilon: 1e-5)
}

/// What makes a configuration usable: bounds that keep damaged metadata from becoming a crash.
package protocol NetworkConfiguration: Codable, Equatable, Sendable {
  var resolution: Int { get }
  /// All numbers of channels and layers.
  var sizes: [Int] { get }
  /// The side must be a multiple of this, for the scales to meet again.
  var resolutionUnit: Int { get }
  /// Channels the pipeline connects on both ends.
  var ends: (input: Int, output: Int) { get }
  static var expectedEnds: (input: Int, output: Int) { get }
}

extension NetworkConfiguration {
  /// The configuration from the metadata's JSON; nil with a reason when it cannot be built.
  package static func parsed(_ json: String) -> (configuration: Self?, reason: String) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let configuration = try? decoder.decode(Self.self, from: Data(json.utf8)) else {
      return (nil, "its configuration is incomplete")
    }
    guard configuration.ends == expectedEnds else {
      return (
        nil, "it has \(configuration.ends.input) inputs and \(configuration.ends.output) outputs"
      )
    }
    guard configuration.sizes.allSatisfy({ 1...4096 ~= $0 }) else {
      return (nil, "its widths are \(configuration.sizes)")
    }
    let resolution = configuration.resolution
    guard 16...4096 ~= resolution, resolution.isMultiple(of: configuration.resolutionUnit) else {
      return (nil, "its resolution is \(resolution)")
    }
    return (configuration, "")
  }
}

extension MAGINetConfiguration: NetworkConfiguration {
  package var sizes: [Int] { widths + [widths.count, blocksPerScale, attentionReduction] }
  package var resolutionUnit: Int { 1 << min(max(widths.count - 1, 0), 12) }
  package var ends: (input: Int, output: Int) { (inputChannels, outputChannels) }
  package static let expectedEnds = (input: 3, output: 5)
}

extension RefinementNetConfiguration: NetworkConfiguration {
  package var sizes: [Int] { [width] }
  package var resolutionUnit: Int { 1 }
  package var ends: (input: Int, output: Int) { (inputChannels, outputChannels) }
  package static let expectedEnds = (input: 6, output: 3)
}

extension PassTranslatorConfiguration: NetworkConfiguration {
  package var sizes: [Int] { [baseWidth, maximumWidth, scales, blocks] }
  package var resolutionUnit: Int { 1 << min(max(scales, 0), 12) }
  package var ends: (input: Int, output: Int) { (inputChannels, outputChannels) }
  package static let expectedEnds = (input: 7, output: 9)
}
