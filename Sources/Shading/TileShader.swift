import CShadingKernels

/// `ScalarShader` over strips, with the kernels of one instruction set, spread over the cores.
package enum TileShader {
  /// Lanes of a light's response: diffuse red, green, blue, specular.
  static let lightLanes = 4
  /// Lanes of an environment's response: diffuse and specular red, green, blue.
  static let environmentLanes = 6

  /// What a white light of exposure 0 that nothing shades does to every pixel.
  ///
  /// - Parameters:
  ///   - light: Where the light comes from.
  ///   - surface: The pixels.
  ///   - position: Where they all lie relative to the middle of the face, heads.
  ///   - kernels: The instruction set.
  /// - Returns: `lightLanes` per pixel.
  package static func response(
    of light: LightSource, on surface: PreparedSurface, position: SIMD3<Float> = .zero,
    kernels: Kernels = .best
  ) -> Strips {
    var responses = [Strips(lanes: lightLanes, pixels: surface.strips.count * Strips.width)]
    shade(
      &responses, with: [light], on: surface, kernels: kernels,
      visibility: isSeen,
      positions: { _, positions in
        for axis in 0..<3 {
          (positions + axis * Strips.width).update(repeating: position[axis], count: Strips.width)
        }
      })
    return responses[0]
  }

  @Sendable private static func isSeen(
    light: Int, strip: Int, visible: UnsafeMutablePointer<Float>
  ) {
    visible.update(repeating: 1, count: Strips.width)
  }

  /// What an environment of exposure 0 does to every pixel.
  package static func response(
    of environment: EnvironmentLight, on surface: PreparedSurface, kernels: Kernels = .best
  ) -> Strips {
    var response = Strips(lanes: environmentLanes, pixels: surface.strips.count * Strips.width)
    shade(&response, with: environment, on: surface, kernels: kernels, visibility: isSeen)
    return response
  }

  /// Writes the responses of several lights over whatever `responses` hold, in one pass.
  ///
  /// - Parameters:
  ///   - responses: `lightLanes` per pixel, one store per light.
  ///   - lights: Where the lights come from.
  ///   - surface: The pixels.
  ///   - kernels: The instruction set.
  ///   - visibility: Fills one strip with how much of a light the relief lets through.
  ///   - positions: Fills 3 lanes with where a strip's pixels lie; asked only for lamps that need it.
  ///   - finish: Gets every strip of a response while it is cached.
  static func shade(
    _ responses: inout [Strips], with lights: [LightSource], on surface: PreparedSurface,
    kernels: Kernels,
    visibility:
      @Sendable (_ light: Int, _ strip: Int, _ visible: UnsafeMutablePointer<Float>) -> Void,
    positions: @Sendable (_ strip: Int, _ positions: UnsafeMutablePointer<Float>) -> Void,
    finish:
      @Sendable (_ light: Int, _ strip: Int, _ response: UnsafeMutablePointer<Float>) -> Void = {
        _, _, _ in
      }
  ) {
    let lamps = lights.map { shading_light($0, layers: surface.layers) }
    let needsPositions = lights.contains { $0.lamp != nil }
    surface.strips.withPointer { source in
      Strips.withStarts(of: &responses) { starts in
        // Each strip is written by one thread alone.
        nonisolated(unsafe) let (source, starts) = (source, starts)
        Strips.forEach(count: surface.strips.count, scratchLanes: 4) { strip, visible in
          let places = visible + Strips.width
          if needsPositions { positions(strip, places) }
          let input = source + strip * PreparedSurface.Lane.count * Strips.width
          for index in lights.indices {
            let output = starts[index] + strip * lightLanes * Strips.width
            visibility(index, strip, visible)
            withUnsafePointer(to: lamps[index]) { lamp in
              if lights[index].lamp == nil {
                kernels.loops.shade_light(lamp, input, visible, output)
              } else {
                kernels.loops.shade_lamp(lamp, input, places, visible, output)
              }
            }
            finish(index, strip, output)
          }
        }
      }
    }
  }

  /// Writes an environment's response over whatever `response` holds, that of its lamps added.
  ///
  /// - Parameters:
  ///   - response: `environmentLanes` per pixel.
  ///   - environment: The surroundings.
  ///   - surface: The pixels.
  ///   - kernels: The instruction set.
  ///   - visibility: Fills one strip with how much of a lamp the relief lets through.
  ///   - finish: Gets every strip of the response while it is cached.
  static func shade(
    _ response: inout Strips, with environment: EnvironmentLight, on surface: PreparedSurface,
    kernels: Kernels,
    visibility:
      @Sendable (_ lamp: Int, _ strip: Int, _ visible: UnsafeMutablePointer<Float>) -> Void,
    finish: @Sendable (_ strip: Int, _ response: UnsafeMutablePointer<Float>) -> Void = { _, _ in }
  ) {
    let polynomial = (0..<3).flatMap { channel in environment.diffuse.map { $0[channel] } }
    let tint = TransmissionLobe.tint
    let lamps = environment.lamps.map { shading_light($0.source, layers: surface.layers) }
    let colors = environment.lamps.map(\.color)
    let scratchLanes = 1 + environmentLanes + lightLanes * lamps.count
    surface.strips.withPointer { source in
      environment.reflections.withUnsafeBufferPointer { table in
        nonisolated(unsafe) let (source, table) = (source, table)
        response.forEachStrip(scratchLanes: scratchLanes) { strip, visible, output in
          let input = source + strip * PreparedSurface.Lane.count * Strips.width
          let rest = visible + Strips.width
          kernels.loops.shade_harmonics(polynomial, [tint.x, tint.y, tint.z], input, rest)
          shadeSpecular(table, input, rest + 3 * Strips.width)
          withUnsafeTemporaryAllocation(of: shading_term.self, capacity: 1 + lamps.count) { terms in
            terms.initializeElement(
              at: 0, to: shading_term(response: rest, lanes: environmentLanes, color: (1, 1, 1)))
            for index in lamps.indices {
              let share = rest + (environmentLanes + lightLanes * index) * Strips.width
              visibility(index, strip, visible)
              withUnsafePointer(to: lamps[index]) { lamp in
                kernels.loops.shade_light(lamp, input, visible, share)
              }
              let color = colors[index]
              terms.initializeElement(
                at: 1 + index,
                to: shading_term(
                  response: share, lanes: lightLanes, color: (color.x, color.y, color.z)))
            }
            kernels.loops.sum(terms.baseAddress, terms.count, 0, output)
          }
          finish(strip, output)
        }
      }
    }
  }

  /// Table look-ups do not vectorise: one pixel after the other.
  private static func shadeSpecular(
    _ table: UnsafeBufferPointer<SIMD3<Float>>, _ input: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>
  ) {
    typealias Lane = PreparedSurface.Lane
    for i in 0..<Strips.width {
      let reflection = EnvironmentLight.reflection(
        input[Lane.normalX * Strips.width &+ i], input[Lane.normalY * Strips.width &+ i],
        skin: input[Lane.skin * Strips.width &+ i], in: table)
      let light = reflection * input[Lane.ambientSpecular * Strips.width &+ i]
      output[i] = light.x
      output[Strips.width &+ i] = light.y
      output[2 * Strips.width &+ i] = light.z
    }
  }
}

