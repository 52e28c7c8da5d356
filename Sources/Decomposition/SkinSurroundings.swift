/// What is around each place of a picture's skin, in linear light; smooth, and therefore of few pixels.
struct SkinSurroundings {
  /// Averages around one place, weighted by skin.
  struct Point {
    /// The albedo of the neighbourhood.
    var skinColor: SIMD3<Float>
    /// What reached the neighbourhood, relative to a white surface's colour.
    var light: SIMD3<Float>
    /// The same of the few pixels that the grain of a highlight takes.
    var nearLight: SIMD3<Float>
    /// The share of highlights in their luminance.
    var highlight: Float
  }

  let width: Int
  let height: Int
  /// By rows.
  let points: [Point]
  /// Mean luminance of what reached the skin, relative to a white surface's.
  let meanLight: Float

  /// Bilinear between the four nearest points; places lie between 0 and the last column and row, those
  /// beyond count as on the border.
  subscript(place: SIMD2<Float>) -> Point {
    let last = SIMD2(Float(width - 1), Float(height - 1))
    let inside = pointwiseMin(pointwiseMax(place, .zero), last)
    let (x, y) = (Int(inside.x), Int(inside.y))
    let (right, below) = (min(x + 1, width - 1), min(y + 1, height - 1))
    let (across, down) = (inside.x - Float(x), inside.y - Float(y))
    func mixed(_ a: Point, _ b: Point, _ share: Float) -> Point {
      Point(
        skinColor: a.skinColor + share * (b.skinColor - a.skinColor),
        light: a.light + share * (b.light - a.light),
        nearLight: a.nearLight + share * (b.nearLight - a.nearLight),
        highlight: a.highlight + share * (b.highlight - a.highlight))
    }
    return mixed(
      mixed(points[y * width + x], points[y * width + right], across),
      mixed(points[below * width + x], points[below * width + right], across), down)
  }
}
