import Decomposition
import FaceAlignment
import Foundation
import Imaging
import NeuralRuntime
import RenderPasses

/// Passes that the networks made before, found again by what they were made of.
///
/// One exact OpenEXR file per decomposition, of some 60 MB. The files used longest ago give way. Several
/// programs may share a folder: entries appear whole, and one that cannot be read counts as absent.
public struct DecompositionCache: Sendable {
  /// Where the files are.
  public let folder: String
  /// Bytes that all files together may take.
  public let capacity: Int

  /// Counts up when framing or pipeline give other passes for the same weights.
  private static let revision = 2
  /// What a writer that was killed leaves behind may be removed after this many seconds.
  private static let abandonedAge: TimeInterval = 86_400

  /// - Parameters:
  ///   - folder: Made when the first file is written.
  ///   - capacity: In bytes.
  public init(folder: String, capacity: Int = 2 << 30) {
    self.folder = folder
    self.capacity = capacity
  }

  /// `$XDG_CACHE_HOME/chiaro/decompositions`, or below `~/.cache` as that specification says.
  public static func userFolder(environment: [String: String]) -> String {
    let base = environment["XDG_CACHE_HOME"] ?? ""
    let cache = base.hasPrefix("/") ? base : (environment["HOME"] ?? "") + "/.cache"
    return cache + "/chiaro/decompositions"
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

  /// The passes of a key, which then count as used just now; nil when they are not there.
  public func passes(for key: String) -> (PassStack, PassManifest)? {
    let path = path(of: key)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let (stack, manifest) = try? PassEXR.read(path) else {
      try? FileManager.default.removeItem(atPath: path)
      return nil
    }
    try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: path)
    return (stack, manifest)
  }

  /// Keeps passes for later; that a disk is full or read-only is no error.
  public func store(_ stack: PassStack, _ manifest: PassManifest, for key: String) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try PassEXR.write(stack, manifest, to: path(of: key), storage: .exact)
    } catch {
      return
    }
    removeOldest(sparing: key)
  }

  /// Files and bytes at present.
  public var usage: (count: Int, bytes: Int) {
    let entries = entries()
    return (entries.count, entries.reduce(0) { $0 + $1.bytes })
  }

  private struct Entry {
    let path: String
    let bytes: Int
    let used: Date
  }

  private func path(of key: String) -> String { "\(folder)/\(key).exr" }

  private func entries() -> [Entry] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { name in
      let path = "\(folder)/\(name)"
      // Another program may have removed it meanwhile.
      guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
        let bytes = attributes[.size] as? Int, let used = attributes[.modificationDate] as? Date
      else { return nil }
      return Entry(path: path, bytes: bytes, used: used)
    }
  }

  private func removeOldest(sparing key: String) {
    let entries = entries().sorted { $0.used < $1.used }
    var bytes = entries.reduce(0) { $0 + $1.bytes }
    for entry in entries where entry.path != path(of: key) {
      let isAbandoned =
        entry.path.hasSuffix(".tmp") && -entry.used.timeIntervalSinceNow > Self.abandonedAge
      guard isAbandoned || (bytes > capacity && entry.path.hasSuffix(".exr")) else { continue }
      try? FileManager.default.removeItem(atPath: entry.path)
      bytes -= entry.bytes
    }
  }
}
