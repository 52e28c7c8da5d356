import CShadingKernels

/// Light that wanders below the skin before it leaves: a blur of each colour in screen space.
///
/// One Gaussian per colour with the variance of the six-Gaussian skin profile of d'Eon & Luebke 2007
/// (GPU Gems 3, chapter 14): red 1.18 mm, green 0.26 mm, blue 0.16 mm. Irradiance is blurred before
/// the albedo multiplies it, so that pores and lashes stay sharp. Blurring is linear: each light's
/// response is blurred by itself and kept.
struct SubsurfaceDiffusion: Sendable {
  private static let sigmaMillimetres = SIMD3<Float>(1.18, 0.26, 0.16)

  /// Material scale that the blur was made for.
  let strength: Float
  private let window: PixelWindow
  private let layout: SkinLayout
  /// Red first; narrower ones are left out where they would be too small to see.
  private let blurs: [GaussianBlur]
  /// Light times the matte, one window per colour; zero wherever no pixel was gathered.
  private var planes: [Float]
  /// The same blurred.
  private var blurred: [Float]

  /// Prepares the blur at one size; nothing where there is nothing to blur.
  init?(samples: SurfaceSamples, strength: Float, kernels: Kernels) {
    let (width, height) = (samples.width, samples.height)
    let scale = strength * Float(max(width, height)) / DepthField.cropMillimetres
    let sigmas = (0..<3).map { Self.sigmaMillimetres[$0] * scale }
    blurs = sigmas.prefix { $0 >= GaussianBlur.leastSigma }.map {
      GaussianBlur(sigma: $0, kernels: kernels)
    }
    guard !blurs.isEmpty,
      let window = PixelWindow(around: samples.skin, width: width, height: height)
    else { return nil }
    self.strength = strength
    self.window = window
    planes = [Float](repeating: 0, count: blurs.count * window.count)
    blurred = planes
    var factors = Strips(lanes: 4, pixels: samples.pixels.count)
    Self.store(samples.skin, lane: 0, in: &factors, samples: samples)
    for (channel, blur) in blurs.enumerated() {
      var coverage = samples.skin
      blur.apply(to: &coverage, width: width, height: height)
      // Divided by the blurred matte, so that no darkness leaks in from hair and background.
      let factor = zip(samples.skin, coverage).map { $0 / max($1, 1e-4) }
      Self.store(factor, lane: 1 + channel, in: &factors, samples: samples)
    }
    layout = SkinLayout(
      runs: samples.runs.clipped(to: window, width: width), factors: factors, kernels: kernels)
  }

  private static func store(
    _ plane: [Float], lane: Int, in factors: inout Strips, samples: SurfaceSamples
  ) {
    let pixels = samples.pixels
    factors.forEachStrip { strip, values in
      let first = strip * Strips.width
      for place in 0..<min(Strips.width, pixels.count - first) {
        values[lane * Strips.width + place] = plane[Int(pixels[first + place])]
      }
    }
  }

  /// Lets `shade` fill some responses and diffuses their first three lanes, which hold irradiance.
  ///
  /// - Parameters:
  ///   - responses: One store per light.
  ///   - shade: Fills the responses and hands every strip to the collector while it is cached.
  mutating func apply(
    to responses: inout [Strips], shade: (inout [Strips], _ collector: Collector) -> Void
  ) {
    let (channels, size, layout) = (blurs.count, window.count, layout)
    let missing = responses.count * channels * size - planes.count
    if missing > 0 { planes += [Float](repeating: 0, count: missing) }
    planes.withUnsafeMutableBufferPointer { planes in
      guard let planes = planes.baseAddress else { return }
      layout.withViews { runs, factors in
        shade(
          &responses,
          Collector(
            planes: planes, channels: channels, size: size, runs: runs, factors: factors,
            kernels: layout.kernels))
      }
    }
    for index in responses.indices {
      blur(light: index)
      spread(to: &responses[index])
    }
  }

  /// Lays strips of light times matte out as pictures, several strips at a time.
  struct Collector: @unchecked Sendable {
    // Each pixel of the planes belongs to one strip.
    fileprivate let planes: UnsafeMutablePointer<Float>
    fileprivate let channels: Int
    fileprivate let size: Int
    fileprivate let runs: PixelRuns.View
    fileprivate let factors: UnsafePointer<Float>
    fileprivate let kernels: Kernels

    /// Takes a strip of one light.
    func take(light: Int, strip: Int, response: UnsafePointer<Float>) {
      let matte = factors + strip * 4 * Strips.width
      for run in runs[strip] {
        for channel in 0..<channels {
          kernels.loops.multiply(
            response + channel * Strips.width + run.place, matte + run.place, run.count,
            planes + (light * channels + channel) * size + run.pixel)
        }
      }
    }
  }

  private mutating func blur(light: Int) {
    planes.withUnsafeBufferPointer { planes in
      blurred.withUnsafeMutableBufferPointer { blurred in
        guard let planes = planes.baseAddress, let blurred = blurred.baseAddress else { return }
        for (channel, blur) in blurs.enumerated() {
          blur.apply(
            from: planes + (light * blurs.count + channel) * window.count, stride: window.stride,
            to: blurred + channel * window.count, width: window.width, height: window.height)
        }
      }
    }
  }

  /// Puts blurred light in the place of the skin's share.
  private func spread(to light: inout Strips) {
    let (channels, size, kernels) = (blurs.count, window.count, layout.kernels.loops)
    blurred.withUnsafeBufferPointer { blurred in
      guard let base = blurred.baseAddress else { return }
      layout.withViews { runs, factors in
        nonisolated(unsafe) let (blurred, factors) = (base, factors)
        light.forEachStrip { strip, light in
          let factor = factors + strip * 4 * Strips.width
          for run in runs[strip] {
            for channel in 0..<channels {
              kernels.exchange(
                blurred + channel * size + run.pixel,
                factor + (1 + channel) * Strips.width + run.place, factor + run.place, run.count,
                light + channel * Strips.width + run.place)
            }
          }
        }
      }
    }
  }
}

/// Skin pixels in strips and in the window, for reading by several threads.
private struct SkinLayout: Sendable {
  /// Where gathered pixels lie in the window.
  let runs: PixelRuns
  /// Skin matte, then for each colour the factor of the blurred light.
  let factors: Strips
  let kernels: Kernels

  /// Opens runs and factors for reading by several threads.
  func withViews(_ body: (PixelRuns.View, UnsafePointer<Float>) -> Void) {
    runs.withView { runs in
      _ = factors.withPointer { body(runs, $0) }
    }
  }
}
