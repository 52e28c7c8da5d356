import Foundation
import Imaging
import Shading

/// Environment maps that were prefiltered before, found again by the bytes of their pictures.
///
/// One file of at most 1.7 MB per picture; see `CacheFolder` for what becomes of old and damaged ones.
public struct EnvironmentCache: Sendable {
  private let files: CacheFolder

  /// - Parameters:
  ///   - folder: Made when the first file is written.
  ///   - capacity: In bytes.
  public init(folder: String, capacity: Int = 64 << 20) {
    files = CacheFolder(folder: folder, capacity: capacity, pathExtension: "map")
  }

  /// `$XDG_CACHE_HOME/chiaro/environments`, or below `~/.cache` as that specification says.
  public static func userFolder(environment: [String: String]) -> String {
    CacheFolder.userFolder("environments", environment: environment)
  }

  /// Files and bytes at present.
  public var usage: (count: Int, bytes: Int) { files.usage }

  /// The name of a picture's map: SHA-256 of its file's bytes.
  public static func key(picture: [UInt8]) -> String { ContentDigest.sha256(picture) }

  /// The map of a key, which then counts as used just now; nil when it is not there.
  ///
  /// Maps that an earlier version has made in another way count as damaged.
  public func map(for key: String) -> EnvironmentMap? {
    files.value(for: key) { EnvironmentMap(encoded: try FileContents.read($0)) }
  }

  /// Keeps a map for later; that a disk is full or read-only is no error.
  public func store(_ map: EnvironmentMap, for key: String) {
    files.store(for: key) { try AtomicFile.write(map.encoded, to: $0) }
  }
}
