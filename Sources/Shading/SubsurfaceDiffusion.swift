/// Light that wanders below the skin before it leaves: a blur of each colour in screen space.
///
/// One Gaussian per colour with the variance of the six-Gaussian skin profile of d'Eon & Luebke 2007
/// (GPU Gems 3, chapter 14): red 1.18 mm, green 0.26 mm, blue 0.16 mm. Irradiance is blurred before
/// the albedo multiplies it, so that pores and lashes stay sharp.
struct SubsurfaceDiffusion: Sendable {
  private static let sigmaMillimetres = SIMD3<Float>(1.18, 0.26, 0.16)
  /// Side of an aligned portrait crop: pupils 63 mm apart stand 26 % of it apart.
  private static let cropMillimetres: Float = 243

  private let width: Int
  private let height: Int
  private let skin: [Float]
  /// Per colour: nothing where the blur would be too small to see.
  private let channels: [Channel?]

  private struct Channel: Sendable {
    let blur: GaussianBlur
    /// The blurred matte, by which blurred light is divided: none leaks in from hair and background.
    let coverage: [Float]
  }

  /// Prepares the blur at one size.
  init(samples: SurfaceSamples, strength: Float) {
    width = samples.width
    height = samples.height
    let skin = samples.skin
    let (width, height) = (width, height)
    let scale = strength * Float(max(width, height)) / Self.cropMillimetres
    channels = (0..<3).map { channel in
      let sigma = Self.sigmaMillimetres[channel] * scale
      guard sigma >= GaussianBlur.leastSigma else { return nil }
      let blur = GaussianBlur(sigma: sigma)
      var coverage = skin
      blur.apply(to: &coverage, width: width, height: height)
      return Channel(blur: blur, coverage: coverage)
    }
    self.skin = skin
  }

  /// Blurs the first three lanes of `light`, which hold irradiance.
  func apply(to light: inout Strips, pixels: [Int32]) {
    for (lane, channel) in channels.enumerated() {
      guard let channel else { continue }
      var plane = [Float](repeating: 0, count: width * height)
      plane.withUnsafeMutableBufferPointer { plane in
        nonisolated(unsafe) let plane = plane
        visit(&light, lane: lane, pixels: pixels) { value, pixel in
          plane[pixel] = value * skin[pixel]
        }
      }
      channel.blur.apply(to: &plane, width: width, height: height)
      visit(&light, lane: lane, pixels: pixels) { [plane] value, pixel in
        let diffused = plane[pixel] / max(channel.coverage[pixel], 1e-4)
        value += (diffused - value) * skin[pixel]
      }
    }
  }

  /// Hands every value of a lane to `body` together with its pixel.
  private func visit(
    _ light: inout Strips, lane: Int, pixels: [Int32],
    _ body: @Sendable (_ value: inout Float, _ pixel: Int) -> Void
  ) {
    let (count, lanes) = (light.count, light.lanes)
    _ = light.withMutablePointer { base in
      // Each strip, and so each pixel, belongs to one thread alone.
      nonisolated(unsafe) let base = base
      Parallel.forEach(count: count) { strip in
        let values = base + (strip * lanes + lane) * Strips.width
        let first = strip * Strips.width
        for place in 0..<min(Strips.width, pixels.count - first) {
          body(&values[place], Int(pixels[first + place]))
        }
      }
    }
  }
}
