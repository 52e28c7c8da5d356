import Imaging

/// How a change of light goes on in the photograph around a crop.
///
/// Crops end in hair and clothes. There the gain is what conduction with losses makes of it, in a plain colour
/// an exponential of the distance; colours that differ conduct little (anisotropic diffusion, Perona and Malik
/// 1990), so that the light on hair goes on in hair and not in the wall behind it.
enum LightContinuation {
  /// Points along the crop's side.
  private static let pointsInside = 96
  /// Points beyond each side, two fifths of it.
  private static let pointsBeyond = 38
  /// Points at the crop's border that networks and filters know only in part.
  private static let inset = 2
  /// Difference of square roots of linear light from which on colours count as unlike.
  private static let contrast: Float = 0.06
  /// The distance, in points, that leaves 1/e of a gain: a seventh of the crop's side.
  private static let range: Float = 14
  /// A gain that nobody sees.
  private static let invisible: Float = 0.002
  private static let rounds = 240
  private static let overrelaxation: Float = 1.9

  /// The change around a crop, with that inside where both overlap.
  ///
  /// - Parameters:
  ///   - original: The crop before relighting.
  ///   - relit: The same after it.
  ///   - photograph: The whole picture.
  ///   - photographToCrop: Takes pixel coordinates of the photograph to those of the crop.
  /// - Returns: A change that is 0 at its border, two fifths of the crop's side beyond the crop.
  static func change(
    around original: Image, relit: Image, in photograph: Image, photographToCrop: AffineMap
  ) -> LightChange {
    let extent = pointsInside + 2 * pointsBeyond
    let scale = SIMD2(
      Double(pointsInside) / Double(relit.width), Double(pointsInside) / Double(relit.height))
    let map = AffineMap(
      origin: photographToCrop.origin * scale + Double(pointsBeyond),
      right: photographToCrop.right * scale, down: photographToCrop.down * scale)
    // A value that is no number would spread over all points.
    let old = photograph.warped(width: extent, height: extent, by: map.inverted)
      .converted(to: .linear).clamped(to: 0...Float.greatestFiniteMagnitude)
    func points(of crop: Image) -> Image {
      crop.converted(to: .linear).resized(width: pointsInside, height: pointsInside)
        .clamped(to: 0...Float.greatestFiniteMagnitude)
    }
    let (cropBefore, cropAfter) = (points(of: original), points(of: relit))
    let gains = continued(
      (0..<pointsInside * pointsInside).map {
        LightChange.gain(from: cropBefore.color($0), to: cropAfter.color($0))
      }, along: old)
    var new = old
    for index in new.samples.indices where gains[index].magnitude > invisible {
      new.samples[index] *= 1 + gains[index]
    }
    return LightChange(relit: new, original: old, photographToCrop: map)
  }

  /// Planes of gains at all points, from those inside.
  private static func continued(_ known: [SIMD3<Float>], along picture: Image) -> [Float] {
    let (extent, count) = (picture.width, picture.pixelCount)
    let links = links(between: picture)
    let given = pointsBeyond + inset..<pointsBeyond + pointsInside - inset
    let loss = 1 / (range * range)
    let planes = Parallel.map(count: picture.channels, of: 1) { channel in
      var gains = [Float](repeating: 0, count: count)
      for y in given {
        for x in given {
          let place = (y - pointsBeyond) * pointsInside + x - pointsBeyond
          gains[y * extent + x] = known[place][channel]
        }
      }
      gains.withUnsafeMutableBufferPointer { gains in
        links.withUnsafeBufferPointer { links in
          for _ in 0..<rounds {
            for y in 1..<extent - 1 {
              for x in 1..<extent - 1 where !(given ~= y && given ~= x) {
                let index = y &* extent &+ x
                let (left, above) = (links[index &- 1].right, links[index &- extent].down)
                let (right, below) = (links[index].right, links[index].down)
                let mean =
                  (left * gains[index &- 1] + right * gains[index &+ 1]
                    + above * gains[index &- extent] + below * gains[index &+ extent])
                  / (left + right + above + below + loss)
                gains[index] += overrelaxation * (mean - gains[index])
              }
            }
          }
        }
      }
      return gains
    }
    return planes.flatMap { $0 }
  }

  /// How well a point conducts to its neighbours, up to 1.
  private struct Links: Sendable {
    var right: Float = 0
    var down: Float = 0
  }

  private static func links(between picture: Image) -> [Links] {
    let roots = (0..<picture.pixelCount).map { picture.color($0).squareRoot() }
    func conductance(_ a: Int, _ b: Int) -> Float {
      let difference = (roots[a] - roots[b]) / contrast
      let unlikeness = 1 + (difference * difference).sum()
      return 1 / (unlikeness * unlikeness)
    }
    let extent = picture.width
    return (0..<picture.pixelCount).map { index in
      Links(
        right: index % extent < extent - 1 ? conductance(index, index + 1) : 0,
        down: index < picture.pixelCount - extent ? conductance(index, index + extent) : 0)
    }
  }
}
