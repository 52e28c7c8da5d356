import Foundation

/// Recorded texts beside the tests, compared whole.
///
/// `RECORD_SNAPSHOTS=1` rewrites them and still reports a mismatch, so that a recording run never
/// passes unseen.
public enum Snapshots {
  /// What differs from `Snapshots/<name>.txt` beside the test file, or nil.
  public static func mismatch(
    _ actual: String, name: String, testFile: String = #filePath
  ) -> String? {
    let folder = URL(fileURLWithPath: testFile).deletingLastPathComponent()
      .appendingPathComponent("Snapshots")
    let file = folder.appendingPathComponent("\(name).txt")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      return record(actual, folder: folder, file: file)
    }
    guard let expected = try? String(contentsOf: file, encoding: .utf8) else {
      return "no snapshot \(name).txt: run the tests with RECORD_SNAPSHOTS=1 and look at it"
    }
    return expected == actual ? nil : difference(expected: expected, actual: actual, name: name)
  }

  private static func record(_ text: String, folder: URL, file: URL) -> String {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file, options: .atomic)
      return "recorded \(file.lastPathComponent): look at it, then run without RECORD_SNAPSHOTS"
    } catch {
      return "cannot record \(file.path): \(error)"
    }
  }

  private static func difference(expected: String, actual: String, name: String) -> String {
    let expectedLines = expected.components(separatedBy: "\n")
    let actualLines = actual.components(separatedBy: "\n")
    var report = ["\(name).txt differs:"]
    for index in 0..<max(expectedLines.count, actualLines.count) {
      let old = index < expectedLines.count ? expectedLines[index] : ""
      let new = index < actualLines.count ? actualLines[index] : ""
      guard old != new else { continue }
      let column = zip(old, new).prefix { $0 == $1 }.count
      report.append("line \(index + 1), from character \(column + 1)")
      report.append("  expected \(old)")
      report.append("  actual   \(new)")
      if report.count > 36 {
        report.append("  …")
        break
      }
    }
    return report.joined(separator: "\n")
  }
}
