import Foundation

/// Zeroed numbers in pages of their own.
///
/// No page exists before it is touched, so that the threads which fill the memory make its pages, each its
/// own, and pages are large where the system has such: a tenth of a portrait's preparation was spent on
/// making small ones, one after the other.
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
  }

  /// The same numbers once more.
  convenience init(copying other: PagedFloats) {
    self.init(count: other.count)
    base.update(from: other.base, count: count)
  }

  deinit { munmap(base, bytes) }
}
