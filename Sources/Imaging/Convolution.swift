import Foundation

extension Image {
  /// The picture blurred by a Gaussian of a standard deviation in pixels; borders are repeated.
  public func blurred(sigma: Double) -> Image {
    guard sigma > 0 else { return self }
    let radius = max(1, Int((3 * sigma).rounded(.up)))
    let weights = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = weights.reduce(0, +)
    return convolved(weights.map { Float($0 / sum) })
  }

  /// The picture convolved with one kernel along both axes; borders are repeated.
  ///
  /// - Precondition: the kernel's length is odd.
  package func convolved(_ kernel: [Float]) -> Image {
    precondition(kernel.count % 2 == 1, "a kernel needs a middle")
    let radius = kernel.count / 2
    var result = self
    samples.withUnsafeBufferPointer { source in
      result.samples.withUnsafeMutableBufferPointer { target in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: width + 2 * radius) { row in
          for channel in 0..<channels {
            for y in 0..<height {
              mixRows(of: source, channel: channel, around: y, kernel: kernel, into: row)
              let start = (channel * height + y) * width
              for x in 0..<width { target[start + x] = 0 }
              for (tap, weight) in kernel.enumerated() {
                for x in 0..<width { target[start + x] += weight * row[tap + x] }
              }
            }
          }
        }
      }
    }
    return result
  }

  /// Sums weighted rows into a row that is extended by the kernel's radius at both ends.
  private func mixRows(
    of source: UnsafeBufferPointer<Float>, channel: Int, around y: Int, kernel: [Float],
    into row: UnsafeMutableBufferPointer<Float>
  ) {
    let radius = kernel.count / 2
    for x in row.indices { row[x] = 0 }
    for (tap, weight) in kernel.enumerated() {
      let sourceRow = min(max(y + tap - radius, 0), height - 1)
      let start = (channel * height + sourceRow) * width
      for x in 0..<width { row[radius + x] += weight * source[start + x] }
    }
    for x in 0..<radius {
      row[x] = row[radius]
      row[radius + width + x] = row[radius + width - 1]
    }
  }
}
