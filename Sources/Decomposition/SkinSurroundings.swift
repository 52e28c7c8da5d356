import Imaging

/// What is around each place of a picture's skin, in linear light; smooth, and therefore of few pixels.
struct SkinSurroundings {
  /// Averages around eight places, weighted by skin.
  struct Places {
    /// The albedo of the neighbourhood.
    let skinColor: ColorLanes
    /// What reached the neighbourhood, relative to a white surface's colour.
    let light: ColorLanes
    /// The same of the few pixels that the grain of a highlight takes.
    let nearLight: ColorLanes
    /// The share of highlights in their luminance.
    let highlight: Lanes
  }

  /// The values of `Places`, 10 channels.
  let planes: Image
  /// Mean luminance of what reached the skin, relative to a white surface's.
  let meanLight: Float

  /// The same with as many columns as a picture has, so that each of its rows lies between two of these.
  ///
  /// - Parameter picture: The extent of the picture that is asked about.
  /// - Returns: The same rows, bilinear between the columns.
  func widened(to picture: ImageExtent) -> SkinSurroundings {
    SkinSurroundings(
      planes: planes.resized(
        width: picture.width, height: planes.height, filter: .bilinear), meanLight: meanLight)
  }

  /// A row of a picture with as many columns, bilinear between the nearest two; rows beyond those count as on
  /// the border.
  struct Row {
    private let planes: Image
    private let upper: Int
    private let lower: Int
    private let share: Float

    /// - Parameters:
    ///   - surroundings: What is read.
    ///   - y: The row.
    ///   - height: The rows of the picture.
    init(_ surroundings: SkinSurroundings, y: Int, of height: Int) {
      planes = surroundings.planes
      let place = (Float(y) + 0.5) * Float(planes.height) / Float(height) - 0.5
      let inside = min(max(place, 0), Float(planes.height - 1))
      let row = Int(inside)
      share = inside - Float(row)
      upper = row * planes.width
      lower = min(row + 1, planes.height - 1) * planes.width
    }

    /// What is around `count` pixels from a column on.
    subscript(column: Int, count: Int) -> Places {
      func lanes(_ channel: Int) -> Lanes {
        let start = channel * planes.pixelCount + column
        let above = Lanes(planes.samples, at: start + upper, count: count)
        let below = Lanes(planes.samples, at: start + lower, count: count)
        return above + share * (below - above)
      }
      func color(_ channel: Int) -> ColorLanes {
        ColorLanes(lanes(channel), lanes(channel + 1), lanes(channel + 2))
      }
      return Places(
        skinColor: color(0), light: color(3), nearLight: color(6), highlight: lanes(9))
    }
  }
}
