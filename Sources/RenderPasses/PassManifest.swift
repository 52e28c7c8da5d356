import Foundation
import Imaging

/// What goes with the files of a pass folder: where the passes come from and where they belong.
public struct PassManifest: Codable, Equatable, Sendable {
  /// The square of the photograph that the passes show, in continuous photograph pixels.
  public struct Crop: Codable, Equatable, Sendable {
    /// The centre's column.
    public var centerX: Double
    /// The centre's row.
    public var centerY: Double
    /// The length of a side.
    public var size: Double
    /// How far the square is turned clockwise in the photograph.
    public var angleDegrees: Double

    /// Makes a crop.
    public init(centerX: Double, centerY: Double, size: Double, angleDegrees: Double) {
      self.centerX = centerX
      self.centerY = centerY
      self.size = size
      self.angleDegrees = angleDegrees
    }
  }

  /// The version this program writes, and the newest it reads.
  public static let currentVersion = 1

  /// The version of the folder's layout.
  public var version: Int
  /// Where the passes lie in the photograph; nil when they are a picture of their own.
  public var crop: Crop?
  /// The photograph's extent, upright; nil without a photograph.
  public var photograph: ImageExtent?
  /// The photograph's file, as it was named; nil without a photograph.
  public var sourcePath: String?
  /// SHA-256 of the photograph's file, 64 hexadecimal digits.
  public var sourceDigest: String?
  /// SHA-256 of each network's weights, by the network's name.
  public var weightDigests: [String: String]
  /// How the files hold the numbers, by pass or matte; an absent one is as `PassKind` says.
  public var encodings: [String: PassStorage]

  /// Describes passes made by this program.
  ///
  /// - Parameters:
  ///   - crop: Where the passes lie in the photograph.
  ///   - photograph: The photograph's extent, upright.
  ///   - sourcePath: The photograph's file.
  ///   - sourceDigest: SHA-256 of that file.
  ///   - weightDigests: SHA-256 of each network's weights.
  public init(
    crop: Crop? = nil, photograph: ImageExtent? = nil, sourcePath: String? = nil,
    sourceDigest: String? = nil, weightDigests: [String: String] = [:]
  ) {
    version = Self.currentVersion
    self.crop = crop
    self.photograph = photograph
    self.sourcePath = sourcePath
    self.sourceDigest = sourceDigest
    self.weightDigests = weightDigests
    encodings = [:]
    for kind in PassKind.allCases { encodings[kind.rawValue] = kind.storage }
    for matte in MatteKind.allCases { encodings[matte.rawValue] = .linear }
  }

  /// Reads a manifest; everything but the version may be left out.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    version = try container.decode(Int.self, forKey: .version)
    crop = try container.decodeIfPresent(Crop.self, forKey: .crop)
    photograph = try container.decodeIfPresent(ImageExtent.self, forKey: .photograph)
    sourcePath = try container.decodeIfPresent(String.self, forKey: .sourcePath)
    sourceDigest = try container.decodeIfPresent(String.self, forKey: .sourceDigest)
    weightDigests =
      try container.decodeIfPresent([String: String].self, forKey: .weightDigests) ?? [:]
    encodings =
      try container.decodeIfPresent([String: PassStorage].self, forKey: .encodings) ?? [:]
  }
}

extension PassManifest {
  /// The text that `passes.json` holds.
  var json: Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(self) else {
      preconditionFailure("a manifest of finite numbers always has a JSON form")
    }
    return json + Data("\n".utf8)
  }

  /// Reads what `json` gives.
  ///
  /// - Throws: `manifest`, which names the file at `path`.
  init(json: Data, path: String) throws(PassError) {
    do {
      self = try JSONDecoder().decode(PassManifest.self, from: json)
    } catch {
      throw .manifest(path: path, reason: "\(error)")
    }
    guard (1...Self.currentVersion).contains(version) else {
      throw .manifest(
        path: path, reason: "version \(version), expected at most \(Self.currentVersion)")
    }
  }
}
