import CShadingKernels
import Foundation
import Imaging

/// Turns the responses of all lights into the picture: sum, albedo, detail, exposure, matte.
struct PictureFinish: Sendable {
  /// One response with the colour it is added in.
  struct Term {
    let response: Strips
    let color: SIMD3<Float>
  }

  /// Applied to the subject before it is laid over the photograph; nothing keeps scene light.
  let development: Development?
  let kernels: Kernels

  /// Writes the subject over a picture that holds the background, in the encoding of the canvas.
  ///
  /// - Parameters:
  ///   - terms: Responses with the lanes of a light or of an environment.
  ///   - weights: What each pixel makes of the summed light.
  ///   - samples: The pixels.
  ///   - canvas: Linear or sRGB; only pixels of the subject are written.
  func paint(
    _ terms: [Term], weights: PictureWeights, samples: SurfaceSamples, onto canvas: inout Image
  ) {
    let (count, encodes) = (canvas.pixelCount, canvas.encoding == .sRGB)
    canvas.samples.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      // Each strip writes pixels of its own.
      nonisolated(unsafe) let target = base
      finish(terms, weights: weights, samples: samples, encodes: encodes) { run, color in
        for channel in 0..<3 {
          (target + channel * count + run.pixel).update(
            from: color + channel * Strips.width + run.place, count: run.count)
        }
      }
    }
  }

  /// Writes the subject over a picture of 8 bits that holds the background.
  ///
  /// - Parameters:
  ///   - terms: Responses with the lanes of a light or of an environment.
  ///   - rest: What `light` gave for all other responses; nothing where there are none.
  ///   - weights: What each pixel makes of the summed light.
  ///   - samples: The pixels.
  ///   - canvas: Only pixels of the subject are written.
  func paint(
    _ terms: [Term], rest: Strips?, weights: PictureWeights, samples: SurfaceSamples,
    onto canvas: inout DisplayImage
  ) {
    canvas.bytes.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      // Each strip writes pixels of its own.
      nonisolated(unsafe) let target = base
      finish(terms, rest: rest, weights: weights, samples: samples, encodes: true) { run, color in
        kernels.loops.quantize(color + run.place, run.count, target + 3 * run.pixel)
      }
    }
  }

  /// What the pixels make of some responses, and of the photograph's own light: 3 lanes.
  func light(of terms: [Term], weights: PictureWeights, samples: SurfaceSamples) -> Strips {
    var light = Strips(lanes: 3, pixels: samples.pixels.count)
    withKernelTerms(terms) { terms in
      weights.withViews { factors, own in
        nonisolated(unsafe) let (terms, factors, own) = (terms, factors, own)
        light.forEachStrip(scratchLanes: 6) { strip, sum, color in
          weigh(terms, factors: factors, own: own, strip: strip, sum, color)
        }
      }
    }
    return light
  }

  /// Sums the terms of a strip, 6 lanes, and weighs them, 3 lanes.
  private func weigh(
    _ terms: UnsafeBufferPointer<shading_term>, factors: UnsafePointer<Float>,
    own: UnsafePointer<Float>?, strip: Int, _ sum: UnsafeMutablePointer<Float>,
    _ color: UnsafeMutablePointer<Float>
  ) {
    kernels.loops.sum(terms.baseAddress, terms.count, strip, sum)
    kernels.loops.weigh(
      sum, factors + strip * 4 * Strips.width, own.map { $0 + strip * 3 * Strips.width }, color)
  }

  /// Hands every run of finished pixels to `take` with the strip that it lies in, 3 lanes.
  private func finish(
    _ terms: [Term], rest: Strips? = nil, weights: PictureWeights, samples: SurfaceSamples,
    encodes: Bool,
    take: @Sendable (_ run: PixelRuns.Run, _ color: UnsafeMutablePointer<Float>) -> Void
  ) {
    let width = Strips.width
    withKernelTerms(terms) { terms in
      nonisolated(unsafe) let terms = terms
      samples.withViews { properties, translucent, runs in
        nonisolated(unsafe) let (properties, translucent) = (properties, translucent)
        weights.withViews(rest: rest) { factors, own in
          nonisolated(unsafe) let (factors, own) = (factors, own)
          Strips.forEach(count: samples.strips.count, scratchLanes: 9) { strip, sum in
            let color = sum + 6 * width
            weigh(terms, factors: factors, own: own, strip: strip, sum, color)
            development?.apply(to: color, kernels: kernels)
            let lane = properties + strip * SurfaceSamples.Lane.count * width
            kernels.loops.lay_over(
              translucent[strip], lane + SurfaceSamples.Lane.subject * width,
              lane + SurfaceSamples.Lane.behind * width, color)
            if encodes { kernels.loops.encode_srgb(color, 3 * width) }
            for run in runs[strip] { take(run, color) }
          }
        }
      }
    }
  }

  /// The terms as the kernels take them.
  private func withKernelTerms(
    _ terms: [Term], opened: [shading_term] = [],
    _ body: (UnsafeBufferPointer<shading_term>) -> Void
  ) {
    guard opened.count < terms.count else { return opened.withUnsafeBufferPointer(body) }
    let term = terms[opened.count]
    term.response.withPointer { response in
      let next = shading_term(
        response: response, lanes: term.response.lanes,
        color: (term.color.x, term.color.y, term.color.z))
      withKernelTerms(terms, opened: opened + [next], body)
    }
  }
}

