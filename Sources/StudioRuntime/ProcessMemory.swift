import CMalloc
import Foundation

/// What processes have needed, and what this one does with what it has.
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

  /// Keeps freed memory for the next picture.
  ///
  /// Left alone, the allocator gives every picture back to the system and clears new pages for the next one,
  /// which took a sixth of the time of a decomposition and half of that of a preview. To be called first.
  package static func reuse() {
    mallopt(M_MMAP_MAX, 0)
    mallopt(M_TRIM_THRESHOLD, .max)
    mallopt(M_ARENA_MAX, 1)
  }
}
