/// How a stored picture must be turned to stand upright, numbered as EXIF does.
enum Orientation: Int, Sendable {
  case upright = 1
  case mirrored, upsideDown, flipped, transposed, turnedRight, transversed, turnedLeft

  /// Whether turning swaps width and height.
  var swapsSides: Bool { rawValue >= 5 }
}

extension Image {
  /// The picture turned upright from how it was stored.
  func turned(_ orientation: Orientation) -> Image {
    guard orientation != .upright else { return self }
    let newWidth = orientation.swapsSides ? height : width
    let newHeight = orientation.swapsSides ? width : height
    let path = sourcePath(orientation)
    let count = samples.count
    let turned = [Float](unsafeUninitializedCapacity: count) { target, initialized in
      samples.withUnsafeBufferPointer { source in
        var position = 0
        for channel in 0..<channels {
          for y in 0..<newHeight {
            var from = channel * pixelCount + path.start + y * path.rowStep
            for _ in 0..<newWidth {
              target[position] = source[from]
              position += 1
              from += path.columnStep
            }
          }
        }
      }
      initialized = count
    }
    return Image(
      width: newWidth, height: newHeight, channels: channels, encoding: encoding, samples: turned)
  }

  /// Where the upright picture's first pixel is stored, and how far its next column and row are.
  private func sourcePath(
    _ orientation: Orientation
  ) -> (start: Int, columnStep: Int, rowStep: Int) {
    let right = width - 1
    let bottom = (height - 1) * width
    switch orientation {
    case .upright: return (0, 1, width)
    case .mirrored: return (right, -1, width)
    case .upsideDown: return (bottom + right, -1, -width)
    case .flipped: return (bottom, 1, -width)
    case .transposed: return (0, width, 1)
    case .turnedRight: return (bottom, -width, 1)
    case .transversed: return (bottom + right, -width, -1)
    case .turnedLeft: return (right, width, -1)
    }
  }
}