/// What each pixel makes of the light that reaches it: albedo, detail and the light it had.
struct PictureWeights: Sendable {
  /// Share of the photograph's own diffuse light.
  let residualLight: Float
  /// Share of the photograph's fine structure.
  let detail: Float
  /// Factors of diffuse red, green, blue and of specular light.
  private let factors: Strips
  /// The photograph's own diffuse light where some is blended in, 3 lanes.
  private let own: Strips?

  /// Combines passes, material and detail.
  ///
  /// - Parameters:
  ///   - residualLight: Share of the photograph's own diffuse light.
  ///   - detail: Share of the photograph's fine structure.
  ///   - samples: The pixels.
  ///   - surface: The same with their material.
  ///   - memory: Weights of the same samples that are no longer wanted.
  init(
    residualLight: Float, detail: Float, samples: SurfaceSamples, surface: PreparedSurface,
    memory: consuming PictureWeights? = nil
  ) {
    self.residualLight = residualLight
    self.detail = detail
    typealias Lane = SurfaceSamples.Lane
    let width = Strips.width
    var factors = memory?.factors ?? Strips(lanes: 4, pixels: samples.pixels.count)
    memory = nil
    var own = residualLight > 0 ? Strips(lanes: 3, pixels: samples.pixels.count) : nil
    samples.strips.withPointer { properties in
      surface.strips.withPointer { surface in
        nonisolated(unsafe) let (properties, surface) = (properties, surface)
        factors.forEachStrip { strip, factor in
          let lane = properties + strip * Lane.count * width
          let share =
            surface + (strip * PreparedSurface.Lane.count + PreparedSurface.Lane.diffuseWeight)
            * width
          let (trust, texture) = (lane + Lane.carryWeight * width, lane + Lane.texture * width)
          for channel in 0..<3 {
            let albedo = lane + (Lane.albedo + channel) * width
            let carry = lane + (Lane.carry + channel) * width
            let result = factor + channel * width
            for i in 0..<width {
              let detailed = 1 + (carry[i] - 1) * (trust[i] * detail)
              result[i] = albedo[i] * share[i] * (1 - residualLight) * detailed
            }
          }
          for i in 0..<width {
            factor[3 * width &+ i] = 1 + (texture[i] - 1) * (trust[i] * detail)
          }
        }
        own?.forEachStrip { strip, own in
          // It holds the photograph's detail already.
          let diffuse = properties + (strip * Lane.count + Lane.diffuse) * width
          for i in 0..<3 * width { own[i] = diffuse[i] * residualLight }
        }
      }
    }
    self.factors = factors
    self.own = own
  }

  /// Opens the factors, 4 lanes, and the photograph's own light or what holds it already, 3 lanes.
  func withViews(
    rest: Strips? = nil, _ body: (UnsafePointer<Float>, UnsafePointer<Float>?) -> Void
  ) {
    factors.withPointer { factors in
      guard let own = rest ?? own else { return body(factors, nil) }
      own.withPointer { body(factors, $0) }
    }
  }
}

/// Exposure and tone map, applied to subject pixels in place.
struct Development: Sendable {
  let exposure: Float
  let toneMap: ToneMap

  /// Maps three lanes of a strip from scene light to display light, both linear.
  func apply(to color: UnsafeMutablePointer<Float>, kernels: Kernels) {
    kernels.loops.develop(toneMap.kernel, exp2(exposure), color)
  }
}

extension ToneMap {
  /// The curve as the kernels call it.
  fileprivate var kernel: shading_tone {
    switch self {
    case .standard: SHADING_TONE_STANDARD
    case .khronosNeutral: SHADING_TONE_NEUTRAL
    case .agx: SHADING_TONE_AGX
    case .aces: SHADING_TONE_ACES
    case .falseColor: SHADING_TONE_FALSE_COLOR
    }
  }
}
