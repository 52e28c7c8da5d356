import Glibc
import Synchronization

/// Pixels in POSIX shared memory, where a terminal on the same machine picks them up.
///
/// The terminal removes an object when it has read it (kitty's protocol, "t=s"). What it did not
/// read is removed here: at the latest with the last of the encoders that share this.
final class SharedFrames: Sendable {
  private struct Names {
    var next = 0
    var pending: [String] = []
  }

  /// Objects that may wait for the terminal: one frame is under way at a time.
  private static let maximumPending = 3
  private let names = Mutex(Names())
  private let prefix = "/chiaro-\(getpid())-\(UInt32.random(in: 0 ... .max))"

  init() {}

  deinit {
    for name in names.withLock({ $0.pending }) { shm_unlink(name) }
  }

  /// Stores bytes under a new name; nil when the system has no room.
  func put(_ bytes: [UInt8]) -> String? {
    let name = names.withLock { names in
      defer { names.next += 1 }
      return "\(prefix)-\(names.next)"
    }
    guard Self.create(name, bytes) else { return nil }
    names.withLock { names in
      names.pending.append(name)
      if names.pending.count > Self.maximumPending { shm_unlink(names.pending.removeFirst()) }
    }
    return name
  }

  private static func create(_ name: String, _ bytes: [UInt8]) -> Bool {
    let descriptor = shm_open(name, O_CREAT | O_EXCL | O_RDWR, S_IRUSR | S_IWUSR)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // Not `ftruncate` and a mapping: writing tells when the memory is full, a mapping crashes.
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else {
        shm_unlink(name)
        return false
      }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
