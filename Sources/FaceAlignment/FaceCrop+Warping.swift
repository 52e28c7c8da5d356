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

  /// Puts a crop-sized picture back where it was taken from.
  ///
  /// - Parameters:
  ///   - crop: A square picture of any extent that shows this crop.
  ///   - width: Columns of the photograph.
  ///   - height: Rows of the photograph.
  ///   - feather: Photograph pixels over which the coverage falls to 0 towards the crop's border.
  /// - Returns: The picture in the photograph's frame, 0 outside the crop, and one channel of 0..1
  ///   that says how much of each pixel the crop covers.
  /// - Precondition: the crop is a square.
  public func restored(
    _ crop: Image, width: Int, height: Int, feather: Double = 0
  ) -> (image: Image, coverage: Image) {
    precondition(crop.width == crop.height && crop.width > 0, "a crop is a square")
    let extent = crop.width
    var image = Image(
      width: width, height: height, channels: crop.channels, encoding: crop.encoding)
    var coverage = Image(width: width, height: height, channels: 1, encoding: .data)
    let places = corners(extent: extent)
    let bounds = (
      low: places.reduce(places[0], pointwiseMin), high: places.reduce(places[0], pointwiseMax)
    )
    guard
      bounds.high.x > -1, bounds.high.y > -1, bounds.low.x < Double(width) + 1,
      bounds.low.y < Double(height) + 1
    else { return (image, coverage) }
    let region = image.region(around: places, margin: 1)
    let map = mapToCrop(extent: extent)
    let corner = SIMD2(Double(region.x), Double(region.y))
    let patch = crop.warped(
      width: region.width, height: region.height,
      by: AffineMap(origin: map(corner), right: map.right, down: map.down))
    for y in 0..<region.height {
      for x in 0..<region.width {
        let point = map(corner + SIMD2(Double(x) + 0.5, Double(y) + 0.5))
        let inside = min(point.x, point.y, Double(extent) - point.x, Double(extent) - point.y)
        let share = Self.coverage(inside * size / Double(extent), feather: feather)
        coverage[0, region.x + x, region.y + y] = share
        guard share > 0 else { continue }
        for channel in 0..<patch.channels {
          image[channel, region.x + x, region.y + y] = patch[channel, x, y]
        }
      }
    }
    return (image, coverage)
  }

  /// The covered share of a pixel whose centre lies `inside` pixels within the border.
  private static func coverage(_ inside: Double, feather: Double) -> Float {
    guard feather > 1 else { return Float(min(max(inside + 0.5, 0), 1)) }
    let t = min(max(inside / feather, 0), 1)
    return Float(t * t * (3 - 2 * t))
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
    for y in 0..<extent {
      for x in 0..<extent {
        let point = map(SIMD2(Double(x) + 0.5, Double(y) + 0.5))
        let outside = max(-point.x, -point.y, point.x - width, point.y - height)
        guard outside > 0 else { continue }
        let depth = Float(outside / (0.3 * size))
        for channel in 0..<crop.channels {
          let index = (channel * extent + y) * extent + x
          let sharp = crop.samples[index]
          let soft = sharp + (blurred.samples[index] - sharp) * min(3 * depth, 1)
          result.samples[index] = soft + (means[channel] - soft) * min(depth, 1)
        }
      }
    }
    return result
  }
}
