import Imaging

/// Puts a relit crop back into the photograph it was cut from.
public enum Composite {
  /// The photograph with the crop's change of light applied at its own resolution.
  ///
  /// The change is carried, not the crop's pixels: the difference of relit and old crop, plus the
  /// photograph's finer structure scaled by their ratio. Between the crop's pixels it is taken from
  /// those that look like the photograph's pixel (joint bilateral upsampling, Kopf et al. 2007), so
  /// that light on hair and jaw stops where they do. Beyond the crop's border the change goes on in what
  /// looks alike, fading out. Wherever nothing changed, pixels keep their exact bits.
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
    let inside = LightChange(
      relit: relit, original: original, photographToCrop: photographToCrop)
    let around = LightContinuation.change(
      around: original, relit: relit, in: photograph, photographToCrop: photographToCrop)
    var result = photograph
    let (width, height, count) = (result.width, result.height, result.pixelCount)
    let isEncoded = photograph.encoding == .sRGB
    result.samples.withUnsafeMutableBufferPointer { samples in
      // Each row is written by one thread alone.
      nonisolated(unsafe) let samples = samples
      Parallel.forEachBatch(count: height) { rows in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * width) { light in
          withUnsafeTemporaryAllocation(of: Bool.self, capacity: width) { isChanged in
            for y in rows {
              let columns = around.columns(row: y, of: width)
              if columns.isEmpty { continue }
              func part(_ channel: Int) -> UnsafeMutableBufferPointer<Float> {
                UnsafeMutableBufferPointer(
                  rebasing: light[channel * width..<(channel + 1) * width][
                    channel * width + columns.lowerBound..<channel * width + columns.upperBound])
              }
              for channel in 0..<3 {
                let start = channel * count + y * width + columns.lowerBound
                _ = part(channel).update(from: samples[start..<start + columns.count])
                if isEncoded { ColorTransfer.decode(part(channel)) }
              }
              for x in columns {
                let old = SIMD3(light[x], light[width + x], light[2 * width + x])
                let share = inside.share(x: x, y: y)
                var change = SIMD3<Float>.zero
                if share > 0 { change += share * inside.change(of: old, x: x, y: y) }
                if share < 1 {
                  let fading = (1 - share) * around.share(x: x, y: y)
                  change += fading * around.change(of: old, x: x, y: y)
                }
                isChanged[x] = change != .zero
                let new = pointwiseMax(old + change, .zero)
                for channel in 0..<3 {
                  light[channel * width + x] = isEncoded ? min(new[channel], 1) : new[channel]
                }
              }
              for channel in 0..<3 {
                if isEncoded { ColorTransfer.encode(part(channel)) }
                for x in columns where isChanged[x] {
                  samples[channel * count + y * width + x] = light[channel * width + x]
                }
              }
            }
          }
        }
      }
    }
    return result
  }
}
