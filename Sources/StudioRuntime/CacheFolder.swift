import Foundation

/// Files of one kind that may be made again, found by keys; the ones used longest ago give way.
///
/// Several programs may share a folder: files appear whole, and one that cannot be read counts as absent.
struct CacheFolder: Sendable {
  /// Where the files are; made when the first one is written.
  let folder: String
  /// Bytes that all files together may take.
  let capacity: Int
  /// What the files' names end in.
  let pathExtension: String

  /// What a writer that was killed leaves behind may be removed after this many seconds.
  private static let abandonedAge: TimeInterval = 86_400

  /// `$XDG_CACHE_HOME/chiaro/NAME`, or below `~/.cache` as that specification says.
  static func userFolder(_ name: String, environment: [String: String]) -> String {
    let base = environment["XDG_CACHE_HOME"] ?? ""
    let cache = base.hasPrefix("/") ? base : (environment["HOME"] ?? "") + "/.cache"
    return "\(cache)/chiaro/\(name)"
  }

  /// Whether there is a file of a key.
  func contains(_ key: String) -> Bool { FileManager.default.fileExists(atPath: path(of: key)) }

  /// What `read` makes of a key's file, which then counts as used just now.
  ///
  /// - Returns: nil where there is no file, or a damaged one, which is removed.
  func value<Value>(for key: String, read: (_ path: String) throws -> Value?) -> Value? {
    let path = path(of: key)
    guard contains(key) else { return nil }
    guard let value = try? read(path) else {
      try? FileManager.default.removeItem(atPath: path)
      return nil
    }
    try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: path)
    return value
  }

  /// Lets `write` make a key's file; that a disk is full or read-only is no error.
  func store(for key: String, write: (_ path: String) throws -> Void) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try write(path(of: key))
    } catch {
      return
    }
    removeOldest(sparing: key)
  }

  /// Files and bytes at present.
  var usage: (count: Int, bytes: Int) {
    let entries = entries()
    return (entries.count, entries.reduce(0) { $0 + $1.bytes })
  }

  private struct Entry {
    let path: String
    let bytes: Int
    let used: Date
  }

  private func path(of key: String) -> String { "\(folder)/\(key).\(pathExtension)" }

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
      let isTooMuch = bytes > capacity && entry.path.hasSuffix(".\(pathExtension)")
      guard isAbandoned || isTooMuch else { continue }
      try? FileManager.default.removeItem(atPath: entry.path)
      bytes -= entry.bytes
    }
  }
}
