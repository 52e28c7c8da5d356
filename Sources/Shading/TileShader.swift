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
  ///   - kernels: The instruction set.
  /// - Returns: `lightLanes` per pixel.
  package static func response(
    of light: LightSource, on surface: PreparedSurface, kernels: Kernels = .best
  ) -> Strips {
    var response = Strips(lanes: lightLanes, pixels: surface.strips.count * Strips.width)
    shade(&response, with: light, on: surface, kernels: kernels) { _, visible in
      visible.update(repeating: 1, count: Strips.width)
    }
    return response
  }

  /// What an environment of exposure 0 does to every pixel.
  package static func response(
    of environment: EnvironmentLight, on surface: PreparedSurface, kernels: Kernels = .best
  ) -> Strips {
    var response = Strips(lanes: environmentLanes, pixels: surface.strips.count * Strips.width)
    shade(&response, with: environment, on: surface, kernels: kernels)
    return response
  }

  /// Writes a light's response over whatever `response` holds.
  ///
  /// - Parameters:
  ///   - response: `lightLanes` per pixel.
  ///   - light: Where the light comes from.
  ///   - surface: The pixels.
  ///   - kernels: The instruction set.
  ///   - visibility: Fills one strip with how much of the light the relief lets through.
  static func shade(
    _ response: inout Strips, with light: LightSource, on surface: PreparedSurface,
    kernels: Kernels,
    visibility: @Sendable (_ strip: Int, _ visible: UnsafeMutablePointer<Float>) -> Void
  ) {
    let lamp = shading_light(light)
    _ = surface.strips.withPointer { source in
      nonisolated(unsafe) let source = source
      response.forEachStrip { strip, output in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: Strips.width) { visible in
          guard let visible = visible.baseAddress else { return }
          visibility(strip, visible)
          withUnsafePointer(to: lamp) {
            kernels.loops.shade_light(
              $0, source + strip * PreparedSurface.Lane.count * Strips.width, visible, output)
          }
        }
      }
    }
  }

  /// Writes an environment's response over whatever `response` holds.
  static func shade(
    _ response: inout Strips, with environment: EnvironmentLight, on surface: PreparedSurface,
    kernels: Kernels
  ) {
    let polynomial = (0..<3).flatMap { channel in environment.diffuse.map { $0[channel] } }
    let tint = TransmissionLobe.tint
    _ = surface.strips.withPointer { source in
      environment.reflections.withUnsafeBufferPointer { table in
        nonisolated(unsafe) let (source, table) = (source, table)
        response.forEachStrip { strip, output in
          let input = source + strip * PreparedSurface.Lane.count * Strips.width
          kernels.loops.shade_harmonics(polynomial, [tint.x, tint.y, tint.z], input, output)
          shadeSpecular(table, input, output + 3 * Strips.width)
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
  fileprivate init(_ light: LightSource) {
    let (l, h, tint) = (light.direction, light.half, TransmissionLobe.tint)
    self.init(
      direction: (l.x, l.y, l.z), half_vector: (h.x, h.y, h.z), softness: light.softness,
      widening: light.widening, fresnel_weight: light.fresnelWeight,
      shadow_strength: light.shadowStrength, tint: (tint.x, tint.y, tint.z),
      tight_weight: SpecularLobes.tightWeight, wide_weight: SpecularLobes.wideWeight)
  }
}
