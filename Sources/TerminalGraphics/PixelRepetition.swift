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
}
