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
    let (width, height) = (width, height)
    let samples = samples
    let convolved = [Float](unsafeUninitializedCapacity: samples.count) { target, initialized in
      // Each row is written by one thread alone.
      nonisolated(unsafe) let target = target
      Parallel.forEachBatch(count: channels * height) { rows in
        samples.withUnsafeBufferPointer { source in
          withUnsafeTemporaryAllocation(of: Float.self, capacity: width + 2 * radius) { mixed in
            for row in rows {
              let first = row / height * height
              let inside = UnsafeMutableBufferPointer(rebasing: mixed[radius..<radius + width])
              inside.update(repeating: 0)
              for (tap, weight) in kernel.enumerated() {
                let near = min(max(row + tap - radius, first), first + height - 1)
                add(
                  weight,
                  of: UnsafeBufferPointer(rebasing: source[near * width..<(near + 1) * width]),
                  to: inside)
              }
              mixed[..<radius].update(repeating: inside[0])
              mixed[(radius + width)...].update(repeating: inside[width - 1])
              let sum = UnsafeMutableBufferPointer(
                rebasing: target[row * width..<(row + 1) * width])
              sum.initialize(repeating: 0)
              for (tap, weight) in kernel.enumerated() {
                add(weight, of: UnsafeBufferPointer(rebasing: mixed[tap..<tap + width]), to: sum)
              }
            }
          }
        }
      }
      initialized = samples.count
    }
    return Image(
      width: width, height: height, channels: channels, encoding: encoding, samples: convolved)
  }
}

/// Adds weighted values to a sum of as many.
private func add(
  _ weight: Float, of values: UnsafeBufferPointer<Float>, to sum: UnsafeMutableBufferPointer<Float>
) {
  for index in sum.indices { sum[index] += weight * values[index] }
}
