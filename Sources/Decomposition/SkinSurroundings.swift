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

  /// A row of a picture of another extent, bilinear between the nearest points; places beyond those count as
  /// on the border.
  struct Row {
    private let values: [Float]
    private let width: Int
    private let step: Float

    /// - Parameters:
    ///   - surroundings: What is read.
    ///   - y: The row.
    ///   - picture: The extent that it is a row of.
    init(_ surroundings: SkinSurroundings, y: Int, of picture: ImageExtent) {
      let planes = surroundings.planes
      width = planes.width
      step = Float(width) / Float(picture.width)
      let place = (Float(y) + 0.5) * Float(planes.height) / Float(picture.height) - 0.5
      let inside = min(max(place, 0), Float(planes.height - 1))
      let (row, share) = (Int(inside), inside - Float(Int(inside)))
      let below = min(row + 1, planes.height - 1)
      var values: [Float] = []
      values.reserveCapacity(planes.channels * width)
      for channel in 0..<planes.channels {
        let start = channel * planes.pixelCount
        for x in 0..<width {
          let (upper, lower) = (
            planes.samples[start + row * width + x], planes.samples[start + below * width + x]
          )
          values.append(upper + share * (lower - upper))
        }
      }
      self.values = values
    }

    /// What is around the pixels from a column on.
    subscript(column: Int) -> Places {
      let places = (Lanes.ramp + (Float(column) + 0.5)) * step - 0.5
      let inside = places.limited(to: 0...Float(width - 1))
      let left = InlineArray<8, Int> { Int(inside[$0]) }
      var share = inside
      for lane in left.indices { share[lane] -= Float(left[lane]) }
      let (across, width) = (share, width)
      func lanes(_ channel: Int) -> Lanes {
        let first = channel &* width
        return values.withUnsafeBufferPointer { values in
          var (a, b) = (Lanes(), Lanes())
          for lane in left.indices {
            a[lane] = values[first &+ left[lane]]
            b[lane] = values[first &+ min(left[lane] &+ 1, width &- 1)]
          }
          return a + across * (b - a)
        }
      }
      func color(_ channel: Int) -> ColorLanes {
        ColorLanes(lanes(channel), lanes(channel + 1), lanes(channel + 2))
      }
      return Places(
        skinColor: color(0), light: color(3), nearLight: color(6), highlight: lanes(9))
    }
  }
}
