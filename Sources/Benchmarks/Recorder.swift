import Foundation
import Imaging

/// One timed thing: medians over all repetitions, milliseconds.
struct Measurement: Codable {
  var suite: String
  var name: String
  var repetitions: Int
  /// Time that passed.
  var wall: Double
  /// Time that all threads together spent on the processor.
  var cpu: Double
  /// The least time that passed: what an idle machine would do.
  var leastWall: Double
  /// What `wall` should not exceed on two idle cores.
  var budget: Double?
}

/// Times a suite's work.
final class Recorder {
  private let suite: String
  private let repetitions: Int
  private let matching: String?
  private(set) var measurements: [Measurement] = []
  private(set) var figures: [Figure] = []
  private(set) var remarks: [String] = []

  /// - Parameters:
  ///   - suite: What the measurements belong to.
  ///   - repetitions: How often each thing is timed.
  ///   - matching: Part of the names of what is timed; nothing times everything.
  init(suite: String, repetitions: Int, matching: String?) {
    self.suite = suite
    self.repetitions = repetitions
    self.matching = matching
  }

  /// Times `work` once per repetition, after one call that warms up.
  ///
  /// - Parameters:
  ///   - name: What is timed.
  ///   - budget: Milliseconds it should not exceed.
  ///   - work: Gets the number of the repetition, so that it can change something each time; what it
  ///     returns is dropped within the time.
  func measure<Value>(
    _ name: String, budget: Double? = nil, _ work: (_ repetition: Int) throws -> Value
  ) rethrows {
    if let matching, !name.contains(matching) { return }
    _ = try work(-1)
    var (walls, cpus): ([Double], [Double]) = ([], [])
    for repetition in 0..<repetitions {
      let (wall, cpu) = (
        Self.milliseconds(CLOCK_MONOTONIC), Self.milliseconds(CLOCK_PROCESS_CPUTIME_ID)
      )
      _ = try work(repetition)
      walls.append(Self.milliseconds(CLOCK_MONOTONIC) - wall)
      cpus.append(Self.milliseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
    }
    measurements.append(
      Measurement(
        suite: suite, name: name, repetitions: repetitions, wall: walls.quantile(0.5),
        cpu: cpus.quantile(0.5), leastWall: walls.min() ?? 0, budget: budget))
  }

  /// Records a number that the suite has measured itself.
  func figure(_ name: String, _ value: Double, unit: String, goal: Goal? = nil) {
    figures.append(Figure(suite: suite, name: name, value: value, unit: unit, goal: goal))
  }

  /// Records what could not be measured.
  func remark(_ text: String) { remarks.append("\(suite)  \(text)") }

  private static func milliseconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
  }
}
