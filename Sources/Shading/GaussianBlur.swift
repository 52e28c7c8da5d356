import Foundation

/// A separable Gaussian over one plane, cut off at three sigma; the border repeats.
struct GaussianBlur: Sendable {
  private let weights: [Float]

  /// Below this sigma, in pixels, the blur changes nothing that can be seen.
  static let leastSigma: Float = 0.3

  /// A blur of some width in pixels.
  init(sigma: Float) {
    let radius = max(Int((3 * sigma).rounded(.up)), 1)
    let raw = (-radius...radius).map { exp(-Float($0 * $0) / (2 * sigma * sigma)) }
    let total = raw.reduce(0, +)
    weights = raw.map { $0 / total }
  }

  /// Blurs a plane of `width · height` samples.
  func apply(to plane: inout [Float], width: Int, height: Int) {
    let radius = weights.count / 2
    plane.withUnsafeMutableBufferPointer { samples in
      guard let base = samples.baseAddress, width > 0, height > 0 else { return }
      // Each row is written by one thread alone.
      nonisolated(unsafe) let plane = base
      Parallel.forEach(count: height) { row in
        blurRow(plane + row * width, width: width, radius: radius)
      }
      // Columns in bands, so that the rows of a band are read and written while they are cached.
      let band = 64
      Parallel.forEach(count: (width + band - 1) / band) { part in
        let columns = min(band, width - part * band)
        blurColumns(plane + part * band, columns: columns, width: width, height: height)
      }
    }
  }

  private func blurRow(_ row: UnsafeMutablePointer<Float>, width: Int, radius: Int) {
    var padded = [Float](repeating: row[0], count: width + 2 * radius)
    padded.withUnsafeMutableBufferPointer { padded in
      for x in 0..<width { padded[radius &+ x] = row[x] }
      for x in 0..<radius { padded[radius &+ width &+ x] = row[width - 1] }
      for x in 0..<width { row[x] = 0 }
      for (tap, weight) in weights.enumerated() {
        for x in 0..<width { row[x] += weight * padded[tap &+ x] }
      }
    }
  }

  private func blurColumns(
    _ origin: UnsafeMutablePointer<Float>, columns: Int, width: Int, height: Int
  ) {
    let radius = weights.count / 2
    var copy = [Float](repeating: 0, count: columns * height)
    copy.withUnsafeMutableBufferPointer { copy in
      for y in 0..<height {
        for x in 0..<columns { copy[y &* columns &+ x] = origin[y &* width &+ x] }
      }
      for y in 0..<height {
        let target = origin + y * width
        for x in 0..<columns { target[x] = 0 }
        for (tap, weight) in weights.enumerated() {
          let source = min(max(y + tap - radius, 0), height - 1) * columns
          for x in 0..<columns { target[x] += weight * copy[source &+ x] }
        }
      }
    }
  }
}
