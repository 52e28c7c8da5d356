import Imaging
import NeuralRuntime

/// One weight file that has been checked: where it lies and what its metadata says.
public struct Model<Configuration: Sendable>: Sendable {
  /// The file.
  public let path: String
  /// The widths and the resolution of the network in it.
  public let configuration: Configuration
  /// SHA-256 over the tensors, by which results remember the weights they came from.
  public let digest: String
  /// Data, seed, steps, validation figures and licence, as JSON.
  public let provenance: String
}

/// The three weight files of one folder.
public struct ModelBundle: Sendable {
  /// Portrait → albedo and mattes.
  public let maginet: Model<MAGINetConfiguration>
  /// Detail for the albedo.
  public let refinement: Model<RefinementNetConfiguration>
  /// Refined albedo → the other passes.
  public let translator: Model<PassTranslatorConfiguration>

  /// The only layout of metadata this program reads.
  public static let formatVersion = "1"

  /// Opens `maginet.safetensors`, `refinement.safetensors` and `translator.safetensors` and checks them whole.
  ///
  /// - Throws: `network` with the file's error, or `unsuitableWeights`.
  public init(directory: String) throws(DecompositionError) {
    maginet = try Self.model("maginet", in: directory)
    refinement = try Self.model("refinement", in: directory)
    translator = try Self.model("translator", in: directory)
  }

  /// The digest that each weight file of a folder states, by the network's name.
  ///
  /// Enough to find what was made with those weights; a bundle checks that the files keep their word.
  ///
  /// - Throws: `network` with the file's error, or `unsuitableWeights`.
  public static func statedDigests(
    in directory: String
  ) throws(DecompositionError) -> [String: String] {
    var digests: [String: String] = [:]
    for network in ["maginet", "refinement", "translator"] {
      let archive = try archive(of: network, in: directory)
      digests[network] = try text("sha256", of: archive)
    }
    return digests
  }

  /// The digest of each network by its name.
  public var digests: [String: String] {
    [
      "maginet": maginet.digest, "refinement": refinement.digest, "translator": translator.digest,
    ]
  }

  /// The provenance of each network by its name, as JSON.
  public var provenance: [String: String] {
    [
      "maginet": maginet.provenance, "refinement": refinement.provenance,
      "translator": translator.provenance,
    ]
  }

  private static func model<Configuration: NetworkConfiguration>(
    _ network: String, in directory: String
  ) throws(DecompositionError) -> Model<Configuration> {
    let archive = try archive(of: network, in: directory)
    let path = archive.path
    let version = try text("format_version", of: archive)
    guard version == formatVersion else {
      throw .unsuitableWeights(
        path: path, reason: "its format is \(version); this program reads \(formatVersion)")
    }
    let found = try text("network", of: archive)
    guard found == network else {
      throw .unsuitableWeights(path: path, reason: "it holds the network \(found)")
    }
    let (configuration, reason) = Configuration.parsed(try text("configuration", of: archive))
    guard let configuration else { throw .unsuitableWeights(path: path, reason: reason) }
    try DecompositionError.wrapping { () throws(NeuralError) in
      try archive.verifyDigest(by: ContentDigest.sha256(of:))
    }
    return Model(
      path: path, configuration: configuration, digest: try text("sha256", of: archive),
      provenance: try text("provenance", of: archive))
  }

  private static func archive(
    of network: String, in directory: String
  ) throws(DecompositionError) -> WeightArchive {
    try DecompositionError.wrapping { () throws(NeuralError) in
      try WeightArchive(path: "\(directory)/\(network).safetensors")
    }
  }

  private static func text(
    _ key: String, of archive: WeightArchive
  ) throws(DecompositionError) -> String {
    guard let text = archive.metadata[key] else {
      throw .unsuitableWeights(path: archive.path, reason: "its metadata lacks \(key)")
    }
    return text
  }
}

extension Model {
  /// Reads the network out of the file, and nothing else may be in it.
  func load<Network>(
    _ network: (WeightScope, Configuration) throws(NeuralError) -> Network
  ) throws(NeuralError) -> Network {
    let archive = try WeightArchive(path: path)
    let result = try network(archive.root, configuration)
    try archive.requireAllRead()
    return result
  }
}
