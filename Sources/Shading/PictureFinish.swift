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
    let (width, count, isEncoded) = (Strips.width, canvas.pixelCount, canvas.encoding == .sRGB)
    withKernelTerms(terms) { terms in
      canvas.samples.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        // Each strip writes pixels of its own.
        nonisolated(unsafe) let (terms, target) = (terms, base)
        samples.withViews { properties, translucent, runs in
          nonisolated(unsafe) let (properties, translucent) = (properties, translucent)
          weights.withViews { factors, own in
            nonisolated(unsafe) let (factors, own) = (factors, own)
            Strips.forEach(count: samples.strips.count, scratchLanes: 9) { strip, sum in
              let color = sum + 6 * width
              kernels.loops.sum(terms.baseAddress, terms.count, strip, sum)
              kernels.loops.weigh(
                sum, factors + strip * 4 * width, own.map { $0 + strip * 3 * width }, color)
              development?.apply(to: color, kernels: kernels)
              let lane = properties + strip * SurfaceSamples.Lane.count * width
              kernels.loops.lay_over(
                translucent[strip], lane + SurfaceSamples.Lane.subject * width,
                lane + SurfaceSamples.Lane.behind * width, color)
              if isEncoded { kernels.loops.encode_srgb(color, 3 * width) }
              for run in runs[strip] {
                for channel in 0..<3 {
                  (target + channel * count + run.pixel).update(
                    from: color + channel * width + run.place, count: run.count)
                }
              }
            }
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

  /// Opens the factors, 4 lanes, and the photograph's own light, 3 lanes.
  func withViews(_ body: (UnsafePointer<Float>, UnsafePointer<Float>?) -> Void) {
    factors.withPointer { factors in
      guard let own else { return body(factors, nil) }
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
