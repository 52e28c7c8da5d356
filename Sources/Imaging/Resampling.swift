import Foundation

/// How an image is resampled to another extent.
public enum ResamplingFilter: Sendable {
  /// The exact mean over each target pixel's footprint; nearest when enlarging.
  case area
  /// A triangle, widened when shrinking.
  case bilinear
  /// Catmull–Rom's cubic, widened when shrinking.
  case bicubic
  /// Lanczos with three lobes, widened when shrinking.
  case lanczos
  /// Per axis: `area` when shrinking, `bicubic` when enlarging.
  case automatic
}

/// A rectangle of whole pixels.
public struct PixelRegion: Equatable, Sendable {
  /// The first column.
  public let x: Int
  /// The first row.
  public let y: Int
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int

  /// Makes a rectangle.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

extension Image {
  /// The picture at another extent; values at the border are clamped outwards.
  ///
  /// Filters run on the samples as they are encoded. Cubic and Lanczos filters may overshoot.
  ///
  /// - Precondition: both extents are positive.
  public func resized(
    width newWidth: Int, height newHeight: Int, filter: ResamplingFilter = .automatic
  ) -> Image {
    if newWidth == width && newHeight == height { return self }
    return resized(
      region: PixelRegion(x: 0, y: 0, width: width, height: height), width: newWidth,
      height: newHeight, filter: filter)
  }

  /// A part of the picture at another extent, without a copy of the part.
  ///
  /// - Precondition: the region lies inside the image and is not empty, both extents are positive.
  public func resized(
    region: PixelRegion, width newWidth: Int, height newHeight: Int,
    filter: ResamplingFilter = .automatic
  ) -> Image {
    precondition(newWidth > 0 && newHeight > 0, "cannot resize to \(newWidth)×\(newHeight)")
    check(region)
    let columns = ResamplingWeights(source: region.width, target: newWidth, filter: filter)
    let rows = ResamplingWeights(source: region.height, target: newHeight, filter: filter)
    let count = channels * newWidth * newHeight
    let samples = self.samples
    let resized = [Float](unsafeUninitializedCapacity: count) { target, initialized in
      nonisolated(unsafe) let target = target
      Strip.forEach(ofRows: newHeight, channels: channels) { channel, strip in
        samples.withUnsafeBufferPointer { source in
          withUnsafeTemporaryAllocation(of: Float.self, capacity: region.width) { row in
            let corner = (channel * height + region.y) * width + region.x
            for y in strip {
              // Rows first: whole rows vectorise, and shrinking leaves less work for the columns.
              rows.mix(rowsOf: source, from: corner, stride: width, at: y, into: row)
              let start = (channel * newHeight + y) * newWidth
              columns.gather(
                from: UnsafeBufferPointer(row),
                into: UnsafeMutableBufferPointer(rebasing: target[start..<start + newWidth]))
            }
          }
        }
      }
      initialized = count
    }
    return Image(
      width: newWidth, height: newHeight, channels: channels, encoding: encoding, samples: resized)
  }

  /// The part of the picture inside a rectangle.
  ///
  /// - Precondition: the rectangle lies inside the image and is not empty.
  public func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) -> Image {
    check(PixelRegion(x: x, y: y, width: newWidth, height: newHeight))
    if newWidth == width && newHeight == height { return self }
    let count = channels * newWidth * newHeight
    let cropped = [Float](unsafeUninitializedCapacity: count) { target, initialized in
      samples.withUnsafeBufferPointer { source in
        var position = 0
        for channel in 0..<channels {
          for row in y..<y + newHeight {
            let start = (channel * height + row) * width + x
            for column in 0..<newWidth {
              target[position + column] = source[start + column]
            }
            position += newWidth
          }
        }
      }
      initialized = count
    }
    return Image(
      width: newWidth, height: newHeight, channels: channels, encoding: encoding, samples: cropped)
  }

  /// Puts another image over this one, clipped to its extent.
  ///
  /// - Precondition: both images have the same channels.
  public mutating func paste(_ other: Image, x: Int, y: Int) {
    precondition(other.channels == channels, "cannot paste \(other.channels) into \(channels)")
    let columns = max(0, -x)..<max(max(0, -x), min(other.width, width - x))
    let rows = max(0, -y)..<max(max(0, -y), min(other.height, height - y))
    for channel in 0..<channels {
      for row in rows {
        let source = (channel * other.height + row) * other.width
        let target = (channel * height + row + y) * width + x
        for column in columns {
          samples[target + column] = other.samples[source + column]
        }
      }
    }
  }
}

extension Image {
  fileprivate func check(_ region: PixelRegion) {
    precondition(
      region.x >= 0 && region.y >= 0 && region.width > 0 && region.height > 0
        && region.x + region.width <= width && region.y + region.height <= height,
      "\(region) lies outside \(width)×\(height)")
  }
}

