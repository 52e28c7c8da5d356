import CShadingKernels
import Imaging

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
  /// Where gathered pixels lie in the window.
  private let runs: PixelRuns
  /// Skin matte, then for each colour the factor of the blurred light.
  private let factors: Strips
  private let kernels: Kernels
  /// Red first; narrower ones are left out where they would be too small to see.
  private let blurs: [GaussianBlur]
  /// Light times the matte, one window per light and colour; zero wherever no pixel was gathered.
  private var planes: PagedFloats

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
    self.kernels = kernels
    planes = PagedFloats(count: blurs.count * window.count)
    runs = samples.runs.clipped(to: window, width: width)
    factors = Self.factors(samples, blurs: blurs, window: window, runs: runs)
  }

  /// The matte, and for each colour what makes up for the skin that ends near a pixel, in strips.
  private static func factors(
    _ samples: SurfaceSamples, blurs: [GaussianBlur], window: PixelWindow, runs: PixelRuns
  ) -> Strips {
    var factors = Strips(lanes: 1 + blurs.count, pixels: samples.pixels.count)
    let (lanes, count, width) = (factors.lanes, factors.count, samples.width)
    factors.withStart { start in
      samples.skin.withUnsafeBufferPointer { skin in
        guard let first = skin.baseAddress else { return }
        let matte = GaussianBlur.Plane(
          start: first + window.y * width + window.x, stride: width, width: window.width,
          height: window.height)
        runs.withView { runs in
          nonisolated(unsafe) let start = start
          let stretches = Stretches(blurs: blurs, stride: window.stride, runs: runs, count: count)
          Parallel.forEach(count: stretches.parts) { part in
            stretches.blur(part, of: { _ in matte }) { channel, strip, run, coverage in
              let own = start + strip * lanes * Strips.width + run.place
              let factor = own + (1 + channel) * Strips.width
              let (x, y) = (run.pixel % window.stride, run.pixel / window.stride)
              for place in 0..<run.count {
                own[place] = matte.start[y * width + x + place]
                // No darkness leaks in from hair and background.
                factor[place] = own[place] / max(coverage[place], 1e-4)
              }
            }
          }
        }
      }
    }
    return factors
  }

  /// Lets `shade` fill some responses and diffuses their first three lanes, which hold irradiance.
  ///
  /// - Parameters:
  ///   - responses: One store per light.
  ///   - shade: Fills the responses and hands every strip to the collector while it is cached.
  mutating func apply(
    to responses: inout [Strips], shade: (inout [Strips], _ collector: Collector) -> Void
  ) {
    let wanted = responses.count * blurs.count * window.count
    if planes.count < wanted { planes = PagedFloats(count: wanted) }
    if !isKnownUniquelyReferenced(&planes) { planes = PagedFloats(copying: planes) }
    runs.withView { runs in
      factors.withPointer { factors in
        let collector = Collector(
          planes: planes.base, channels: blurs.count, size: window.count, runs: runs,
          factors: factors, kernels: kernels)
        shade(&responses, collector)
        spread(collector, to: &responses)
      }
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

    /// The matte of a strip, before its factors.
    fileprivate func matte(_ strip: Int) -> UnsafePointer<Float> {
      factors + strip * (1 + channels) * Strips.width
    }

    /// Where the plane of a light's colour begins.
    fileprivate func plane(light: Int, channel: Int) -> UnsafeMutablePointer<Float> {
      planes + (light * channels + channel) * size
    }

    /// Takes a strip of one light.
    func take(light: Int, strip: Int, response: UnsafePointer<Float>) {
      let matte = matte(strip)
      for run in runs[strip] {
        for channel in 0..<channels {
          kernels.loops.multiply(
            response + channel * Strips.width + run.place, matte + run.place, run.count,
            plane(light: light, channel: channel) + run.pixel)
        }
      }
    }
  }

  /// Blurs what was collected and puts it in the place of the skin's share.
  private func spread(_ collector: Collector, to responses: inout [Strips]) {
    guard let (count, lanes) = responses.first.map({ ($0.count, $0.lanes) }) else { return }
    let window = window
    let stretches = Stretches(
      blurs: blurs, stride: window.stride, runs: collector.runs, count: count)
    Strips.withStarts(of: &responses) { starts in
      // Each stretch of strips is written by one thread alone.
      nonisolated(unsafe) let starts = starts
      Parallel.forEach(count: starts.count * stretches.parts) { index in
        let light = index / stretches.parts
        stretches.blur(
          index % stretches.parts,
          of: { channel in
            GaussianBlur.Plane(
              start: collector.plane(light: light, channel: channel), stride: window.stride,
              width: window.width, height: window.height)
          },
          take: { channel, strip, run, blurred in
            let matte = collector.matte(strip) + run.place
            collector.kernels.loops.exchange(
              blurred, matte + (1 + channel) * Strips.width, matte, run.count,
              starts[light] + (strip * lanes + channel) * Strips.width + run.place)
          })
      }
    }
  }
}

/// Strips that are blurred together: few enough that their rows stay cached until all have been taken.
private struct Stretches: Sendable {
  let blurs: [GaussianBlur]
  /// Pixels from one row of the window to the next.
  let stride: Int
  let runs: PixelRuns.View
  /// Strips of all stretches.
  let count: Int

  private static let length = 128

  var parts: Int { (count + Self.length - 1) / Self.length }

  /// Hands every run of a stretch to `take`, once for each colour, with what is blurred there.
  func blur(
    _ part: Int, of plane: (_ channel: Int) -> GaussianBlur.Plane,
    take: (
      _ channel: Int, _ strip: Int, _ run: PixelRuns.Run, _ blurred: UnsafePointer<Float>
    ) -> Void
  ) {
    let strips = part * Self.length..<min((part + 1) * Self.length, count)
    guard let rows = runs.rows(of: strips, stride: stride) else { return }
    for (channel, blur) in blurs.enumerated() {
      blur.withBlurred(rows, of: plane(channel)) { blurred in
        for strip in strips {
          for run in runs[strip] {
            take(channel, strip, run, blurred + run.pixel - rows.lowerBound * stride)
          }
        }
      }
    }
  }
}
