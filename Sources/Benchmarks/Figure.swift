/// What a figure should be.
enum Goal: Codable {
  case atMost(Double)
  case atLeast(Double)

  var text: String {
    switch self {
    case .atMost(let value): "≤ \(value.formatted)"
    case .atLeast(let value): "≥ \(value.formatted)"
    }
  }
}

/// One measured number that is no time of a repeated piece of work.
struct Figure: Codable {
  var suite: String
  var name: String
  var value: Double
  var unit: String
  var goal: Goal?

  var text: String {
    "\(suite)  \(name)  \(value.formatted) \(unit)" + (goal.map { "  (\($0.text))" } ?? "")
  }
}

extension Double {
  /// Three significant digits are more than a benchmark can promise.
  fileprivate var formatted: String {
    let factor = abs(self) >= 100 ? 1.0 : abs(self) >= 10 ? 10.0 : 100.0
    let rounded = (self * factor).rounded() / factor
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