/// Rows of a plane that one core works on at a time.
private enum Strip {
  private static let height = 64

  /// Works on all strips of all planes on all cores.
  static func forEach(
    ofRows rows: Int, channels: Int, _ body: @Sendable (_ channel: Int, _ rows: Range<Int>) -> Void
  ) {
    let strips = (rows + height - 1) / height
    DispatchQueue.concurrentPerform(iterations: channels * strips) { index in
      let start = index % strips * height
      body(index / strips, start..<min(start + height, rows))
    }
  }
}

/// For each position of one target axis, which source positions it mixes and in what shares.
private struct ResamplingWeights {
  private let starts: [Int]
  /// Shares of all targets, `taps` each; unused ones are zero.
  private let shares: [Float]
  private let taps: Int

  init(source: Int, target: Int, filter: ResamplingFilter) {
    let scale = Double(source) / Double(target)
    let kernel = Kernel(filter, isShrinking: target < source)
    let stretch = max(scale, 1)
    let radius = kernel.radius * stretch
    taps = min(source, Int((2 * radius).rounded(.up)) + 1)
    var starts: [Int] = []
    var shares: [Float] = []
    starts.reserveCapacity(target)
    shares.reserveCapacity(target * taps)
    for position in 0..<target {
      let center = (Double(position) + 0.5) * scale
      let first = Int((center - radius).rounded(.down))
      let start = min(max(first, 0), source - taps)
      var row = [Double](repeating: 0, count: taps)
      for index in first...Int((center + radius).rounded(.down)) {
        let share = kernel.share(of: index, center: center, stretch: stretch)
        let clamped = min(max(index, 0), source - 1)
        if share != 0 { row[min(max(clamped - start, 0), taps - 1)] += share }
      }
      let sum = row.reduce(0, +)
      starts.append(start)
      shares.append(contentsOf: row.map { Float($0 / sum) })
    }
    self.starts = starts
    self.shares = shares
  }

  /// Writes the mix of source rows that target row `y` is made of.
  func mix(
    rowsOf source: UnsafeBufferPointer<Float>, from corner: Int, stride: Int, at y: Int,
    into row: UnsafeMutableBufferPointer<Float>
  ) {
    let start = corner + starts[y] * stride
    let first = shares[y * taps]
    for x in row.indices {
      row[x] = first * source[start + x]
    }
    for tap in 1..<max(taps, 1) {
      let share = shares[y * taps + tap]
      if share == 0 { continue }
      let offset = start + tap * stride
      for x in row.indices {
        row[x] += share * source[offset + x]
      }
    }
  }

  /// Writes every target column from one source row.
  func gather(
    from row: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>
  ) {
    shares.withUnsafeBufferPointer { shares in
      starts.withUnsafeBufferPointer { starts in
        for x in target.indices {
          let start = starts[x]
          let base = x * taps
          var sum: Float = 0
          for tap in 0..<taps {
            sum += shares[base + tap] * row[start + tap]
          }
          target[x] = sum
        }
      }
    }
  }
}

/// A reconstruction filter in units of the coarser grid.
private enum Kernel {
  case box, triangle, catmullRom, lanczos3

  init(_ filter: ResamplingFilter, isShrinking: Bool) {
    switch filter {
    case .area: self = .box
    case .bilinear: self = .triangle
    case .bicubic: self = .catmullRom
    case .lanczos: self = .lanczos3
    case .automatic: self = isShrinking ? .box : .catmullRom
    }
  }

  var radius: Double {
    switch self {
    case .box: 0.5
    case .triangle: 1
    case .catmullRom: 2
    case .lanczos3: 3
    }
  }

  /// The unnormalised share of the source pixel `index` in a target pixel centred at `center`.
  func share(of index: Int, center: Double, stretch: Double) -> Double {
    if self == .box {
      // The overlap of the pixel with the footprint, so that partly covered pixels count in part.
      if stretch == 1 { return Int(center.rounded(.down)) == index ? 1 : 0 }
      let low = max(Double(index), center - stretch / 2)
      let high = min(Double(index) + 1, center + stretch / 2)
      return max(0, high - low)
    }
    let distance = abs((Double(index) + 0.5 - center) / stretch)
    guard distance < radius else { return 0 }
    switch self {
    case .box, .triangle:
      return 1 - distance
    case .catmullRom:
      return distance < 1
        ? (1.5 * distance - 2.5) * distance * distance + 1
        : ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    case .lanczos3:
      guard distance > 1e-9 else { return 1 }
      let angle = Double.pi * distance
      return 3 * sin(angle) * sin(angle / 3) / (angle * angle)
    }
  }
}
