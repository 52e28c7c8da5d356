import Foundation

/// What processes have needed.
package enum ProcessMemory {
  /// The most that was resident at once.
  ///
  /// The kernel's high-water mark; `getrusage` would also count whoever started the program.
  ///
  /// - Parameter process: Its number, or `self`.
  /// - Returns: Units of 1024 bytes; 0 for a process that has ended.
  package static func peakKilobytes(of process: String = "self") -> Double {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap {
      Double($0)
    }
    return kilobytes ?? 0
  }
}
