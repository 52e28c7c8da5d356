import Foundation
import Glibc
import Imaging
import Shading
import StudioFiles

/// What outlives a session: portraits opened lately, and looks of sessions that broke off.
///
/// Nothing in it is worth an error: what cannot be read or written counts as absent.
public struct SessionFolder: Sendable {
  /// Where the files are.
  public let path: String
  /// The program that looks are kept for; another one that still runs keeps its own.
  private let process: Int32

  /// Portraits that are remembered.
  private static let recentCount = 12

  /// - Parameters:
  ///   - path: Made when the first file is written.
  ///   - process: The number of this program.
  public init(path: String, process: Int32 = getpid()) {
    self.path = path
    self.process = process
  }

  /// `$XDG_STATE_HOME/chiaro`, or below `~/.local/state` as that specification says.
  public static func userFolder(environment: [String: String]) -> String {
    let base = environment["XDG_STATE_HOME"] ?? ""
    let state = base.hasPrefix("/") ? base : (environment["HOME"] ?? "") + "/.local/state"
    return state + "/chiaro"
  }

  // MARK: - Recent portraits

  private var recentPath: String { path + "/recent" }

  /// Full paths of portraits opened lately that are still there, newest first.
  public var recent: [String] {
    let text = (try? String(contentsOfFile: recentPath, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init).filter {
      FileManager.default.fileExists(atPath: $0)
    }
  }

  /// Puts a portrait first among those opened lately.
  public func remember(_ portrait: String) {
    let full = Self.fullPath(portrait)
    let paths = [full] + recent.filter { $0 != full }
    write(paths.prefix(Self.recentCount).map { $0 + "\n" }.joined(), to: recentPath)
  }

  // MARK: - The tour

  private var tourPath: String { path + "/toured" }

  /// Whether this is the first session; it is the only one that is told so.
  public func isFirst() -> Bool {
    guard !FileManager.default.fileExists(atPath: tourPath) else { return false }
    write("", to: tourPath)
    return true
  }

  // MARK: - Recovery

  /// Keeps the look of a portrait for the case that the program ends without asking.
  public func keep(_ look: Look, of portrait: String) {
    write(
      "# process \(process)\n# \(Self.fullPath(portrait))\n" + LookFile.text(of: look),
      to: recoveryPath(portrait))
  }

  /// The look that a session on the portrait left behind; nil while that session still runs.
  public func recoverable(_ portrait: String) -> Look? {
    let path = recoveryPath(portrait)
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    let owner = text.split(separator: "\n").first?.split(separator: " ").last.flatMap { Int32($0) }
    guard let owner, owner == process || kill(owner, 0) != 0 && errno == ESRCH else { return nil }
    return try? LookFile.parse(text, path: path)
  }

  /// Forgets what was kept of a portrait.
  public func discard(_ portrait: String) {
    try? FileManager.default.removeItem(atPath: recoveryPath(portrait))
  }

  private func recoveryPath(_ portrait: String) -> String {
    let digest = ContentDigest.sha256(Array(Self.fullPath(portrait).utf8))
    return "\(path)/recovery/\(digest.prefix(16)).toml"
  }

  private static func fullPath(_ portrait: String) -> String {
    URL(fileURLWithPath: portrait).standardizedFileURL.path
  }

  private func write(_ text: String, to path: String) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try? AtomicFile.write(Array(text.utf8), to: path)
  }
}
