import Foundation
import Imaging

extension FaceCrop {
  /// Cuts the square out of a photograph and turns it upright.
  ///
  /// Parts outside the photograph are its mirror image, ever more blurred and pale with distance,
  /// after FFHQ (Karras, Laine and Aila 2019); pixels inside stay untouched. The picture is resampled
  /// as it is encoded.
  ///
  /// - Parameters:
  ///   - photograph: Any number of channels.
  ///   - extent: The side of the result in pixels.
  /// - Returns: A square picture with the photograph's channels and encoding.
  /// - Precondition: the photograph is not empty and the extent is positive.
  public func extract(from photograph: Image, extent: Int) -> Image {
    precondition(extent > 0 && photograph.pixelCount > 0, "there is nothing to extract")
    let map = mapToPhotograph(extent: extent)
    let crop = photograph.warped(width: extent, height: extent, by: map)
    return fadingOutside(crop, photograph: photograph.extent, map: map)
  }

  private func corners(extent: Int) -> [SIMD2<Double>] {
    let map = mapToPhotograph(extent: extent)
    let side = Double(extent)
    return [SIMD2(0, 0), SIMD2(side, 0), SIMD2(0, side), SIMD2(side, side)].map { map($0) }
  }

  /// Blurs and pales what lies outside the photograph, by the shares FFHQ's recipe uses.
  private func fadingOutside(_ crop: Image, photograph: ImageExtent, map: AffineMap) -> Image {
    let extent = crop.width
    let (width, height) = (Double(photograph.width), Double(photograph.height))
    let isInside = corners(extent: extent).allSatisfy {
      $0.x >= 0 && $0.y >= 0 && $0.x <= width && $0.y <= height
    }
    if isInside { return crop }
    // So wide a blur loses nothing on a small copy and costs next to nothing there.
    let small = max(16, extent / 8)
    let blurred = crop.resized(width: small, height: small).blurred(sigma: 0.02 * Double(small))
      .resized(width: extent, height: extent)
    let count = crop.pixelCount
    let means = (0..<crop.channels).map { channel in
      crop.samples[channel * count..<(channel + 1) * count].reduce(0, +) / Float(count)
    }
    var result = crop
    let size = size
    result.samples.withUnsafeMutableBufferPointer { samples in
      // Each row is written by one thread alone.
      nonisolated(unsafe) let samples = samples
      Parallel.forEachBatch(count: extent) { rows in
        for y in rows {
          for x in 0..<extent {
            let point = map(SIMD2(Double(x) + 0.5, Double(y) + 0.5))
            let outside = max(max(-point.x, -point.y), max(point.x - width, point.y - height))
            guard outside > 0 else { continue }
            let depth = Float(outside / (0.3 * size))
            for channel in 0..<means.count {
              let index = (channel * extent + y) * extent + x
              let sharp = samples[index]
              let soft = sharp + (blurred.samples[index] - sharp) * min(3 * depth, 1)
              samples[index] = soft + (means[channel] - soft) * min(depth, 1)
            }
          }
        }
      }
    }
    return result
  }
}
