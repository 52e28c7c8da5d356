import Imaging

/// The subject's matte drawn along the photograph.
///
/// A network's matte is soft at hair and jaw, and leaks onto backgrounds that resemble the subject. What
/// it is sure of stays; what lies around the sure subject is found by closed-form matting; what lies far
/// from it was a leak.
package struct SubjectMatte {
  /// Coverage from which on, and up to which, the network is sure.
  private static let sure: ClosedRange<Float> = 0.05...0.97
  /// Distance to the sure subject from which on, and at which fully, a matte is taken for a leak.
  ///
  /// As a share of the picture's side. Hair and collars lie closer.
  private static let leak: ClosedRange<Float> = 0.047...0.117
  /// Unsure coverage that is expected to be nothing, and everything.
  private static let expectation: ClosedRange<Float> = 0.4...0.95
  /// What that expectation weighs against the photograph's edges.
  private static let confidence: Float = 0.01
  /// Squared contrast of the photograph below which it has no edges: for the matrix, and for enlarging.
  private static let epsilon: (matrix: Float, enlarging: Float) = (1e-5, 1e-3)
  /// Found coverage that is nothing, and everything: the rest of a leak is a few per cent.
  private static let contrast: ClosedRange<Float> = 0.1...0.9
  /// How far beyond the subject's edge passes are read, as a share of the picture's side.
  private static let margin: Float = 0.03

  /// Coverage at the photograph's extent, 1 channel, 0..1.
  package let image: Image
  /// The grid that the edges were found on: its side, and the coverage at each of its points.
  private let side: Int
  private let coverage: [Float]
  /// The same grown by `margin`; nil where the matte stayed as it was.
  private let reach: Image?

  /// Refines a matte; where the network is sure of nothing, its matte stays.
  ///
  /// - Parameters:
  ///   - matte: 1 channel, 0..1, square.
  ///   - photograph: 3 channels, `.sRGB`, square, of any extent.
  package init(_ matte: Image, along photograph: Image) {
    side = min(matte.width, photograph.width)
    let matte = matte.fitted(toSide: side)
    let isCore = Self.core(of: matte)
    guard side > 2, isCore.contains(true) else {
      image = matte.fitted(toSide: photograph.width)
      (coverage, reach) = (matte.samples, nil)
      return
    }
    let guide = photograph.fitted(toSide: side)
    let distance = Self.distance(to: isCore, width: side)
    let scale = Float(side)
    let leak = Self.leak.lowerBound * scale...Self.leak.upperBound * scale
    let plausible = zip(matte.samples, distance).map { $0 * (1 - smoothStep($1, leak)) }
    let isUnknown = plausible.indices.map { !isCore[$0] && plausible[$0] > Self.sure.lowerBound }
    let expected = plausible.indices.map { index in
      isCore[index] ? 1 : isUnknown[index] ? smoothStep(plausible[index], Self.expectation) : 0
    }
    let laplacian = MattingLaplacian(
      guide, isUnknown: isUnknown, epsilon: Self.epsilon.matrix)
    let found = laplacian.solve(expected: expected, confidence: Self.confidence)
      .map { linearStep($0, Self.contrast) }
    // Holes of a point among what is expected to cover are texture: grey hair before a bright wall.
    let closed = Self.grown(Self.grown(found, side: side, by: 1), side: side, by: -1)
    coverage = found.indices.map { max(found[$0], closed[$0] * expected[$0]) }
    image = Self.enlarged(coverage, guide, to: photograph)
    reach = Self.grown(coverage, side: side, by: Self.margin)
  }

  /// What the network is sure of, as far as it hangs together with the largest part of the subject.
  private static func core(of matte: Image) -> [Bool] {
    let isSubject = largestPart(of: matte.samples.map { $0 > 0.5 }, width: matte.width)
    return zip(matte.samples, isSubject).map { $0 >= sure.upperBound && $1 }
  }

  /// The way to the nearest marked point, by straight and slanted steps (Borgefors 1986), in steps.
  private static func distance(to isMarked: [Bool], width: Int) -> [Float] {
    var result = isMarked.map { $0 ? 0 : Float.infinity }
    let height = isMarked.count / width
    func relax(_ x: Int, _ y: Int, _ steps: [(x: Int, y: Int, length: Float)]) {
      for step in steps {
        let (column, row) = (x + step.x, y + step.y)
        guard column >= 0, column < width, row >= 0, row < height else { continue }
        let way = result[row * width + column] + step.length
        if way < result[y * width + x] { result[y * width + x] = way }
      }
    }
    let slanted: Float = 4.0 / 3
    for y in 0..<height {
      for x in 0..<width {
        relax(x, y, [(-1, 0, 1), (0, -1, 1), (-1, -1, slanted), (1, -1, slanted)])
      }
    }
    for y in (0..<height).reversed() {
      for x in (0..<width).reversed() {
        relax(x, y, [(1, 0, 1), (0, 1, 1), (1, 1, slanted), (-1, 1, slanted)])
      }
    }
    return result
  }

  /// The coverage at the photograph's extent, as the lines in its colours have it around each point.
  private static func enlarged(_ coverage: [Float], _ guide: Image, to photograph: Image) -> Image {
    let (side, count) = (guide.width, guide.pixelCount)
    var lines = Image(width: side, height: side, channels: 4, encoding: .data)
    for index in 0..<count { lines.samples[3 * count + index] = coverage[index] }
    for y in 1..<side - 1 {
      for x in 1..<side - 1 {
        let index = y * side + x
        let pixels = MattingLaplacian.window(around: index, width: side)
        let values = pixels.map { coverage[$0] }
        guard values.contains(where: { $0 != values[0] }) else { continue }
        let line = ColorLine(guide, pixels: pixels, epsilon: epsilon.enlarging)
        let share = 1 / Float(pixels.count)
        let slope =
          zip(line.directions, values).reduce(SIMD3<Float>.zero) { $0 + $1.0 * $1.1 } * share
        for channel in 0..<3 { lines.samples[channel * count + index] = slope[channel] }
        lines.samples[3 * count + index] = values.reduce(0, +) * share - (slope * line.mean).sum()
      }
    }
    lines = averaged(lines)
    let (width, height) = (photograph.width, photograph.height)
    lines = lines.resized(width: width, height: height, filter: .bilinear)
    let target = photograph.pixelCount
    let samples = (0..<target).map { pixel in
      let slope = lines.pixel(pixel)
      let value = (slope * photograph.pixel(pixel)).sum() + lines.samples[3 * target + pixel]
      return min(max(value, 0), 1)
    }
    return Image(width: width, height: height, channels: 1, encoding: .data, samples: samples)
  }

  /// Means over windows of 3×3 points; the border repeats.
  private static func averaged(_ lines: Image) -> Image {
    var result = lines
    let (side, count) = (lines.width, lines.pixelCount)
    for step in [1, side] {
      let old = result.samples
      for index in old.indices {
        let place = (step == 1 ? index : index % count / side) % side
        let before = place > 0 ? old[index - step] : old[index]
        let after = place < side - 1 ? old[index + step] : old[index]
        result.samples[index] = (before + old[index] + after) / 3
      }
    }
    return result
  }

  /// A pass whose values at the subject's edge, and just beyond it, are those from inside the subject.
  ///
  /// Networks blur what they predict across the edge: without this a jaw would be lit as the wall behind
  /// it. Farther away the pass stays.
  ///
  /// - Parameters:
  ///   - pass: Of any square extent.
  ///   - blur: How far values of the background reach into the subject, as a share of the picture's side.
  /// - Returns: The pass at its own extent.
  package func spread(_ pass: Image, blur: Float) -> Image {
    guard var share = reach else { return pass }
    let (width, height) = (pass.width, pass.height)
    let inside = Self.grown(coverage, side: side, by: -blur)
    let fill = pass.resized(width: side, height: side).filled(weight: inside)
      .resized(width: width, height: height, filter: .bilinear)
    for index in share.samples.indices { share.samples[index] *= 1 - inside.samples[index] }
    share = share.resized(width: width, height: height, filter: .bilinear)
    var result = pass
    for pixel in 0..<pass.pixelCount where share.samples[pixel] > 0 {
      for channel in 0..<pass.channels {
        let index = channel * pass.pixelCount + pixel
        result.samples[index] +=
          share.samples[pixel] * (fill.samples[index] - result.samples[index])
      }
    }
    return result
  }

  /// Coverage with its edge moved outwards, by a share of the picture's side.
  private static func grown(_ plane: [Float], side: Int, by distance: Float) -> Image {
    let points = max(Int((abs(distance) * Float(side)).rounded()), 1)
    return Image(
      width: side, height: side, channels: 1, encoding: .data,
      samples: grown(plane, side: side, by: distance < 0 ? -points : points))
  }

  /// The greatest of the points around each, or the least for a distance below 0.
  private static func grown(_ plane: [Float], side: Int, by points: Int) -> [Float] {
    var result = plane
    for step in [1, side] {
      let old = result
      for index in old.indices {
        let place = step == 1 ? index % side : index / side
        var extreme = old[index]
        for offset in -min(abs(points), place)...min(abs(points), side - 1 - place) {
          let value = old[index + offset * step]
          extreme = points < 0 ? min(extreme, value) : max(extreme, value)
        }
        result[index] = extreme
      }
    }
    return result
  }
}
