import Decomposition
import FaceAlignment
import Foundation
import Imaging
import NeuralRuntime
import RenderPasses

/// Passes that the networks made before, found again by what they were made of.
///
/// One exact OpenEXR file per decomposition, of some 60 MB, and a small one for a first look. The files
/// used longest ago give way. Several programs may share a folder: entries appear whole, and one that
/// cannot be read counts as absent.
public struct DecompositionCache: Sendable {
  private let files: CacheFolder

  /// Counts up when framing or pipeline give other passes for the same weights.
  private static let revision = 10

  /// - Parameters:
  ///   - folder: Made when the first file is written.
  ///   - capacity: In bytes.
  public init(folder: String, capacity: Int = 2 << 30) {
    files = CacheFolder(folder: folder, capacity: capacity, pathExtension: "exr")
  }

  /// Where the files are.
  public var folder: String { files.folder }
  /// Bytes that all files together may take.
  public var capacity: Int { files.capacity }
  /// Files and bytes at present.
  public var usage: (count: Int, bytes: Int) { files.usage }

  /// `$XDG_CACHE_HOME/chiaro/decompositions`, or below `~/.cache` as that specification says.
  public static func userFolder(environment: [String: String]) -> String {
    CacheFolder.userFolder("decompositions", environment: environment)
  }

  /// The name of a decomposition.
  ///
  /// - Parameters:
  ///   - photograph: SHA-256 of the photograph's file.
  ///   - framing: How the square is chosen.
  ///   - weights: SHA-256 of each network's weights.
  ///   - precision: What the networks' convolutions multiply in.
  /// - Returns: 64 hexadecimal digits.
  public static func key(
    photograph: String, framing: Framing, weights: [String: String],
    precision: Precision = .automatic
  ) -> String {
    var parts = ["\(revision)", photograph, "\(framing)"]
    parts.append(precision.resolved.rawValue)
    parts += weights.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    // Without landmarks, faces are framed by the detector's box.
    if framing == .automatic { parts.append(FaceDetector.landmarkModelPath() ?? "") }
    return ContentDigest.sha256(Array(parts.joined(separator: "\n").utf8))
  }

  /// Whether passes of a key are there, damaged ones included.
  func contains(_ key: String) -> Bool { files.contains(key) }

  /// The passes of a key, which then count as used just now; nil when they are not there.
  public func passes(for key: String) -> (PassStack, PassManifest)? {
    files.value(for: key) { try PassEXR.read($0) }
  }

  /// Keeps passes for later; that a disk is full or read-only is no error.
  public func store(_ stack: PassStack, _ manifest: PassManifest, for key: String) {
    files.store(for: key) { try PassEXR.write(stack, manifest, to: $0, storage: .exact) }
  }

  /// The first look of a key, which then counts as used just now; nil when it is not there.
  public func impression(for key: String) -> FirstImpression? {
    files.value(for: Self.impressionKey(key)) { path in
      let contents = try PassEXR.contents(of: path)
      guard let portrait = contents.portrait, let photograph = contents.manifest.photograph else {
        throw PassError.missingLayer(path: path, channel: "R")
      }
      return FirstImpression(
        stack: contents.stack, portrait: portrait, photograph: photograph)
    }
  }

  /// Keeps a first look beside the passes of a key, as `store` does with those.
  public func store(_ impression: FirstImpression, for key: String) {
    files.store(for: Self.impressionKey(key)) { path in
      try PassEXR.write(
        impression.stack, PassManifest(photograph: impression.photograph),
        portrait: impression.portrait, to: path, storage: .exact)
    }
  }

  private static func impressionKey(_ key: String) -> String { key + "-small" }
}
