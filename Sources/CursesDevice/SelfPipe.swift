import Glibc

/// A pipe to oneself: other threads and signal handlers write a byte that `poll` notices.
final class SelfPipe: Sendable {
  /// The end to poll and read.
  let reader: Int32
  /// The end to write; writing one byte is safe in a signal handler.
  let writer: Int32

  /// The byte of a plain wake-up; signals are sent as their number.
  static let wakeUp: UInt8 = 0

  init() throws(ErrnoError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw ErrnoError(number: errno) }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    reader = ends[0]
    writer = ends[1]
  }

  deinit {
    close(reader)
    close(writer)
  }

  /// Never blocks: a full pipe already wakes the reader.
  func post(_ byte: UInt8) {
    var byte = byte
    _ = write(writer, &byte, 1)
  }

  /// Everything posted since the last call.
  func drain() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(reader, &bytes, bytes.count)
    return Array(bytes.prefix(max(0, count)))
  }
}

/// An error number of the operating system.
struct ErrnoError: Error {
  let number: Int32
}
