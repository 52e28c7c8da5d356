import CShadingKernels
import Foundation
import Imaging

/// Shadows that the relief throws on itself: nose on cheek, brow on eye, chin on neck.
package struct CastShadow: Sendable {
  let field: DepthField
  private let kernels: Kernels
  /// Depth with a margin as wide as shadows are long, out of sight, so that walks need no bounds.
  private let padded: [Float]
  private let margin: Int
  /// Horizon angles of the azimuths that were asked for, radians above the picture plane.
  private var horizons: [Int: [Float]] = [:]

  /// Azimuths in the picture plane at which horizons are kept; between two they are blended.
  static let azimuths = 48
  /// Half the least width of a penumbra, radians: the relief is not known any better.
  static let leastPenumbra: Float = 0.07
  /// Relief that rises less than this, in steps of the grid, is not taken for an obstacle.
  private static let tolerance: Float = 0.3
  /// Lamps nearer to the camera's axis than this throw no shadow that is seen.
  static let leastSideways: Float = 0.05
  /// No shadow is longer than this share of the picture.
  private static let reach: Float = 0.5

  /// Shadows of one relief.
  package init(field: DepthField, kernels: Kernels = .best) {
    self.field = field
    self.kernels = kernels
    let (width, height) = (field.width, field.height)
    margin = Int(Self.reach * Float(max(width, height))) + 2
    let stride = width + 2 * margin
    var padded = [Float](
      repeating: DepthField.backgroundDepth, count: stride * (height + 2 * margin))
    for y in 0..<height {
      let start = (y + margin) * stride + margin
      padded.replaceSubrange(
        start..<start + width, with: field.depth[y * width..<(y + 1) * width])
    }
    self.padded = padded
  }

  /// How much of a light every point of the relief's grid sees, 0...1.
  ///
  /// A horizon map (Max 1988), filled as lights come by: the first light from a side walks over the
  /// relief, later ones only compare their elevation with what was found.
  package mutating func visibility(of source: LightSource) -> [Float] {
    if let lamp = source.lamp { return visibility(of: lamp) }
    let direction = source.direction
    let sideways = (direction.x * direction.x + direction.y * direction.y).squareRoot()
    // Within a few degrees of the camera's axis whatever is seen is lit.
    guard sideways > Self.leastSideways else {
      return [Float](repeating: 1, count: field.depth.count)
    }
    let position = Self.azimuth(of: direction)
    let first = Int(position)
    let share = position - Float(first)
    let (near, far) = (horizon(azimuth: first), horizon(azimuth: first + 1))
    let elevation = atan2(direction.z, sideways)
    let penumbra = max(source.radius, Self.leastPenumbra)
    return perPoint { index in
      let angle = near[index] + (far[index] - near[index]) * share
      return Self.seen(elevation: elevation, horizon: angle, penumbra: penumbra)
    }
  }

  /// The same for a lamp that each point sees elsewhere.
  private mutating func visibility(of lamp: LightSource.Lamp) -> [Float] {
    let views = perPoint { [field] index in lamp.view(from: field.position(index)) }
    let isWanted = views.reduce(into: [Bool](repeating: false, count: Self.azimuths)) {
      let first = Int(Self.azimuth(of: $1.direction))
      $0[first % Self.azimuths] = true
      $0[(first + 1) % Self.azimuths] = true
    }
    for azimuth in isWanted.indices where isWanted[azimuth] { _ = horizon(azimuth: azimuth) }
    let known = (0..<Self.azimuths).map { horizons[$0] ?? [] }
    return perPoint { index in
      let direction = views[index].direction
      let sideways = (direction.x * direction.x + direction.y * direction.y).squareRoot()
      guard sideways > Self.leastSideways else { return 1 }
      let position = Self.azimuth(of: direction)
      let first = Int(position)
      let (near, far) = (
        known[first % Self.azimuths][index], known[(first + 1) % Self.azimuths][index]
      )
      // The lamp's extent in the plane in which it sets.
      let upright = SIMD3(
        -direction.z * direction.x / sideways, -direction.z * direction.y / sideways, sideways)
      return Self.seen(
        elevation: atan2(direction.z, sideways),
        horizon: near + (far - near) * (position - Float(first)),
        penumbra: max(lamp.radius(along: upright) * views[index].growth, Self.leastPenumbra))
    }
  }

  /// Share of a lamp above the horizon.
  @inline(__always)
  private static func seen(elevation: Float, horizon: Float, penumbra: Float) -> Float {
    let share = min(max((elevation + penumbra - horizon) / (2 * penumbra), 0), 1)
    return share * share * (3 - 2 * share)
  }

  /// The place of a direction among the kept azimuths, 0 and more.
  private static func azimuth(of direction: SIMD3<Float>) -> Float {
    (atan2(-direction.y, direction.x) / (2 * .pi) + 1) * Float(azimuths)
  }

  private func perPoint<Value: Sendable>(
    _ value: @Sendable (_ index: Int) -> Value
  ) -> [Value] {
    Parallel.map(count: field.depth.count, value)
  }

  /// The horizon at one of the kept azimuths, radians above the picture plane, at every point of the grid.
  ///
  /// Azimuths run clockwise in the picture from the right.
  mutating func horizon(azimuth: Int) -> [Float] {
    let index = azimuth % Self.azimuths
    if let known = horizons[index] { return known }
    let (width, height) = (field.width, field.height)
    let angles = angles(azimuth: index)
    // The background has no relief that could hide a light from it.
    var result = field.representative.map { $0 < 0 ? -.pi / 2 : angles[Int($0)] }
    GaussianBlur(sigma: 0.8, kernels: kernels).apply(to: &result, width: width, height: height)
    horizons[index] = result
    return result
  }

  /// The angle of the highest obstacle on the way to the light, for every point of the grid.
  private func angles(azimuth: Int) -> [Float] {
    let (width, height, margin) = (field.width, field.height, margin)
    let stride = width + 2 * margin
    let strides = strides(azimuth: azimuth, stride: stride)
    return [Float](unsafeUninitializedCapacity: width * height) { angles, initialized in
      padded.withUnsafeBufferPointer { padded in
        guard let padded = padded.baseAddress, let angles = angles.baseAddress else { return }
        // Each row is written by one thread alone.
        nonisolated(unsafe) let (start, target) = (padded + margin * stride + margin, angles)
        Parallel.forEachBatch(count: height) { rows in
          for y in rows {
            kernels.loops.horizon_row(
              start + y * stride, stride, strides, strides.count,
              Self.tolerance, width, target + y * width)
          }
        }
      }
      initialized = width * height
    }
  }

  /// The walk towards a light at an azimuth: the same from every point.
  private func strides(azimuth: Int, stride: Int) -> [shading_stride] {
    let angle = 2 * Float.pi * Float(azimuth) / Float(Self.azimuths)
    let step = SIMD2(cos(angle), sin(angle))
    let limit = Self.reach * Float(max(field.width, field.height))
    var strides: [shading_stride] = []
    var distance: Float = 1.5
    while distance < limit {
      let place = step * distance
      let corner = place.rounded(.down)
      let fraction = place - corner
      strides.append(
        shading_stride(
          corner: Int(corner.y) * stride + Int(corner.x), fraction_x: fraction.x,
          fraction_y: fraction.y, reciprocal: 1 / distance))
      // Far obstacles are large and smooth: longer strides find them as well.
      distance += 1 + 0.08 * distance
    }
    return strides
  }

  /// How to read a visibility at the pixels of a picture.
  package struct Lookup: Sendable {
    private let grid: CoarseGrid
    private let columns: Int
    private let center: SIMD3<Float>
    private let heads: Float

    fileprivate init(field: DepthField, width: Int, height: Int, kernels: Kernels) {
      grid = CoarseGrid(
        width: field.width, height: field.height, picture: (width, height), kernels: kernels)
      columns = width
      center = SIMD3(Float(field.width) / 2, Float(field.height) / 2, field.middle)
      heads = field.scale
    }

    /// Points of a visibility.
    var count: Int { grid.count }

    /// The visibility of a light that nothing hides.
    var fullVisibility: [Float] { [Float](repeating: 1, count: count) }

    /// Fills a strip from the relief's grid; where no pixel was gathered the light is seen.
    func fill(
      _ target: UnsafeMutablePointer<Float>, runs: Slice<UnsafeBufferPointer<PixelRuns.Run>>,
      from plane: UnsafePointer<Float>
    ) {
      var filled = 0
      for run in runs {
        grid.read(
          plane, x: run.pixel % columns, y: run.pixel / columns, count: run.count,
          into: target + run.place)
        filled = run.place + run.count
      }
      (target + filled).update(repeating: 1, count: Strips.width - filled)
    }

    /// Fills three lanes with where a strip's pixels lie relative to the middle of the face, in heads.
    func positions(
      _ target: UnsafeMutablePointer<Float>, runs: Slice<UnsafeBufferPointer<PixelRuns.Run>>,
      depth: UnsafePointer<Float>
    ) {
      let last = 2 * Strips.width
      target.update(repeating: 0, count: 3 * Strips.width)
      fill(target + last, runs: runs, from: depth)
      for run in runs {
        let (x, y) = (run.pixel % columns, run.pixel / columns)
        for offset in 0..<run.count {
          let index = run.place + offset
          let place = grid.place(x: x + offset, y: y)
          target[index] = (place.x - center.x) * heads
          target[Strips.width + index] = (center.y - place.y) * heads
          // Beside the background depth is not known: there it is that of the middle.
          let rise = target[last + index] - center.z
          target[last + index] = abs(rise) < Float(grid.width) ? rise * heads : 0
        }
      }
    }
  }

  /// Opens the relief's depth for reading.
  func withDepth(_ body: (UnsafePointer<Float>) -> Void) {
    field.depth.withUnsafeBufferPointer { depth in depth.baseAddress.map(body) }
  }

  /// Reads visibilities for a picture of some size.
  package func lookup(width: Int, height: Int) -> Lookup {
    Lookup(field: field, width: width, height: height, kernels: kernels)
  }
}
