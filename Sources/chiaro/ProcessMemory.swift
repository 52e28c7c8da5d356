import Foundation

/// What this process has needed.
enum ProcessMemory {
  /// The most that was resident at once, in units of 2²⁰ bytes.
  ///
  /// The kernel's high-water mark; `getrusage` would also count whoever started the program.
  static var peakMegabytes: Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap {
      Double($0)
    }
    return (kilobytes ?? 0) / 1024
  }
}
