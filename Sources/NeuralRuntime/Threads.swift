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

  /// Makes waiting threads sleep instead of spinning, unless the environment chooses a policy.
  ///
  /// That is kinder to a busy machine: 0.71 × the time was measured. libgomp reads the variable when it is
  /// loaded, with the first engine: call it before, while the process has one thread.
  public static func waitPassively() {
    setenv("OMP_WAIT_POLICY", "passive", 0)
  }

  /// Whole processors granted by the control group (version 2, then 1), nil without a limit.
  private static func processorQuota() -> Int? {
    func words(_ path: String) -> [Double?] {
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      return text.split(whereSeparator: \.isWhitespace).map { Double($0) }
    }
    var quota = words("/sys/fs/cgroup/cpu.max")
    if quota.isEmpty {
      let folder = "/sys/fs/cgroup/cpu"
      quota = words("\(folder)/cpu.cfs_quota_us") + words("\(folder)/cpu.cfs_period_us")
    }
    guard quota.count == 2, let time = quota[0], let period = quota[1], time > 0, period > 0
    else { return nil }
    return max(1, Int((time / period).rounded()))
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
