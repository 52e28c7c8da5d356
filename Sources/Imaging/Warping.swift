import Foundation

/// A similarity or any other affine map between continuous pixel coordinates.
public struct AffineMap: Equatable, Sendable {
  /// Where (0, 0) lands.
  public let origin: SIMD2<Double>
  /// What one step to the right becomes.
  public let right: SIMD2<Double>
  /// What one step down becomes.
  public let down: SIMD2<Double>

  /// Makes a map from the images of the origin and of both steps.
  public init(origin: SIMD2<Double>, right: SIMD2<Double>, down: SIMD2<Double>) {
    self.origin = origin
    self.right = right
    self.down = down
  }

  /// The image of a point.
  public func callAsFunction(_ point: SIMD2<Double>) -> SIMD2<Double> {
    origin + right * point.x + down * point.y
  }

  /// The map back.
  ///
  /// - Precondition: the map does not flatten the plane.
  public var inverted: AffineMap {
    let determinant = right.x * down.y - right.y * down.x
    precondition(determinant != 0, "a flat map has no inverse")
    let back = SIMD2(down.y, -right.y) / determinant
    let up = SIMD2(-down.x, right.x) / determinant
    return AffineMap(
      origin: -(back * origin.x + up * origin.y), right: back, down: up)
  }
}

extension AffineMap {
  /// Source pixels along one target pixel: the square root of the area a pixel covers.
  fileprivate var step: Double { abs(right.x * down.y - right.y * down.x).squareRoot() }

  /// The same map into a part of the source that was resized.
  fileprivate func into(_ region: PixelRegion, columns: Int, rows: Int) -> AffineMap {
    let scale = SIMD2(
      Double(columns) / Double(region.width), Double(rows) / Double(region.height))
    let corner = SIMD2(Double(region.x), Double(region.y))
    return AffineMap(
      origin: (origin - corner) * scale, right: right * scale, down: down * scale)
  }
}

extension Image {
  /// The picture seen through an affine map, Catmull–Rom interpolated, mirrored at its borders.
  ///
  /// The map takes coordinates of the result to coordinates of this image. Where it shrinks, the
  /// picture is first brought to the result's scale, which leaves nothing to alias.
  ///
  /// - Precondition: the image and the result are not empty.
  public func warped(width newWidth: Int, height newHeight: Int, by map: AffineMap) -> Image {
    precondition(width > 0 && height > 0 && newWidth > 0 && newHeight > 0, "nothing to warp")
    if map.step < 1.02 { return interpolated(width: newWidth, height: newHeight, by: map) }
    let corners = [(0, 0), (newWidth, 0), (0, newHeight), (newWidth, newHeight)].map {
      map(SIMD2(Double($0.0), Double($0.1)))
    }
    // Interpolation reaches two pixels beyond a sample.
    let region = region(around: corners, margin: 3 * map.step)
    let source = resized(
      region: region,
      width: max(1, Int((Double(region.width) / map.step).rounded())),
      height: max(1, Int((Double(region.height) / map.step).rounded())), filter: .bicubic)
    return source.interpolated(
      width: newWidth, height: newHeight,
      by: map.into(region, columns: source.width, rows: source.height))
  }

  /// The whole pixels around some points, cut to the image and never empty.
  public func region(around points: [SIMD2<Double>], margin: Double) -> PixelRegion {
    func span(_ values: [Double], _ limit: Int) -> (start: Int, count: Int) {
      let low = (values.min() ?? 0) - margin
      let high = (values.max() ?? 0) + margin
      let start = Int(min(max(low.rounded(.down), 0), Double(limit - 1)))
      let end = Int(min(max(high.rounded(.up), Double(start + 1)), Double(limit)))
      return (start, end - start)
    }
    let columns = span(points.map(\.x), width)
    let rows = span(points.map(\.y), height)
    return PixelRegion(x: columns.start, y: rows.start, width: columns.count, height: rows.count)
  }

