import Imaging

/// Writes some rows of a picture as bands, with buffers of its own.
struct SixelPart {
  /// Palette indices of the rows at the size on the screen.
  private var stretched: [UInt8] = []
  private var writer = SixelBandWriter()

  /// The bands of some rows of a picture that is stretched to a size.
  ///
  /// - Parameters:
  ///   - image: the picture.
  ///   - size: its size on the screen.
  ///   - rows: rows on the screen, the first of which is a band's first.
  /// - Returns: sixels.
  mutating func encode(
    _ image: IndexedImage, stretchedTo size: ImageExtent, rows: Range<Int>
  ) -> [UInt8] {
    let isFirst = rows.lowerBound == 0
    if image.width == size.width && image.height == size.height {
      return writer.encode(
        indices: image.indices, width: size.width, rows: rows, isFirst: isFirst)
    }
    stretch(image, to: size, rows: rows)
    return writer.encode(
      indices: stretched, width: size.width, rows: 0..<rows.count, isFirst: isFirst)
  }

  /// Repeats pixels and rows.
  private mutating func stretch(_ image: IndexedImage, to size: ImageExtent, rows: Range<Int>) {
    let count = size.width * rows.count
    if stretched.count != count { stretched = Array(repeating: 0, count: count) }
    let columns = (0..<size.width).map { $0 * image.width / size.width }
    image.indices.withUnsafeBufferPointer { indices in
      stretched.withUnsafeMutableBufferPointer { stretched in
        for (row, y) in rows.enumerated() {
          let source = image.width * (y * image.height / size.height)
          let target = size.width * row
          for x in 0..<size.width { stretched[target &+ x] = indices[source &+ columns[x]] }
        }
      }
    }
  }
}