extension shading_light {
  /// A light as the kernels take it.
  fileprivate init(_ light: LightSource, layers: SkinLayers?) {
    let (l, h, tint) = (light.direction, light.half, TransmissionLobe.tint)
    let (p, u, v) = (
      light.lamp?.position ?? .zero, light.lamp?.across ?? .zero, light.lamp?.up ?? .zero
    )
    self.init(
      direction: (l.x, l.y, l.z), half_vector: (h.x, h.y, h.z), softness: light.softness,
      widening: light.widening, fresnel_weight: light.fresnelWeight, position: (p.x, p.y, p.z),
      distance: light.lamp?.distance ?? 0, axis_across: (u.x, u.y, u.z), axis_up: (v.x, v.y, v.z),
      radius_across: light.lamp?.radiusAcross ?? 0, radius_up: light.lamp?.radiusUp ?? 0,
      least_softness: LightSource.leastSoftness, shadow_strength: light.shadowStrength,
      tint: (tint.x, tint.y, tint.z), tight_weight: SpecularLobes.tightWeight,
      wide_weight: SpecularLobes.wideWeight, has_layers: layers == nil ? 0 : 1,
      coat_alpha_squared: layers?.coatAlphaSquared ?? 1, coat_f0: SkinLayers.coatF0,
      fuzz_exponent: SkinLayers.fuzzExponent)
  }
}
