import Imaging

/// What relighting did to a crop, in linear light, to be read at photograph pixels.
struct LightChange: Sendable {
  /// Share of the side over which the change fades out towards the border.
  private static let border: Float = 0.05
  /// Keeps the ratio of relit to old light finite in black pixels.
  private static let epsilon: Float = 0.01
  private static let greatestGain: Float = 4
  /// Difference of level from which on pixels count as unlike.
  private static let contrast: Float = 0.05

  private let map: AffineMap
  private let width: Int
  private let height: Int
  private let cells: [Cell]
  /// Whether anything changed within reach of a cell.
  private let isNearChange: [Bool]
  /// Cells on either side that a pixel may take its change from.
  private let reach: Int

  private struct Cell: Sendable {
    var original: SIMD3<Float>
    var difference: SIMD3<Float>
    /// Ratio minus 1: zero where nothing changed.
    var gain: SIMD3<Float>
    /// Square root of luminance, in which pixels are compared.
    var level: Float
  }

  init(relit: Image, original: Image, photographToCrop: AffineMap) {
    // A crop larger than its place in the photograph is shrunk first, or it would alias.
    let step = (photographToCrop.right * photographToCrop.right).sum().squareRoot()
    let shrink = max(step, 1)
    let width = max(Int((Double(relit.width) / shrink).rounded()), 2)
    let height = max(Int((Double(relit.height) / shrink).rounded()), 2)
    let scale = SIMD2(
      Double(width) / Double(relit.width), Double(height) / Double(relit.height))
    map = AffineMap(
      origin: photographToCrop.origin * scale, right: photographToCrop.right * scale,
      down: photographToCrop.down * scale)
    let new = relit.converted(to: .linear).resized(width: width, height: height)
    let old = original.converted(to: .linear).resized(width: width, height: height)
    let count = new.pixelCount
    let cells = Parallel.map(count: count) { index in
      let (new, old) = (new.color(index), old.color(index))
      return Cell(
        original: old, difference: new - old, gain: Self.gain(from: old, to: new),
        level: Self.level(old))
    }
    // Only a photograph finer than the crop has edges that lie between the crop's pixels.
    let reach = step < 0.75 ? 2 : 1
    self.cells = cells
    self.reach = reach
    self.width = width
    self.height = height
    isNearChange = Self.spread(
      cells.map { $0.difference != .zero || $0.gain != .zero }, width: width, height: height,
      reach: reach)
  }

  private static func spread(
    _ marks: [Bool], width: Int, height: Int, reach: Int
  ) -> [Bool] {
    var result = [Bool](repeating: false, count: marks.count)
    for index in marks.indices where marks[index] {
      let (x, y) = (index % width, index / width)
      for row in max(y - reach, 0)...min(y + reach, height - 1) {
        for column in max(x - reach, 0)...min(x + reach, width - 1) {
          result[row * width + column] = true
        }
      }
    }
    return result
  }

  /// The columns of a photograph's row that may lie in the crop, and a few beside them.
  func columns(row: Int, of photographWidth: Int) -> Range<Int> {
    let start = map(SIMD2(0.5, Double(row) + 0.5))
    var (first, end) = (0.0, Double(photographWidth))
    for (place, step, limit) in [
      (start.x, map.right.x, Double(width)), (start.y, map.right.y, Double(height)),
    ] {
      if step == 0 {
        if place <= 0 || place >= limit { return 0..<0 }
        continue
      }
      let (one, other) = (-place / step, (limit - place) / step)
      first = max(first, min(one, other).rounded(.down))
      end = min(end, max(one, other).rounded(.up) + 1)
    }
    return first < end ? Int(first)..<Int(end) : 0..<0
  }

  /// How much of the change a photograph's pixel takes by its place: 1 in the middle, 0 outside.
  func share(x: Int, y: Int) -> Float {
    let point = map(SIMD2(Double(x) + 0.5, Double(y) + 0.5))
    let (u, v) = (Float(point.x) / Float(width), Float(point.y) / Float(height))
    return smoothStep(min(min(u, 1 - u), min(v, 1 - v)), 0...Self.border)
  }

  /// What a photograph's pixel gains or loses; zero outside the crop and where nothing changed.
  func change(of old: SIMD3<Float>, x: Int, y: Int) -> SIMD3<Float> {
    let point = map(SIMD2(Double(x) + 0.5, Double(y) + 0.5))
    let (u, v) = (Float(point.x), Float(point.y))
    guard u > 0, v > 0, u < Float(width), v < Float(height) else { return .zero }
    guard isNearChange[Int(v) * width + Int(u)] else { return .zero }
    let level = Self.level(old)
    var sum = Cell(original: .zero, difference: .zero, gain: .zero, level: 0)
    let (column, row) = (Int((u - 0.5).rounded(.down)), Int((v - 0.5).rounded(.down)))
    for cellY in row - reach + 1...row + reach {
      let down = 1 - (v - 0.5 - Float(cellY)).magnitude / Float(reach)
      for cellX in column - reach + 1...column + reach {
        let across = 1 - (u - 0.5 - Float(cellX)).magnitude / Float(reach)
        let place =
          min(max(cellY, 0), height - 1) * width + min(max(cellX, 0), width - 1)
        let cell = cells[place]
        let distance = (cell.level - level) / Self.contrast
        let unlikeness = reach > 1 ? 1 + distance * distance : 1
        let weight = down * across / (unlikeness * unlikeness)
        sum.original += cell.original * weight
        sum.difference += cell.difference * weight
        sum.gain += cell.gain * weight
        sum.level += weight
      }
    }
    let scale = 1 / max(sum.level, 1e-12)
    let finer = old - sum.original * scale
    return (sum.difference + sum.gain * finer) * scale
  }

  /// Relit over old light, minus 1.
  static func gain(from old: SIMD3<Float>, to new: SIMD3<Float>) -> SIMD3<Float> {
    let ratio = (pointwiseMax(new, .zero) + epsilon) / (pointwiseMax(old, .zero) + epsilon)
    return pointwiseMin(ratio, SIMD3(repeating: greatestGain)) - 1
  }

  private static func level(_ color: SIMD3<Float>) -> Float {
    max(ColorTransfer.luminance(color), 0).squareRoot()
  }
}
