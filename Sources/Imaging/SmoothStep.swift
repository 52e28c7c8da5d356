/// 0 below a range, 1 above it, Hermite's cubic between.
package func smoothStep(_ value: Float, _ range: ClosedRange<Float>) -> Float {
  let t = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  let share = min(max(t, 0), 1)
  return share * share * (3 - 2 * share)
}
