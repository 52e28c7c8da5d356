import Imaging

/// How much care a frame gets.
public enum FrameQuality: Hashable, Sendable {
  /// Every pixel dithered: what stands still on the screen.
  case settled
  /// Runs of equal colour are stretched while a pixel lies within this squared RGB distance
  /// of them: fewer bytes while something moves.
  case draft(tolerance: Int)
}

/// Writes pictures as sixels (DEC STD 070) with an adaptive palette and an ordered dither.
///
/// The palette is kept as long as it fits, and the dither depends on a pixel's place alone, so
/// what does not change between two frames does not flicker. Buffers are kept between frames.
public struct SixelEncoder {
  private let maximumColors: Int
  private var quantizer = PaletteQuantizer()
  private var lookup = ColorLookup(colors: [])
  private var fitAtBuild: PaletteFit?
  private var indices: [UInt8] = []
  private var writer = SixelBandWriter()

  /// Makes an encoder for a terminal with this many colour registers.
  public init(colorRegisters: Int = 256) {
    // One register less: terminals paint the background with one of them. Indices are bytes.
    maximumColors = min(max(colorRegisters - 1, 2), 255)
  }

  /// The device control string that draws the picture at the cursor.
  ///
  /// There is no graphics new line behind the last band, which would scroll the screen.
  /// - Precondition: the image has pixels.
  public mutating func encode(
    _ image: DisplayImage, quality: FrameQuality = .settled
  ) -> [UInt8] {
    precondition(image.width > 0 && image.height > 0, "an empty picture has no sixels")
    updatePalette(for: image)
    dither(image)
    if case .draft(let tolerance) = quality { stretchRuns(image, tolerance: tolerance) }
    return writer.encode(
      indices: indices, width: image.width, height: image.height, colors: lookup.colors)
  }

  // MARK: - Palette

  private mutating func updatePalette(for image: DisplayImage) {
    if let fitAtBuild, !measureFit(image).isWorse(than: fitAtBuild) { return }
    lookup.replace(colors: quantizer.palette(for: image, maximumColors: maximumColors))
    fitAtBuild = measureFit(image)
  }

  /// How well the palette shows a sample of about 2¹³ pixels.
  private mutating func measureFit(_ image: DisplayImage) -> PaletteFit {
    let colors = lookup.colors
    let pixelCount = image.width * image.height
    let stride = max(1, pixelCount >> 13) | 1
    return image.bytes.withUnsafeBufferPointer { bytes in
      lookup.withCells { cells, resolve in
        var fit = PaletteFit()
        for pixel in Swift.stride(from: 0, to: pixelCount, by: stride) {
          let red = bytes[3 * pixel]
          let green = bytes[3 * pixel + 1]
          let blue = bytes[3 * pixel + 2]
          let cell = ColorLookup.cell(red: red, green: green, blue: blue)
          let index = cells[cell] == ColorLookup.unknown ? resolve(cell) : cells[cell]
          fit.add(
            colors[Int(index)].squaredDistance(
              toRed: Int(red), green: Int(green), blue: Int(blue)))
        }
        return fit
      }
    }
  }

  // MARK: - Dither

  /// Bayer's 8×8 matrix (1973) as offsets into `clampedToFiveBits`: 0 to 7 for -4 to +3.
  private static let bayer: [Int] = {
    var matrix = [0]
    var side = 1
    while side < 8 {
      var next = [Int](repeating: 0, count: 4 * side * side)
      for y in 0..<side {
        for x in 0..<side {
          let value = 4 * matrix[y * side + x]
          next[y * 2 * side + x] = value
          next[y * 2 * side + x + side] = value + 2
          next[(y + side) * 2 * side + x] = value + 3
          next[(y + side) * 2 * side + x + side] = value + 1
        }
      }
      matrix = next
      side *= 2
    }
    return matrix.map { $0 / 8 }
  }()

  /// The 5-bit value of each 8-bit one moved by -4 to +3, without a branch for the ends.
  private static let clampedToFiveBits: [UInt16] = (-4..<259).map {
    UInt16(min(max($0, 0), 255) >> 3)
  }

  private mutating func dither(_ image: DisplayImage) {
    prepareIndices(image)
    let width = image.width
    image.bytes.withUnsafeBufferPointer { bytes in
      indices.withUnsafeMutableBufferPointer { indices in
        Self.clampedToFiveBits.withUnsafeBufferPointer { clamped in
          Self.bayer.withUnsafeBufferPointer { bayer in
            lookup.withCells { cells, resolve in
              for y in 0..<image.height {
                for x in 0..<width {
                  let pixel = y &* width &+ x
                  let offset = bayer[(y & 7) << 3 | x & 7]
                  let cell =
                    Int(clamped[Int(bytes[3 &* pixel]) &+ offset]) << 10
                    | Int(clamped[Int(bytes[3 &* pixel &+ 1]) &+ offset]) << 5
                    | Int(clamped[Int(bytes[3 &* pixel &+ 2]) &+ offset])
                  let known = cells[cell]
                  indices[pixel] = UInt8(
                    truncatingIfNeeded: known == ColorLookup.unknown ? resolve(cell) : known)
                }
              }
            }
          }
        }
      }
    }
  }

  /// Keeps the colour of the pixel on the left while it is near enough.
  private mutating func stretchRuns(_ image: DisplayImage, tolerance: Int) {
    let width = image.width
    lookup.colors.withUnsafeBufferPointer { colors in
      image.bytes.withUnsafeBufferPointer { bytes in
        indices.withUnsafeMutableBufferPointer { indices in
          for y in 0..<image.height {
            var kept = indices[y &* width]
            for pixel in y &* width &+ 1..<(y &+ 1) &* width {
              let distance = colors[Int(kept)].squaredDistance(
                toRed: Int(bytes[3 &* pixel]), green: Int(bytes[3 &* pixel &+ 1]),
                blue: Int(bytes[3 &* pixel &+ 2]))
              if distance > tolerance { kept = indices[pixel] }
              indices[pixel] = kept
            }
          }
        }
      }
    }
  }

  private mutating func prepareIndices(_ image: DisplayImage) {
    let count = image.width * image.height
    if indices.count != count { indices = Array(repeating: 0, count: count) }
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
