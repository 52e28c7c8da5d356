import Imaging

/// A colour of a palette, as the terminal shows it.
struct PaletteColor: Equatable, Sendable {
  let red: UInt8
  let green: UInt8
  let blue: UInt8

  func squaredDistance(toRed red: Int, green: Int, blue: Int) -> Int {
    let deltaRed = Int(self.red) &- red
    let deltaGreen = Int(self.green) &- green
    let deltaBlue = Int(self.blue) &- blue
    return deltaRed &* deltaRed &+ deltaGreen &* deltaGreen &+ deltaBlue &* deltaBlue
  }
}

/// Chooses the colours that show a picture best, by variance-minimising cuts.
///
/// The histogram has 5 bits per channel. The box with the largest weighted variance is cut at its
/// mean, along the axis where it is widest, until there are enough boxes (in the manner of Wu,
/// "Efficient statistical computations for optimal color quantization", 1991). Values stay behind
/// the sRGB curve, which spaces them evenly for the eye; the weights are the eye's for red, green
/// and blue, softened so that blue is not starved.
struct PaletteQuantizer {
  private var bins = [Bin](repeating: Bin(), count: 1 << 15)
  private var occupied: [Int32] = []
  private var entries: [Entry] = []

  /// Sums over the pixels of one histogram cell.
  private struct Bin {
    var count: Int32 = 0
    var red: Int32 = 0
    var green: Int32 = 0
    var blue: Int32 = 0
  }

  /// The mean colour of one occupied cell.
  private struct Entry {
    let weight: Float
    let color: SIMD3<Float>
  }

  /// A range of `entries` that becomes one colour.
  private struct Box {
    let range: Range<Int>
    let mean: SIMD3<Float>
    let cutAxis: Int
    /// Weighted sum of squared distances from the mean: what a cut can win.
    let error: Float
  }

  private static let axisWeights = SIMD3<Float>(0.7, 1.0, 0.5)

  /// At most this many colours for the picture, fewer when it has fewer.
  ///
  /// - Parameters:
  ///   - image: the picture.
  ///   - maximumColors: how many there may be, 1 or more.
  ///   - before: a picture of the same size; where the two are equal no colour is needed.
  /// - Returns: the colours.
  mutating func palette(
    for image: DisplayImage, maximumColors: Int, differingFrom before: DisplayImage? = nil
  ) -> [PaletteColor] {
    gather(image, differingFrom: before)
    var boxes = [makeBox(0..<entries.count)]
    while boxes.count < maximumColors {
      guard let widest = boxes.indices.max(by: { boxes[$0].error < boxes[$1].error }),
        boxes[widest].error > 0
      else { break }
      let middle = cut(boxes[widest])
      let range = boxes[widest].range
      boxes[widest] = makeBox(range.lowerBound..<middle)
      boxes.append(makeBox(middle..<range.upperBound))
    }
    return boxes.map { Self.registerColor($0.mean) }
  }

  /// Sixel registers take per cent: the palette holds what comes out of them.
  private static func registerColor(_ mean: SIMD3<Float>) -> PaletteColor {
    func rounded(_ value: Float) -> UInt8 {
      let percent = Int(value * 100 / 255 + 0.5)
      return UInt8((percent * 255 + 50) / 100)
    }
    return PaletteColor(red: rounded(mean.x), green: rounded(mean.y), blue: rounded(mean.z))
  }

  /// Fills the histogram from a grid of about 2¹⁶ pixels; more change no palette visibly.
  private mutating func gather(_ image: DisplayImage, differingFrom before: DisplayImage?) {
    for index in occupied { bins[Int(index)] = Bin() }
    occupied.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    let pixelCount = image.width * image.height
    // An odd stride visits every column over the rows, also where the width is even.
    let stride = max(1, pixelCount >> 16) | 1
    image.bytes.withUnsafeBufferPointer { bytes in
      bins.withUnsafeMutableBufferPointer { bins in
        for pixel in Swift.stride(from: 0, to: pixelCount, by: stride) {
          if let before, before.hasSame(image, at: pixel) { continue }
          let red = bytes[3 &* pixel]
          let green = bytes[3 &* pixel &+ 1]
          let blue = bytes[3 &* pixel &+ 2]
          let index = Int(red >> 3) << 10 | Int(green >> 3) << 5 | Int(blue >> 3)
          if bins[index].count == 0 { occupied.append(Int32(index)) }
          bins[index].count &+= 1
          bins[index].red &+= Int32(red)
          bins[index].green &+= Int32(green)
          bins[index].blue &+= Int32(blue)
        }
      }
    }
    for index in occupied {
      let bin = bins[Int(index)]
      let weight = Float(bin.count)
      let sum = SIMD3(Float(bin.red), Float(bin.green), Float(bin.blue))
      entries.append(Entry(weight: weight, color: sum / weight))
    }
  }

  private func makeBox(_ range: Range<Int>) -> Box {
    var weight: Float = 0
    var sum = SIMD3<Float>.zero
    var squares = SIMD3<Float>.zero
    for entry in entries[range] {
      weight += entry.weight
      sum += entry.color * entry.weight
      squares += entry.color * entry.color * entry.weight
    }
    guard weight > 0 else { return Box(range: range, mean: .zero, cutAxis: 0, error: 0) }
    let mean = sum / weight
    let spread = (squares - sum * mean) * Self.axisWeights
    var axis = spread.y >= spread.x ? 1 : 0
    if spread.z > spread[axis] { axis = 2 }
    // One colour cannot be cut, whatever rounding leaves of its variance.
    let error = range.count > 1 ? max(spread.sum(), 0) : 0
    return Box(range: range, mean: mean, cutAxis: axis, error: error)
  }

  /// Moves what lies below the mean to the front and returns where the rest begins.
  private mutating func cut(_ box: Box) -> Int {
    let threshold = box.mean[box.cutAxis]
    let axis = box.cutAxis
    let middle = entries[box.range].partition { $0.color[axis] > threshold }
    // Rounding of the mean can leave one side empty.
    return min(max(middle, box.range.lowerBound + 1), box.range.upperBound - 1)
  }
}
