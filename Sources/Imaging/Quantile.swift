extension [Double] {
  /// The value below which this share of all values lies.
  ///
  /// The seventh definition of Hyndman and Fan, "Sample quantiles in statistical packages" (1996), which
  /// NumPy has as well.
  ///
  /// - Parameter share: 0 for the least value, 0.5 for the median, 1 for the greatest.
  /// - Returns: A value, or one between two by linear interpolation; 0 of no values.
  package func quantile(_ share: Double) -> Double {
    let sorted = sorted()
    guard let last = sorted.last else { return 0 }
    let position = share * Double(count - 1)
    let index = Int(position)
    guard index + 1 < count else { return last }
    return sorted[index] + (position - Double(index)) * (sorted[index + 1] - sorted[index])
  }
}