  private func interpolated(
    width newWidth: Int, height newHeight: Int, by map: AffineMap
  ) -> Image {
    let (width, height, channels, planeCount) = (width, height, channels, pixelCount)
    let newPlaneCount = newWidth * newHeight
    let samples = self.samples
    let warped = [Float](unsafeUninitializedCapacity: channels * newPlaneCount) {
      target, initialized in
      nonisolated(unsafe) let target = target
      Parallel.forEachBatch(count: newHeight) { batch in
        samples.withUnsafeBytes { source in
          for y in batch {
            for x in 0..<newWidth {
              let point = map(SIMD2(Double(x) + 0.5, Double(y) + 0.5))
              let columns = CubicTaps(at: point.x, count: width)
              let rows = CubicTaps(at: point.y, count: height)
              for channel in 0..<channels {
                target[channel &* newPlaneCount &+ y &* newWidth &+ x] =
                  CubicTaps.products(
                    source, plane: channel &* planeCount, columns: columns, rows: rows
                  ).sum()
              }
            }
          }
        }
      }
      initialized = channels * newPlaneCount
    }
    return Image(
      width: newWidth, height: newHeight, channels: channels, encoding: encoding, samples: warped)
  }
}

/// The four samples of one axis that an interpolated value is made of.
private struct CubicTaps {
  private let first: Int
  private let count: Int
  private let weights: SIMD4<Float>

  @inline(__always)
  init(at position: Double, count: Int) {
    // Rounding down by way of a positive integer: a call to `floor` would cost more than all the
    // rest. Places beyond the limit only matter by their phase.
    let limit = 1_000_000.0
    let shifted = min(max(position - 0.5, -limit), limit) + limit
    let base = Int(shifted)
    let t = Float(shifted - Double(base))
    // Catmull and Rom (1974), tension 0.5: one cubic per tap.
    weights =
      ((SIMD4(-0.5, 1.5, -1.5, 0.5) * t + SIMD4(1, -2.5, 2, -0.5)) * t + SIMD4(-0.5, 0, 0.5, 0))
      * t + SIMD4(0, 1, 0, 0)
    first = base &- Int(limit) &- 1
    self.count = count
  }

  private var isInside: Bool { first >= 0 && first &+ 3 < count }

  /// The place of a tap after mirroring at the outer edge of the border's pixels.
  private func index(_ tap: Int) -> Int {
    let period = 2 * count
    let phase = (((first + tap) % period) + period) % period
    return phase < count ? phase : period - 1 - phase
  }

  /// What each of the four columns adds to the value.
  @inline(__always)
  static func products(
    _ source: UnsafeRawBufferPointer, plane: Int, columns: CubicTaps, rows: CubicTaps
  ) -> SIMD4<Float> {
    guard columns.isInside && rows.isInside else {
      return mirroredProducts(source, plane: plane, columns: columns, rows: rows)
    }
    // Four neighbours load as one vector; this is where nearly every pixel goes.
    let stride = columns.count &* MemoryLayout<Float>.stride
    let corner =
      (plane &+ rows.first &* columns.count &+ columns.first) &* MemoryLayout<Float>.stride
    func neighbours(_ row: Int) -> SIMD4<Float> {
      source.loadUnaligned(fromByteOffset: corner &+ row &* stride, as: SIMD4<Float>.self)
    }
    let mixed =
      rows.weights.x * neighbours(0) + rows.weights.y * neighbours(1)
      + rows.weights.z * neighbours(2) + rows.weights.w * neighbours(3)
    return mixed * columns.weights
  }

  @inline(never)
  private static func mirroredProducts(
    _ source: UnsafeRawBufferPointer, plane: Int, columns: CubicTaps, rows: CubicTaps
  ) -> SIMD4<Float> {
    let source = source.assumingMemoryBound(to: Float.self)
    var mixed = SIMD4<Float>.zero
    for row in 0..<4 {
      let start = plane + rows.index(row) * columns.count
      for column in 0..<4 {
        mixed[column] += rows.weights[row] * source[start + columns.index(column)]
      }
    }
    return mixed * columns.weights
  }
}
