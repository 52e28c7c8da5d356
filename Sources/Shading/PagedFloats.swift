import Foundation
import Imaging

/// Zeroed numbers in pages of their own.
///
/// Pages are large where the system has such, and made on all cores: a quarter of a portrait's preparation
/// was spent on making small ones, one after the other.
final class PagedFloats: @unchecked Sendable {
  // Whoever writes holds the only reference.
  let base: UnsafeMutablePointer<Float>
  let count: Int
  private let bytes: Int

  /// Room for `count` numbers.
  init(count: Int) {
    self.count = count
    bytes = max(count, 1) * MemoryLayout<Float>.stride
    let pages = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let pages, pages != MAP_FAILED else {
      preconditionFailure("no memory for \(bytes) bytes")
    }
    // Only a wish: without large pages the memory is as good.
    _ = madvise(pages, bytes, MADV_HUGEPAGE)
    base = pages.bindMemory(to: Float.self, capacity: count)
    // Two threads that touch a large page at once would both clear one.
    nonisolated(unsafe) let start = base
    Parallel.forEach(count: count / Self.largePage) { start[$0 * Self.largePage] = 0 }
  }

  private static let largePage = (2 << 20) / MemoryLayout<Float>.stride

  /// The same numbers once more.
  convenience init(copying other: PagedFloats) {
    self.init(count: other.count)
    base.update(from: other.base, count: count)
  }

  deinit { munmap(base, bytes) }
}
