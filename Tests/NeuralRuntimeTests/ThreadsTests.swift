import Foundation
import NeuralRuntime
import Testing

@Suite struct ThreadsTests {
  private let root = NSTemporaryDirectory() + "chiaro-cgroup-" + UUID().uuidString

  private func write(_ text: String, to path: String) throws {
    let file = URL(fileURLWithPath: "\(root)/\(path)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  private func quota() -> Int? {
    Threads.processorQuota(root: root, membership: root + "/self")
  }

  @Test(
    "a container's quota is never exceeded, and leaves at least one thread",
    arguments: [
      ("max 100000", nil), ("200000 100000", 2), ("250000 100000", 2), ("50000 100000", 1),
      ("", nil), ("nonsense", nil), ("0 0", nil),
    ] as [(String, Int?)])
  func container(limit: String, expected: Int?) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    try write("0::/\n", to: "self")
    try write(limit + "\n", to: "cpu.max")
    #expect(quota() == expected)
  }

  @Test("the tightest group on the way to the root counts")
  func nested() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    try write("1:name=systemd:/x\n0::/user.slice/session\n", to: "self")
    try write("800000 100000", to: "user.slice/cpu.max")
    try write("max 100000", to: "user.slice/session/cpu.max")
    #expect(quota() == 8)
    try write("300000 100000", to: "user.slice/session/cpu.max")
    #expect(quota() == 3)
  }

  @Test("version 1 keeps quota and period in two files; -1 is no limit")
  func versionOne() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    try write("150000\n", to: "cpu/cpu.cfs_quota_us")
    try write("50000\n", to: "cpu/cpu.cfs_period_us")
    #expect(quota() == 3)
    try write("-1\n", to: "cpu/cpu.cfs_quota_us")
    #expect(quota() == nil)
  }

  @Test("a request lowers the count and never raises it")
  func request() {
    let all = Threads()
    #expect(Threads(limit: 1).count == 1)
    #expect(Threads(limit: 1000) == all)
    #expect(Threads(limit: 0).count == 1)
  }
}
