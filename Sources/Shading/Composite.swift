import Imaging

/// Puts a relit crop back into the photograph it was cut from.
public enum Composite {
  /// Share of the crop's side over which the change fades out towards its border.
  private static let border: Float = 0.05
  /// Keeps the ratio of relit to old light finite in black pixels.
  private static let epsilon: Float = 0.01
  private static let greatestGain: Float = 4
  /// Difference of level from which on pixels count as unlike.
  private static let contrast: Float = 0.05

  /// The photograph with the crop's change of light applied at its own resolution.
  ///
  /// The change is carried, not the crop's pixels: the difference of relit and old crop, plus the
  /// photograph's finer structure scaled by their ratio. Between the crop's pixels it is taken from
  /// those that look like the photograph's pixel (joint bilateral upsampling, Kopf et al. 2007), so
  /// that light on hair and jaw stops where they do. Wherever the crop did not change, pixels keep
  /// their exact bits; at the crop's border the change fades out.
  ///
  /// - Parameters:
  ///   - photograph: The whole picture, 3 channels, sRGB.
  ///   - relit: The square crop as `Relighter.display` gives it.
  ///   - original: The same crop of the photograph before relighting, of the same size.
  ///   - photographToCrop: Takes pixel coordinates of the photograph to those of the crop.
  /// - Returns: The picture, of the photograph's size and encoding.
  public static func intoPhotograph(
    _ photograph: Image, relit: Image, original: Image, photographToCrop: AffineMap
  ) -> Image {
    precondition(relit.extent == original.extent, "relit and original crop differ in size")
    precondition(photograph.channels == 3 && relit.channels == 3, "a picture has three channels")
    let change = LightChange(
      relit: relit, original: original, photographToCrop: photographToCrop)
    var result = photograph
    let (width, height, count) = (result.width, result.height, result.pixelCount)
    let isEncoded = photograph.encoding == .sRGB
    result.samples.withUnsafeMutableBufferPointer { samples in
      // Each row is written by one thread alone.
      nonisolated(unsafe) let samples = samples
      Parallel.forEach(count: height) { y in
        for x in 0..<width {
          let index = y * width + x
          func light(_ channel: Int) -> Float {
            let value = samples[channel * count + index]
            return isEncoded ? ColorTransfer.linear(fromSRGB: value) : value
          }
          var old = SIMD3<Float>.zero
          let change = change.sample(x: x, y: y) {
            old = SIMD3(light(0), light(1), light(2))
            return level(old)
          }
          guard let change else { continue }
          let finer = old - change.original
          let new = old + change.weight * (change.difference + change.gain * finer)
          for channel in 0..<3 {
            let value = max(new[channel], 0)
            samples[channel * count + index] =
              isEncoded ? min(ColorTransfer.sRGB(fromLinear: value), 1) : value
          }
        }
      }
    }
    return result
  }

  /// What relighting did to the crop, in linear light, to be read at photograph pixels.
  private struct LightChange: Sendable {
    private let map: AffineMap
    private let width: Int
    private let height: Int
    private let cells: [Cell]
    /// Whether anything changed within reach of a cell.
    private let isNearChange: [Bool]
    /// Cells on either side that a pixel may take its change from.
    private let reach: Int

    private struct Cell: Sendable {
      var original: SIMD3<Float>
      var difference: SIMD3<Float>
      /// Ratio minus 1: zero where nothing changed.
      var gain: SIMD3<Float>
      /// Square root of luminance, in which pixels are compared.
      var level: Float
    }

    struct Sample {
      var original: SIMD3<Float>
      var difference: SIMD3<Float>
      var gain: SIMD3<Float>
      var weight: Float
    }

