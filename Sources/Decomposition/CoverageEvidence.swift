import Imaging

/// What a photograph's colours say about coverage, pixel by pixel: which shares of the subject and of what is
/// behind it, as far as their colours are known, make the colour that is shown.
struct CoverageEvidence {
  /// The most likely coverage by pixel, 0..1, and its variance.
  private(set) var coverage: [Float]
  private(set) var variance: [Float]

  /// Standard deviation of the coverage that is expected without a look at colours.
  private static let deviation: Float = 0.2

  /// Compares the colours of unknown pixels with those that are known around them.
  ///
  /// - Parameters:
  ///   - photograph: 3 channels, linear.
  ///   - isSubject: Which pixels show nothing else, one per pixel.
  ///   - isUnknown: Which pixels are to be found out; those that are neither show no subject.
  ///   - expected: Coverage of unknown pixels without a look at colours, 0..1.
  init(_ photograph: Image, isSubject: [Bool], isUnknown: [Bool], expected: [Float]) {
    coverage = expected.indices.map { isSubject[$0] ? 1 : isUnknown[$0] ? expected[$0] : 0 }
    variance = isUnknown.map { $0 ? Self.deviation * Self.deviation : 0 }
    let isBehind = zip(isSubject, isUnknown).map { !$0 && !$1 }
    guard isSubject.contains(true), isBehind.contains(true) else { return }
    let (width, height) = (photograph.width, photograph.height)
    let colors = photograph.colorMoments(width: width, height: height)
    let layers = [isSubject, isBehind].map { isKnown in
      colors.filled(
        weight: Image(
          width: width, height: height, channels: 1, encoding: .data,
          samples: isKnown.map { $0 ? 1 : 0 }))
    }
    let count = photograph.pixelCount
    func moments(_ layer: Image, _ pixel: Int) -> SIMD4<Float> {
      SIMD4(layer.pixel(pixel), layer.samples[3 * count + pixel])
    }
    for pixel in isUnknown.indices where isUnknown[pixel] {
      let mixture = ColorMixture(
        front: moments(layers[0], pixel), back: moments(layers[1], pixel))
      (coverage[pixel], variance[pixel]) = mixture.coverage(
        of: photograph.pixel(pixel), expected: expected[pixel], deviation: Self.deviation)
    }
  }
}
