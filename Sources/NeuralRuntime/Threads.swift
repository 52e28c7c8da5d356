import COneDNN
import Foundation

/// How many threads the networks may use, and the loop that own kernels share with oneDNN's threads.
public struct Threads: Equatable, Sendable {
  /// Threads that work at once.
  public let count: Int

  /// The cores this process may use, never more than the container's quota or `requested`.
  ///
  /// - Parameter requested: an upper limit; nil leaves the limit to the machine.
  public init(limit requested: Int? = nil) {
    let available = min(
      ProcessInfo.processInfo.activeProcessorCount, Self.processorQuota() ?? .max)
    count = max(1, min(available, requested ?? .max))
  }

  /// Makes waiting threads sleep after a moment instead of spinning on, unless the environment chooses.
  ///
  /// A thread that sleeps at once wakes late, one that spins on takes a busy machine's cores: for the three
  /// networks 0.93 × the time of the former was measured on an idle machine, and on a busy one 1.04 ×, where
  /// long spinning took 1.5 ×. libgomp reads the variables when it is loaded, with the first engine: call it
  /// before, while the process has one thread.
  public static func waitBriefly() {
    if getenv("OMP_WAIT_POLICY") == nil { setenv("GOMP_SPINCOUNT", "1000", 0) }
    setenv("OMP_WAIT_POLICY", "passive", 0)
  }

  /// Whole processors granted by the control groups of this process, nil without a limit.
  ///
  /// In version 2 every group on the way to the root may limit; in version 1 a container sees its own group.
  ///
  /// - Parameters:
  ///   - root: Where the groups' files are.
  ///   - membership: The file that tells the process's group.
  /// - Returns: The tightest quota, rounded down, at least 1.
  package static func processorQuota(
    root: String = "/sys/fs/cgroup", membership: String = "/proc/self/cgroup"
  ) -> Int? {
    func text(_ path: String) -> String {
      (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
    func processors(_ words: String) -> Double? {
      let numbers = words.split(whereSeparator: \.isWhitespace).map { Double($0) }
      guard numbers.count == 2, let time = numbers[0], let period = numbers[1], time > 0, period > 0
      else { return nil }
      return time / period
    }
    // "0::/a/b"; inside a container usually "0::/".
    let own = text(membership).split(separator: "\n").first { $0.hasPrefix("0::") }?.dropFirst(3)
    let names = (own ?? "").split(separator: "/")
    let groups = (0...names.count).map {
      ([root] + names.prefix($0).map(String.init)).joined(separator: "/")
    }
    var quotas = groups.compactMap { processors(text("\($0)/cpu.max")) }
    if quotas.isEmpty {
      let words = ["quota", "period"].map { text("\(root)/cpu/cpu.cfs_\($0)_us") }
      quotas = processors(words.joined(separator: " ")).map { [$0] } ?? []
    }
    return quotas.min().map { max(1, Int($0)) }
  }

  /// Tells OpenMP the count for work started by the calling thread; the setting is per thread there.
  func bind() {
    omp_set_num_threads(Int32(count))
  }

  /// Runs `body` over contiguous strips of `0..<rows`, one strip per thread, and waits for all.
  func forEachStrip(of rows: Int, _ body: (Range<Int>) -> Void) {
    let workers = min(count, rows)
    guard workers > 1 else {
      if rows > 0 { body(0..<rows) }
      return
    }
    withoutActuallyEscaping(body) { body in
      var work = StripWork(rows: rows, body: body)
      withUnsafeMutablePointer(to: &work) { work in
        GOMP_parallel(
          { context in
            guard let work = context?.assumingMemoryBound(to: StripWork.self).pointee else {
              return
            }
            let worker = Int(omp_get_thread_num())
            let workers = Int(omp_get_num_threads())
            let strip = work.rows * worker / workers..<work.rows * (worker + 1) / workers
            if !strip.isEmpty { work.body(strip) }
          }, work, UInt32(workers), 0)
      }
    }
  }

  private struct StripWork {
    let rows: Int
    let body: (Range<Int>) -> Void
  }
}
