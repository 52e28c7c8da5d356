import Imaging

/// The subject's matte drawn along the photograph.
///
/// A network's matte is soft at hair and jaw, and leaks onto backgrounds that resemble the subject. What
/// it is sure of stays; what lies around the sure subject is found by closed-form matting; what lies far
/// from it was a leak.
package struct SubjectMatte: Sendable {
  /// Coverage from which on, and up to which, the network is sure.
  private static let sure: ClosedRange<Float> = 0.05...0.97
  /// Coverage from which on the network is also taken at its word in the picture's lower part, from a share of
  /// the side on, where it is that bold over so many points each way.
  ///
  /// There are clothes and long hair, of colours that the sure subject lacks and the background may have;
  /// above, the same is as often a wall that resembles hair.
  private static let cloth: (coverage: Float, top: Float, reach: Int) = (0.7, 0.7, 3)
  /// Distance to the sure subject from which on, and at which fully, a matte is taken for a leak.
  ///
  /// As a share of the picture's side. Hair and collars lie closer.
  private static let leak: ClosedRange<Float> = 0.047...0.117
  /// What is behind a head is often out of focus: standard deviations of the detail that tells so and of the
  /// neighbourhood it is measured in, how far from the sure subject's edge its own counts, all as shares of the
  /// side, and how many times the background's it must be to tell something, and everything.
  private static let focus:
    (detail: Double, around: Double, rim: Float, finer: ClosedRange<Float>) = (
      0.004, 0.0063, 0.055, 2.5...4
    )
  /// Unsure coverage that is expected to be nothing, and everything: at first, and with a look at colours.
  private static let expectation: (first: ClosedRange<Float>, second: ClosedRange<Float>) = (
    0.4...0.95, 0.2...0.8
  )
  /// What an expectation weighs against the photograph's edges: as it is at first, then over its variance.
  private static let confidence: Float = 0.01
  private static let leastVariance: Float = 0.003
  /// Squared contrast of the photograph below which it has no edges: for the matrix, and for enlarging.
  private static let epsilon: (matrix: Float, enlarging: Float) = (1e-5, 1e-3)
  /// Found coverage that is nothing, and everything: the rest of a leak is a few per cent.
  private static let contrast: ClosedRange<Float> = 0.1...0.9
  /// Half the width of the holes that are taken for texture, in points.
  private static let hole = 2
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
    let near = zip(matte.samples, distance).map { $0 * (1 - smoothStep($1, leak)) }
    let plausible = Self.inFocus(near, isCore: isCore, guide)
    let isUnknown = plausible.indices.map { !isCore[$0] && plausible[$0] > Self.sure.lowerBound }
    let laplacian = MattingLaplacian(
      guide, isUnknown: isUnknown, epsilon: Self.epsilon.matrix)
    func solved(_ expected: [Float], confidence: [Float]) -> [Float] {
      laplacian.solve(expected: expected, confidence: confidence)
        .map { linearStep($0, Self.contrast) }
    }
    // The first look finds what lies behind the subject, close to its edge; then colours are compared with it.
    let expected = plausible.indices.map { index in
      isCore[index]
        ? 1 : isUnknown[index] ? smoothStep(plausible[index], Self.expectation.first) : 0
    }
    let first = solved(expected, confidence: expected.map { _ in Self.confidence })
    let isOpen = isUnknown.indices.map { isUnknown[$0] && max(first[$0], expected[$0]) > 0 }
    // A network that is bold about a wall is not believed wholly: the first look has its say.
    let bold = plausible.indices.map {
      (linearStep(plausible[$0], Self.expectation.second) + first[$0]) / 2
    }
    let evidence = CoverageEvidence(
      guide.converted(to: .linear), isSubject: isCore, isUnknown: isOpen,
      expected: bold)
    let found = solved(
      evidence.coverage,
      confidence: evidence.variance.map { Self.confidence / ($0 + Self.leastVariance) })
    // Small holes among what is expected to cover are texture: grey hair before a bright wall.
    let closed = Self.grown(
      Self.grown(found, side: side, by: Self.hole), side: side, by: -Self.hole)
    coverage = found.indices.map { max(found[$0], closed[$0] * bold[$0]) }
    image = Self.enlarged(coverage, guide, to: photograph)
    reach = Self.grown(coverage, side: side, by: Self.margin)
  }

  /// What the network is sure of, as far as it hangs together with the largest part of the subject.
  private static func core(of matte: Image) -> [Bool] {
    let side = matte.width
    let isSubject = largestPart(of: matte.samples.map { $0 > 0.5 }, width: side)
    let likely: [Float] = matte.samples.map { $0 >= cloth.coverage ? 1 : 0 }
    let wide = grown(
      grown(likely, side: side, by: -cloth.reach), side: side, by: cloth.reach)
    let firstRow = Int(cloth.top * Float(side))
    return matte.samples.indices.map { index in
      let isCloth = index >= firstRow * side && wide[index] > 0.5
      return isSubject[index] && (matte.samples[index] >= sure.upperBound || isCloth)
    }
  }

  /// Unsure coverage, less where the photograph is as smooth as what lies behind the subject although the
  /// subject close by is full of detail: hair before something out of focus.
  ///
  /// Clothes may be as smooth as a wall: below the face nothing changes.
  private static func inFocus(_ matte: [Float], isCore: [Bool], _ guide: Image) -> [Float] {
    let side = guide.width
    func mask(_ isChosen: (Int) -> Bool) -> Image {
      Image(
        width: side, height: side, channels: 1, encoding: .data,
        samples: isCore.indices.map { isChosen($0) ? 1 : 0 })
    }
    var level = Image(width: side, height: side, channels: 1, encoding: .data)
    for pixel in isCore.indices { level.samples[pixel] = guide.pixel(pixel).sum() / 3 }
    let smooth = level.blurred(sigma: focus.detail * Double(side))
    for pixel in isCore.indices {
      let difference = level.samples[pixel] - smooth.samples[pixel]
      level.samples[pixel] = difference * difference
    }
    var detail = level.blurred(sigma: focus.around * Double(side))
    for pixel in isCore.indices { detail.samples[pixel] = detail.samples[pixel].squareRoot() }
    let inner = grown(mask { isCore[$0] }.samples, side: side, by: -focus.rim)
    let subject = detail.filled(weight: mask { isCore[$0] && inner.samples[$0] == 0 })
    let behind = detail.filled(weight: mask { !isCore[$0] && matte[$0] <= sure.lowerBound })
    let lastRow = Int(cloth.top * Float(side))
    return matte.indices.map { pixel in
      guard pixel < lastRow * side, !isCore[pixel], matte[pixel] > sure.lowerBound else {
        return matte[pixel]
      }
      let (own, back) = (subject.samples[pixel], max(behind.samples[pixel], 1e-4))
      let says = linearStep(own / back, focus.finer)
      guard says > 0 else { return matte[pixel] }
      let share = linearStep(detail.samples[pixel], back...own)
      return matte[pixel] * (1 - says * (1 - share))
    }
  }

  /// The way to the nearest marked point, by straight and slanted steps (Borgefors 1986), in steps.
  private static func distance(to isMarked: [Bool], width: Int) -> [Float] {
    var result = isMarked.map { $0 ? 0 : Float.infinity }
    let height = isMarked.count / width
    let slanted: Float = 4.0 / 3
    result.withUnsafeMutableBufferPointer { plane in
      /// Steps come from the row before, and from the pixel before in the direction of the sweep.
      func sweep(rows: some Sequence<Int>, columns: some Collection<Int>, step: Int) {
        var isFirst = true
        for y in rows {
          for x in columns {
            let index = y * width + x
            var way = plane[index]
            let hasBefore = step > 0 ? x > 0 : x < width - 1
            if hasBefore { way = min(way, plane[index - step] + 1) }
            if !isFirst {
              let above = index - step * width
              way = min(way, plane[above] + 1)
              if x > 0 { way = min(way, plane[above - 1] + slanted) }
              if x < width - 1 { way = min(way, plane[above + 1] + slanted) }
            }
            plane[index] = way
          }
          isFirst = false
        }
      }
      sweep(rows: 0..<height, columns: 0..<width, step: 1)
      sweep(rows: (0..<height).reversed(), columns: (0..<width).reversed(), step: -1)
    }
    return result
  }

  /// The coverage at the photograph's extent, as the lines in its colours have it around each point.
  private static func enlarged(_ coverage: [Float], _ guide: Image, to photograph: Image) -> Image {
    let (side, count) = (guide.width, guide.pixelCount)
    var lines = Image(width: side, height: side, channels: 4, encoding: .data)
    lines.samples.replaceSubrange((3 * count)..., with: coverage)
    lines.samples.withUnsafeMutableBufferPointer { samples in
      // Each row is written by one thread alone.
      nonisolated(unsafe) let samples = samples
      Parallel.forEachBatch(count: side - 2) { rows in
        for y in rows.lowerBound + 1..<rows.upperBound + 1 {
          for x in 1..<side - 1 {
            let index = y * side + x
            let window = MattingWindow(around: index, width: side)
            guard window.contains(where: { coverage[$0] != coverage[index] }) else { continue }
            let (slope, offset) = ColorLine(guide, window, epsilon: epsilon.enlarging)
              .fitted(to: InlineArray { coverage[window[$0]] })
            for channel in 0..<3 { samples[channel * count + index] = slope[channel] }
            samples[3 * count + index] = offset
          }
        }
      }
    }
    lines = lines.convolved([1.0 / 3, 1.0 / 3, 1.0 / 3])
    let (width, height) = (photograph.width, photograph.height)
    lines = lines.resized(width: width, height: height, filter: .bilinear)
    let target = photograph.pixelCount
    let enlarged = lines
    let samples = [Float](unsafeUninitializedCapacity: target) { samples, initialized in
      nonisolated(unsafe) let samples = samples
      Parallel.forEachBatch(count: height) { rows in
        enlarged.samples.withUnsafeBufferPointer { lines in
          photograph.samples.withUnsafeBufferPointer { colors in
            for pixel in rows.lowerBound * width..<rows.upperBound * width {
              var value = lines[3 * target + pixel]
              for channel in 0..<3 {
                value += lines[channel * target + pixel] * colors[channel * target + pixel]
              }
              samples[pixel] = min(max(value, 0), 1)
            }
          }
        }
      }
      initialized = target
    }
    return Image(width: width, height: height, channels: 1, encoding: .data, samples: samples)
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
    let (width, height, count) = (pass.width, pass.height, pass.pixelCount)
    let inside = Self.grown(coverage, side: side, by: -blur)
    let fill = pass.resized(width: side, height: side).filled(weight: inside)
      .resized(width: width, height: height, filter: .bilinear)
    for index in share.samples.indices { share.samples[index] *= 1 - inside.samples[index] }
    share = share.resized(width: width, height: height, filter: .bilinear)
    var result = pass
    result.samples.withUnsafeMutableBufferPointer { samples in
      share.samples.withUnsafeBufferPointer { share in
        fill.samples.withUnsafeBufferPointer { fill in
          for channel in 0..<pass.channels {
            let first = channel * count
            for pixel in 0..<count {
              samples[first + pixel] +=
                share[pixel] * (fill[first + pixel] - samples[first + pixel])
            }
          }
        }
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
    if points < 0 { return grown(plane.map { -$0 }, side: side, by: -points).map { -$0 } }
    var result = plane
    // The greatest of three windows that touch is that of one of up to three times the width.
    var reached = 0
    while reached < points {
      let shift = min(2 * reached + 1, points - reached)
      for isVertical in [false, true] {
        let old = result
        result.withUnsafeMutableBufferPointer { result in
          old.withUnsafeBufferPointer { old in
            for y in 0..<side {
              let row = y * side
              let above = max(y - shift, 0) * side
              let below = min(y + shift, side - 1) * side
              for x in 0..<side {
                let before = isVertical ? above + x : row + max(x - shift, 0)
                let after = isVertical ? below + x : row + min(x + shift, side - 1)
                result[row + x] = max(old[row + x], max(old[before], old[after]))
              }
            }
          }
        }
      }
      reached += shift
    }
    return result
  }
}
