import Imaging

/// Shows pictures in the colours of an adaptive palette, by an ordered dither.
///
/// The palette is kept as long as it fits, and the dither depends on a pixel's place alone, so
/// what does not change between two frames does not flicker. Parts of the picture are worked on by
/// several cores at once. Tables are kept between frames.
struct PaletteDither {
  private var quantizer = PaletteQuantizer()
  private var palette = Palette()
  private var parts: [DitherPart]
  private var last: Drawn?

  /// Few enough that the cores end together.
  private static let rowsPerPiece = 24

  /// The colours in use and how well they showed the picture that they were chosen for.
  private struct Palette {
    var lookup = ColorLookup(colors: [])
    var maximumColors = 0
    var fitAtBuild = PaletteFit()
  }

  /// A picture that is on show, so that pixels that stay the same keep their colours.
  private struct Drawn {
    var image: DisplayImage
    var quality: FrameQuality
    var indices: [UInt8]

    /// Whether its pixels may be kept where the next picture has the same.
    func precedes(_ next: DisplayImage, quality: FrameQuality) -> Bool {
      self.quality == quality && image.width == next.width && image.height == next.height
    }
  }

  /// - Parameter parts: on how many cores to work; the result does not depend on it.
  init(parts: Int) {
    self.parts = Array(repeating: DitherPart(), count: max(1, parts))
  }

  /// The picture in at most so many colours.
  ///
  /// - Parameters:
  ///   - image: a picture with pixels.
  ///   - quality: how much care it gets.
  ///   - maximumColors: 2 to 256.
  /// - Returns: the picture in the palette's colours.
  mutating func drawn(
    _ image: DisplayImage, quality: FrameQuality, maximumColors: Int
  ) -> IndexedImage {
    updatePalette(for: image, quality: quality, maximumColors: maximumColors)
    let before = last.flatMap { $0.precedes(image, quality: quality) ? $0 : nil }
    let indices = [UInt8](unsafeUninitializedCapacity: image.width * image.height) {
      indices, initialized in
      let height = Self.rowsPerPiece
      // Each piece has rows of its own.
      nonisolated(unsafe) let indices = indices
      parts.forEachPiece(of: (image.height + height - 1) / height) { part, piece in
        part.draw(
          image, rows: piece * height..<min((piece + 1) * height, image.height),
          quality: quality, before: before.map { ($0.image, $0.indices) }, into: indices)
      }
      initialized = image.width * image.height
    }
    last = Drawn(image: image, quality: quality, indices: indices)
    return IndexedImage(
      width: image.width, height: image.height, colors: palette.lookup.colors, indices: indices)
  }

  // MARK: - Palette

  private mutating func updatePalette(
    for image: DisplayImage, quality: FrameQuality, maximumColors: Int
  ) {
    let isOfSize = palette.maximumColors == maximumColors
    if isOfSize && !measureFit(image).isWorse(than: palette.fitAtBuild) { return }
    if let kept = isOfSize ? keptColors(image, quality: quality) : nil {
      palette.lookup.replace(colors: renewedColors(for: image, keeping: kept))
    } else {
      palette.maximumColors = maximumColors
      palette.lookup.replace(colors: quantizer.palette(for: image, maximumColors: maximumColors))
      palette.fitAtBuild = measureFit(image)
      last = nil
    }
    for index in parts.indices { parts[index].lookup = palette.lookup }
  }

  /// Which colours are those of pixels that stay the same; nil when nothing is known about them.
  private func keptColors(
    _ image: DisplayImage, quality: FrameQuality
  ) -> (used: [Bool], before: DisplayImage)? {
    guard let last, last.precedes(image, quality: quality) else { return nil }
    var used = [Bool](repeating: false, count: 256)
    for pixel in last.indices.indices where last.image.hasSame(image, at: pixel) {
      used[Int(last.indices[pixel])] = true
    }
    return (used, last.image)
  }

  /// The palette with new colours for what has changed, at the places of those not to be kept.
  private mutating func renewedColors(
    for image: DisplayImage, keeping kept: (used: [Bool], before: DisplayImage)
  ) -> [PaletteColor] {
    var renewed = palette.lookup.colors
    let room = palette.maximumColors - kept.used.count { $0 }
    guard room > 0 else { return renewed }
    var fresh = quantizer.palette(
      for: image, maximumColors: room, differingFrom: kept.before)[...]
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

/// One dither for what stays on slow lines and one for everything else.
///
/// The palettes of drafts between two pictures that stay, which have fewer colours, must not change
/// what both share.
struct DitherPair {
  private var thrifty: PaletteDither
  private var other: PaletteDither

  /// - Parameter parts: on how many cores to work.
  init(parts: Int) {
    thrifty = PaletteDither(parts: parts)
    other = PaletteDither(parts: parts)
  }

  /// The picture in at most so many colours, 2 to 256.
  mutating func drawn(
    _ image: DisplayImage, quality: FrameQuality, maximumColors: Int
  ) -> IndexedImage {
    if case .thrifty = quality {
      return thrifty.drawn(image, quality: quality, maximumColors: maximumColors)
    }
    return other.drawn(image, quality: quality, maximumColors: maximumColors)
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
