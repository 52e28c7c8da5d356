import Foundation

/// The machine and the code that were timed.
struct Host: Codable {
  var processor: String
  var cores: Int
  /// Work waiting for the processor, average of the last minute: above 0 the machine was shared.
  var load: Double
  var commit: String?

  init() {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model = lines.split(separator: "\n").first { $0.hasPrefix("model name") }
    processor =
      model?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    cores = ProcessInfo.processInfo.activeProcessorCount
    var loads = [Double](repeating: 0, count: 1)
    load = getloadavg(&loads, 1) == 1 ? loads[0] : 0
    commit = Self.currentCommit
  }

  private static var currentCommit: String? {
    let git = Process()
    let output = Pipe()
    git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    git.arguments = ["git", "describe", "--always", "--dirty"]
    git.standardOutput = output
    git.standardError = FileHandle.nullDevice
    guard (try? git.run()) != nil else { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    git.waitUntilExit()
    return git.terminationStatus == 0 ? text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
  }
}

/// Everything that was measured, for people or for machines.
struct Report: Codable {
  var host: Host
  var measurements: [Measurement] = []
  var figures: [Figure] = []
  var remarks: [String] = []

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  var text: String {
    var lines = [
      "\(host.processor), \(host.cores) cores, load \(Self.number(host.load)), "
        + "commit \(host.commit ?? "unknown")",
      "medians in milliseconds: time passed, least time passed, time of all cores, budget",
    ]
    let width = measurements.map(\.name.count).max() ?? 0
    for measurement in measurements {
      let name = measurement.name.padding(toLength: width, withPad: " ", startingAt: 0)
      let numbers =
        [measurement.wall, measurement.leastWall, measurement.cpu]
        .map(Self.number) + [measurement.budget.map(Self.number) ?? "–"]
      lines.append("\(measurement.suite)  \(name)  " + numbers.joined(separator: "  "))
    }
    lines += figures.map(\.text) + remarks
    return lines.joined(separator: "\n")
  }

  private static func number(_ value: Double) -> String {
    let text = String(format: "%.2f", value)
    return String(repeating: " ", count: max(0, 8 - text.count)) + text
  }
}
