import Dispatch
import Imaging

/// Writes pictures as sixels (DEC STD 070) with an adaptive palette and an ordered dither.
///
/// The palette is kept as long as it fits, and the dither depends on a pixel's place alone, so
/// what does not change between two frames does not flicker. Parts of the picture are written on
/// several cores at once. Buffers are kept between frames.
public struct SixelEncoder {
  private let maximumColors: Int
  private var quantizer = PaletteQuantizer()
  private var palette = Palette()
  private var parts: [SixelPart]

  /// The colours in use and how well they showed the picture that they were chosen for.
  private struct Palette {
    var lookup = ColorLookup(colors: [])
    var maximumColors = 0
    var fitAtBuild = PaletteFit()
  }

  /// Makes an encoder for a terminal with this many colour registers.
  ///
  /// - Parameters:
  ///   - colorRegisters: how many there are, 2 or more.
  ///   - parts: into how many parts to cut the picture; the bytes do not depend on it.
  public init(colorRegisters: Int = 256, parts: Int = 2) {
    // One register less: terminals paint the background with one of them. Indices are bytes.
    maximumColors = min(max(colorRegisters - 1, 2), 255)
    self.parts = Array(repeating: SixelPart(), count: max(1, parts))
  }

  /// The device control string that draws the picture at the cursor.
  ///
  /// There is no graphics new line behind the last band, which would scroll the screen.
  ///
  /// - Parameters:
  ///   - image: the picture.
  ///   - size: the size on the screen that it is stretched to; its own by default.
  ///   - quality: how much care it gets.
  ///   - colors: the most colours; as many as the terminal has by default.
  /// - Returns: the control string.
  /// - Precondition: the image has pixels.
  public mutating func encode(
    _ image: DisplayImage, stretchedTo size: ImageExtent? = nil,
    quality: FrameQuality = .settled, colors: Int = 256
  ) -> [UInt8] {
    precondition(image.width > 0 && image.height > 0, "an empty picture has no sixels")
    updatePalette(
      for: image, quality: quality, colors: min(max(colors - 1, 2), maximumColors))
    let size = size ?? ImageExtent(width: image.width, height: image.height)
    let pieces = encodeParts(image, size: size, quality: quality)
    var output: [UInt8] = []
    output.reserveCapacity(pieces.reduce(8192) { $0 + $1.count })
    // P2 = 0: pixels that are not set take the background; 1 would stack frames up in terminals
    // that keep pictures as layers (hpjansson/chafa#147).
    output.append(contentsOf: "\u{1B}P0;0;0q\"1;1;\(size.width);\(size.height)".utf8)
    for (index, color) in palette.lookup.colors.enumerated() {
      let percents = [color.red, color.green, color.blue].map { "\((Int($0) * 100 + 127) / 255)" }
      output.append(contentsOf: "#\(index);2;\(percents.joined(separator: ";"))".utf8)
    }
    for piece in pieces { output.append(contentsOf: piece) }
    output.append(contentsOf: "\u{1B}\\".utf8)
    return output
  }

  /// The bands of each part.
  private mutating func encodeParts(
    _ image: DisplayImage, size: ImageExtent, quality: FrameQuality
  ) -> [[UInt8]] {
    let bands = (size.height + 5) / 6
    let count = min(parts.count, bands)
    return [[UInt8]](unsafeUninitializedCapacity: count) { pieces, initialized in
      parts.withUnsafeMutableBufferPointer { parts in
        // Each index belongs to one iteration.
        nonisolated(unsafe) let (parts, pieces) = (parts, pieces)
        DispatchQueue.concurrentPerform(iterations: count) { index in
          let rows =
            6 * (index * bands / count)..<min(6 * ((index + 1) * bands / count), size.height)
          pieces.initializeElement(
            at: index,
            to: parts[index].encode(image, stretchedTo: size, rows: rows, quality: quality))
        }
      }
      initialized = count
    }
  }

  // MARK: - Palette

  private mutating func updatePalette(
    for image: DisplayImage, quality: FrameQuality, colors: Int
  ) {
    let isFit =
      palette.maximumColors == colors && !measureFit(image).isWorse(than: palette.fitAtBuild)
    if isFit { return }
    let kept = palette.maximumColors == colors ? keptColors(image, quality: quality) : nil
    palette.maximumColors = colors
    palette.lookup.replace(
      colors: kept.map { renewedColors(for: image, colors: colors, keeping: $0) }
        ?? quantizer.palette(for: image, maximumColors: colors))
    palette.fitAtBuild = measureFit(image)
    for index in parts.indices { parts[index].use(palette.lookup, keepsIndices: kept != nil) }
  }

  /// Which colours are those of pixels that stay the same; nil when nothing is known about them or
  /// they leave too few others.
  private func keptColors(
    _ image: DisplayImage, quality: FrameQuality
  ) -> (used: [Bool], before: DisplayImage)? {
    guard let before = parts[0].predecessor(of: image, quality: quality) else { return nil }
    var used = [Bool](repeating: false, count: 256)
    for part in parts { part.markKept(by: image, in: &used) }
    return used.count { $0 } <= palette.maximumColors * 3 / 4 ? (used, before) : nil
  }

  /// The palette with new colours for what has changed, at the places of those not to be kept.
  private mutating func renewedColors(
    for image: DisplayImage, colors: Int, keeping kept: (used: [Bool], before: DisplayImage)
  ) -> [PaletteColor] {
    var renewed = palette.lookup.colors
    var fresh = quantizer.palette(
      for: image, maximumColors: colors - kept.used.count { $0 }, differingFrom: kept.before)[...]
    for index in renewed.indices where !kept.used[index] {
      if let color = fresh.popFirst() { renewed[index] = color }
    }
    return renewed + fresh
  }

  /// How well the palette shows a sample of about 2¹³ pixels.
  private mutating func measureFit(_ image: DisplayImage) -> PaletteFit {
    let colors = palette.lookup.colors
    let pixelCount = image.width * image.height
    let stride = max(1, pixelCount >> 13) | 1
    return image.bytes.withUnsafeBufferPointer { bytes in
      palette.lookup.withCells { cells in
        var fit = PaletteFit()
        for pixel in Swift.stride(from: 0, to: pixelCount, by: stride) {
          let red = bytes[3 * pixel]
          let green = bytes[3 * pixel + 1]
          let blue = bytes[3 * pixel + 2]
          let cell = ColorLookup.cell(red: red, green: green, blue: blue)
          fit.add(
            colors[Int(cells.index(of: cell))].squaredDistance(
              toRed: Int(red), green: Int(green), blue: Int(blue)))
        }
        return fit
      }
    }
  }
}

/// How far a palette is from the colours of a picture.
private struct PaletteFit {
  private var squaredDistances = 0
  private var outliers = 0
  private var samples = 0

  /// A distance that shows as a wrong colour, not as grain: 18 of 255.
  private static let outlierDistance = 324

  mutating func add(_ squaredDistance: Int) {
    squaredDistances += squaredDistance
    outliers += squaredDistance > Self.outlierDistance ? 1 : 0
    samples += 1
  }

  /// A light that moves keeps the set of colours; one that changes its colour does not.
  func isWorse(than built: PaletteFit) -> Bool {
    let mean = Double(squaredDistances) / Double(max(samples, 1))
    let builtMean = Double(built.squaredDistances) / Double(max(built.samples, 1))
    let outlierShare = Double(outliers) / Double(max(samples, 1))
    let builtShare = Double(built.outliers) / Double(max(built.samples, 1))
    return mean > 1.6 * builtMean + 4 || outlierShare > builtShare + 0.01
  }
}
