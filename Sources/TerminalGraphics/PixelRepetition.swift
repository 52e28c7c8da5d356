import Imaging

extension DisplayImage {
  /// The picture at another size by the nearest pixel: what stretches coarse frames cheaply.
  ///
  /// - Parameters:
  ///   - newWidth: the new width.
  ///   - newHeight: the new height.
  /// - Returns: the stretched picture.
  public func stretched(width newWidth: Int, height newHeight: Int) -> DisplayImage {
    if newWidth == width && newHeight == height { return self }
    let columns = (0..<newWidth).map { 3 * ($0 * width / newWidth) }
    let stretched = [UInt8](unsafeUninitializedCapacity: 3 * newWidth * newHeight) {
      output, initialized in
      bytes.withUnsafeBufferPointer { bytes in
        var target = 0
        for y in 0..<newHeight {
          let row = 3 * width * (y * height / newHeight)
          for column in columns {
            output[target] = bytes[row &+ column]
            output[target &+ 1] = bytes[row &+ column &+ 1]
            output[target &+ 2] = bytes[row &+ column &+ 2]
            target &+= 3
          }
        }
      }
      initialized = 3 * newWidth * newHeight
    }
    return DisplayImage(width: newWidth, height: newHeight, bytes: stretched)
  }

  /// The picture with margins right and below.
  ///
  /// - Parameters:
  ///   - newWidth: the new width, not less than the picture's.
  ///   - newHeight: the new height, not less than the picture's.
  ///   - color: red, green and blue of the margins.
  /// - Returns: the larger picture.
  func padded(width newWidth: Int, height newHeight: Int, color: [UInt8]) -> DisplayImage {
    if newWidth == width && newHeight == height { return self }
    let margin = Array(repeatElement(color, count: newWidth - width).joined())
    var padded: [UInt8] = []
    padded.reserveCapacity(3 * newWidth * newHeight)
    for y in 0..<height {
      padded += bytes[3 * width * y..<3 * width * (y + 1)]
      padded += margin
    }
    padded += repeatElement(color, count: newWidth * (newHeight - height)).joined()
    return DisplayImage(width: newWidth, height: newHeight, bytes: padded)
  }
}
