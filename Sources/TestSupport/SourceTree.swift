import Foundation

/// The project's own files, found from this one.
public enum SourceTree {
  /// The folder that holds `Package.swift`.
  public static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
}
