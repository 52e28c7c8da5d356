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

  /// Rows of a plane that one core works on at a time.
  private static let stripHeight = 64

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
      let strips = (newHeight + Self.stripHeight - 1) / Self.stripHeight
      Parallel.forEach(count: channels * strips) { index in
        let (channel, strip) = (index / strips, index % strips)
        let first = strip * Self.stripHeight
        let targets = first..<min(first + Self.stripHeight, newHeight)
        let corner = (channel * height + region.y) * width + region.x
        func targetRow(_ y: Int) -> UnsafeMutableBufferPointer<Float> {
          let start = (channel * newHeight + y) * newWidth
          return UnsafeMutableBufferPointer(rebasing: target[start..<start + newWidth])
        }
        samples.withUnsafeBufferPointer { source in
          // Taps whose shares are zero may lie beyond the last sample.
          let length = region.width + columns.taps
          withUnsafeTemporaryAllocation(of: Float.self, capacity: length) { padded in
            padded.initialize(repeating: 0)
            let row = UnsafeMutableBufferPointer(rebasing: padded[..<region.width])
            // Whole rows vectorise, columns do not: they are mixed where there are fewer rows.
            if newHeight <= region.height {
              for y in targets {
                rows.mix(rowsOf: source, from: corner, stride: width, at: y, into: row)
                columns.gather(from: UnsafeBufferPointer(padded), into: targetRow(y))
              }
              return
            }
            let needed = rows.sources(of: targets)
            withUnsafeTemporaryAllocation(
              of: Float.self, capacity: needed.count * newWidth
            ) { wide in
              for y in needed {
                let start = corner + y * width
                _ = row.update(from: source[start..<start + region.width])
                let place = (y - needed.lowerBound) * newWidth
                columns.gather(
                  from: UnsafeBufferPointer(padded),
                  into: UnsafeMutableBufferPointer(rebasing: wide[place..<place + newWidth]))
              }
              for y in targets {
                rows.mix(
                  rowsOf: UnsafeBufferPointer(wide), from: -needed.lowerBound * newWidth,
                  stride: newWidth, at: y, into: targetRow(y))
              }
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

/// For each position of one target axis, which source positions it mixes and in what shares.
private struct ResamplingWeights {
  private let starts: [Int]
  /// Shares of all targets, `taps` each; unused ones are zero.
  private let shares: [Float]
  /// A multiple of `group`.
  let taps: Int
  /// Source positions.
  private let source: Int

  /// Taps that are mixed at once.
  private static let group = 4

  init(source: Int, target: Int, filter: ResamplingFilter) {
    self.source = source
    let scale = Double(source) / Double(target)
    let kernel = Kernel(filter, isShrinking: target < source)
    let stretch = max(scale, 1)
    let radius = kernel.radius * stretch
    var rows: [(start: Int, shares: [Double])] = []
    rows.reserveCapacity(target)
    for position in 0..<target {
      let center = (Double(position) + 0.5) * scale
      var start = source - 1
      var row: [Double] = []
      for index in Int((center - radius).rounded(.down))...Int((center + radius).rounded(.down)) {
        let share = kernel.share(of: index, center: center, stretch: stretch)
        if share == 0 { continue }
        let clamped = min(max(index, 0), source - 1)
        if row.isEmpty { start = clamped }
        // A cubic is zero at whole pixels between.
        while row.count <= clamped - start { row.append(0) }
        row[clamped - start] += share
      }
      rows.append((start, row))
    }
    let most = rows.reduce(0) { max($0, $1.shares.count) }
    taps = (most + Self.group - 1) / Self.group * Self.group
    starts = rows.map(\.start)
    var shares = [Float](repeating: 0, count: target * taps)
    for (position, row) in rows.enumerated() {
      let sum = row.shares.reduce(0, +)
      for (tap, share) in row.shares.enumerated() {
        shares[position * taps + tap] = Float(share / sum)
      }
    }
    self.shares = shares
  }

  /// The source positions that some targets, which are not none, may mix.
  func sources(of targets: Range<Int>) -> Range<Int> {
    // Not in order: where a cubic is zero at whole pixels, a target starts later than the next one.
    let first = targets.reduce(source) { min($0, starts[$1]) }
    let last = targets.reduce(0) { max($0, starts[$1]) }
    return first..<min(last + taps, source)
  }

  /// Writes the mix of source rows that target row `y` is made of.
  func mix(
    rowsOf source: UnsafeBufferPointer<Float>, from corner: Int, stride: Int, at y: Int,
    into row: UnsafeMutableBufferPointer<Float>
  ) {
    for tap in 0..<taps {
      let share = shares[y * taps + tap]
      if tap > 0 && share == 0 { continue }
      let start = corner + (starts[y] + tap) * stride
      let samples = UnsafeBufferPointer(rebasing: source[start..<start + row.count])
      if tap == 0 {
        for x in row.indices { row[x] = share * samples[x] }
      } else {
        for x in row.indices { row[x] += share * samples[x] }
      }
    }
  }

  /// Writes every target column from one source row, behind which `taps` zeros follow.
  func gather(
    from row: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>
  ) {
    let row = UnsafeRawBufferPointer(row)
    shares.withUnsafeBytes { shares in
      starts.withUnsafeBufferPointer { starts in
        func four(_ samples: UnsafeRawBufferPointer, at index: Int) -> SIMD4<Float> {
          samples.loadUnaligned(
            fromByteOffset: index &* MemoryLayout<Float>.stride, as: SIMD4<Float>.self)
        }
        for x in target.indices {
          let (start, base) = (starts[x], x &* taps)
          var sum = four(shares, at: base) * four(row, at: start)
          var tap = Self.group
          while tap < taps {
            sum += four(shares, at: base &+ tap) * four(row, at: start &+ tap)
            tap &+= Self.group
          }
          target[x] = sum.sum()
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