    init(relit: Image, original: Image, photographToCrop: AffineMap) {
      // A crop larger than its place in the photograph is shrunk first, or it would alias.
      let step = (photographToCrop.right * photographToCrop.right).sum().squareRoot()
      let shrink = max(step, 1)
      let width = max(Int((Double(relit.width) / shrink).rounded()), 2)
      let height = max(Int((Double(relit.height) / shrink).rounded()), 2)
      let scale = SIMD2(
        Double(width) / Double(relit.width), Double(height) / Double(relit.height))
      map = AffineMap(
        origin: photographToCrop.origin * scale, right: photographToCrop.right * scale,
        down: photographToCrop.down * scale)
      let new = relit.converted(to: .linear).resized(width: width, height: height)
      let old = original.converted(to: .linear).resized(width: width, height: height)
      let count = new.pixelCount
      func pixel(_ image: Image, _ index: Int) -> SIMD3<Float> {
        SIMD3(image.samples[index], image.samples[count + index], image.samples[2 * count + index])
      }
      let cells = (0..<count).map { index in
        let (new, old) = (pixel(new, index), pixel(old, index))
        let ratio = (pointwiseMax(new, .zero) + epsilon) / (pointwiseMax(old, .zero) + epsilon)
        return Cell(
          original: old, difference: new - old,
          gain: pointwiseMin(ratio, SIMD3(repeating: greatestGain)) - 1,
          level: Composite.level(old))
      }
      // Only a photograph finer than the crop has edges that lie between the crop's pixels.
      let reach = step < 0.75 ? 2 : 1
      self.cells = cells
      self.reach = reach
      self.width = width
      self.height = height
      isNearChange = Self.spread(
        cells.map { $0.difference != .zero || $0.gain != .zero }, width: width, height: height,
        reach: reach)
    }

    private static func spread(
      _ marks: [Bool], width: Int, height: Int, reach: Int
    ) -> [Bool] {
      var result = [Bool](repeating: false, count: marks.count)
      for index in marks.indices where marks[index] {
        let (x, y) = (index % width, index / width)
        for row in max(y - reach, 0)...min(y + reach, height - 1) {
          for column in max(x - reach, 0)...min(x + reach, width - 1) {
            result[row * width + column] = true
          }
        }
      }
      return result
    }

    /// The change at a photograph pixel; nothing outside the crop or where nothing changed.
    func sample(x: Int, y: Int, level: () -> Float) -> Sample? {
      let point = map(SIMD2(Double(x) + 0.5, Double(y) + 0.5))
      let (u, v) = (Float(point.x), Float(point.y))
      guard u > 0, v > 0, u < Float(width), v < Float(height) else { return nil }
      guard isNearChange[Int(v) * width + Int(u)] else { return nil }
      let level = level()
      var sum = Cell(original: .zero, difference: .zero, gain: .zero, level: 0)
      let (column, row) = (Int((u - 0.5).rounded(.down)), Int((v - 0.5).rounded(.down)))
      for cellY in row - reach + 1...row + reach {
        let down = 1 - (v - 0.5 - Float(cellY)).magnitude / Float(reach)
        for cellX in column - reach + 1...column + reach {
          let across = 1 - (u - 0.5 - Float(cellX)).magnitude / Float(reach)
          let place =
            min(max(cellY, 0), height - 1) * width + min(max(cellX, 0), width - 1)
          let cell = cells[place]
          let distance = (cell.level - level) / Composite.contrast
          let unlikeness = reach > 1 ? 1 + distance * distance : 1
          let weight = down * across / (unlikeness * unlikeness)
          sum.original += cell.original * weight
          sum.difference += cell.difference * weight
          sum.gain += cell.gain * weight
          sum.level += weight
        }
      }
      guard sum.difference != .zero || sum.gain != .zero else { return nil }
      let margin = min(
        min(u, Float(width) - u) / Float(width), min(v, Float(height) - v) / Float(height))
      let t = min(margin / border, 1)
      let scale = 1 / max(sum.level, 1e-12)
      return Sample(
        original: sum.original * scale, difference: sum.difference * scale,
        gain: sum.gain * scale, weight: t * t * (3 - 2 * t))
    }
  }

  private static func level(_ color: SIMD3<Float>) -> Float {
    max(ColorTransfer.luminance(color.x, color.y, color.z), 0).squareRoot()
  }
}
