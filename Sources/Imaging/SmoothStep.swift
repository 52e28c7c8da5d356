/// 0 below a range, 1 above it, a straight line between.
package func linearStep(_ value: Float, _ range: ClosedRange<Float>) -> Float {
  min(max((value - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
}

/// 0 below a range, 1 above it, Hermite's cubic between.
package func smoothStep(_ value: Float, _ range: ClosedRange<Float>) -> Float {
  let share = linearStep(value, range)
  return share * share * (3 - 2 * share)
}
