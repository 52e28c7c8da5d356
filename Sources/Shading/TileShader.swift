/// `ScalarShader` over strips: plain loops that vectorise, strips spread over the cores.
package enum TileShader {
  /// Lanes of a light's response: diffuse red, green, blue, specular.
  static let lightLanes = 4
  /// Lanes of an environment's response: diffuse and specular red, green, blue.
  static let environmentLanes = 6

  /// What a white light of exposure 0 does to every pixel.
  ///
  /// - Parameters:
  ///   - light: Where the light comes from.
  ///   - surface: The pixels.
  ///   - visibility: One lane, how much of the light the relief lets through; nothing lets all.
  /// - Returns: `lightLanes` per pixel.
  package static func response(
    of light: LightSource, on surface: PreparedSurface, visibility: Strips? = nil
  ) -> Strips {
    let step = visibility == nil ? 0 : Strips.width
    let seen = visibility?.storage ?? [Float](repeating: 1, count: Strips.width)
    return seen.withUnsafeBufferPointer { seen in
      nonisolated(unsafe) let seen = seen
      return response(lanes: lightLanes, on: surface) { strip, input, output in
        guard let visible = seen.baseAddress else { return }
        shade(light, input, visible + strip * step, output)
      }
    }
  }

  /// What an environment of exposure 0 does to every pixel.
  package static func response(of environment: EnvironmentLight, on surface: PreparedSurface)
    -> Strips
  {
    environment.reflections.withUnsafeBufferPointer { table in
      nonisolated(unsafe) let table = table
      return response(lanes: environmentLanes, on: surface) { _, input, output in
        shadeDiffuse(environment.diffuse, input, output)
        shadeSpecular(table, input, output + 3 * Strips.width)
      }
    }
  }

  private static func response(
    lanes: Int, on surface: PreparedSurface,
    _ kernel: @Sendable (Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> Strips {
    var result = Strips(lanes: lanes, pixels: surface.strips.count * Strips.width)
    let (count, inputLanes) = (surface.strips.count, surface.strips.lanes)
    // Enough strips per call that handing them out costs nothing beside the work.
    let batch = 16
    _ = surface.strips.withPointer { source in
      result.withMutablePointer { target in
        // Each strip is written by one thread alone.
        nonisolated(unsafe) let (source, target) = (source, target)
        Parallel.forEach(count: (count + batch - 1) / batch) { part in
          for strip in part * batch..<min((part + 1) * batch, count) {
            kernel(
              strip, source + strip * inputLanes * Strips.width,
              target + strip * lanes * Strips.width)
          }
        }
      }
    }
    return result
  }

  /// One strip under one light; the formulas are those of `ScalarShader.response`, in its order.
  private static func shade(
    _ light: LightSource, _ input: UnsafePointer<Float>, _ visible: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>
  ) {
    typealias Lane = PreparedSurface.Lane
    let (l, h) = (light.direction, light.half)
    let (lx, ly, lz, hx, hy, hz) = (l.x, l.y, l.z, h.x, h.y, h.z)
    let (softness, widening, fresnelWeight) = (light.softness, light.widening, light.fresnelWeight)
    let tint = TransmissionLobe.tint
    let (tintRed, tintGreen, tintBlue) = (tint.x, tint.y, tint.z)
    let shadowStrength = light.shadowStrength
    for i in 0..<Strips.width {
      let nx = input[Lane.normalX * Strips.width &+ i]
      let ny = input[Lane.normalY * Strips.width &+ i]
      let nz = input[Lane.normalZ * Strips.width &+ i]
      let cosine = nx * lx + ny * ly + nz * lz
      let scatter = input[Lane.scatter * Strips.width &+ i]
      let red = DiffuseLobe.reflection(nDotL: cosine, softness: softness + scatter * tintRed)
      let green = DiffuseLobe.reflection(nDotL: cosine, softness: softness + scatter * tintGreen)
      let blue = DiffuseLobe.reflection(nDotL: cosine, softness: softness + scatter * tintBlue)

      let reach = 1 - positivePart(1 - red * input[Lane.aperture * Strips.width &+ i])
      let visibility = visible[i] * (1 + shadowStrength * (reach * reach - 1))
      let transmitted = input[Lane.transmitted * Strips.width &+ i]
      let front = visibility * (1 - transmitted)
      let back = positivePart(-cosine) * transmitted
      output[i] = red * front + back * tintRed
      output[Strips.width &+ i] = green * front + back * tintGreen
      output[2 * Strips.width &+ i] = blue * front + back * tintBlue

      let nDotL = positivePart(cosine)
      let nDotH = positivePart(nx * hx + ny * hy + nz * hz)
      let nDotV = input[Lane.nDotV * Strips.width &+ i]
      let lobes =
        lobe(
          nDotL, nDotH, nDotV, input[Lane.tightAlphaSquared * Strips.width &+ i],
          input[Lane.tightMasking * Strips.width &+ i], widening) * SpecularLobes.tightWeight
        + lobe(
          nDotL, nDotH, nDotV, input[Lane.wideAlphaSquared * Strips.width &+ i],
          input[Lane.wideMasking * Strips.width &+ i], widening) * SpecularLobes.wideWeight
      let f0 = input[Lane.f0 * Strips.width &+ i]
      let fresnel = f0 + (1 - f0) * fresnelWeight
      output[3 * Strips.width &+ i] =
        visibility * nDotL * lobes * fresnel * input[Lane.specularGain * Strips.width &+ i]
    }
  }

  /// π · D · V of one lobe with a single division.
  @inline(__always)
  private static func lobe(
    _ nDotL: Float, _ nDotH: Float, _ nDotV: Float, _ alphaSquared: Float, _ masking: Float,
    _ widening: Float
  ) -> Float {
    let widened = alphaSquared + widening
    let bend = nDotH * nDotH * (widened - 1) + 1
    let shadowing = squareRoot(alphaSquared + (1 - alphaSquared) * nDotL * nDotL)
    return 0.5 * widened / (bend * bend * (nDotL * masking + nDotV * shadowing))
  }

  /// The root of a positive number, to single precision.
  ///
  /// `squareRoot()` is a library call on Linux, because it may set `errno`, and keeps a loop from
  /// being vectorised. Newton's iteration from the well-known guess (Lomont 2003) does not; three
  /// steps reach the last bit or two.
  @inline(__always)
  private static func squareRoot(_ value: Float) -> Float {
    var inverse = Float(bitPattern: 0x5f37_5a86 &- (value.bitPattern &>> 1))
    let half = 0.5 * value
    inverse *= 1.5 - half * inverse * inverse
    inverse *= 1.5 - half * inverse * inverse
    inverse *= 1.5 - half * inverse * inverse
    return value * inverse
  }

  private static func shadeDiffuse(
    _ polynomial: [SIMD3<Float>], _ input: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>
  ) {
    typealias Lane = PreparedSurface.Lane
    for channel in 0..<3 {
      let c = polynomial.map { $0[channel] }
      let (c0, c1, c2, c3, c4, c5) = (c[0], c[1], c[2], c[3], c[4], c[5])
      let (c6, c7, c8) = (c[6], c[7], c[8])
      let tint = TransmissionLobe.tint[channel]
      let visibility = input + (Lane.ambientVisibility + channel) * Strips.width
      let result = output + channel * Strips.width
      for i in 0..<Strips.width {
        let nx = input[Lane.normalX * Strips.width &+ i]
        let ny = input[Lane.normalY * Strips.width &+ i]
        let nz = input[Lane.normalZ * Strips.width &+ i]
        // Even terms are the same for the opposite normal, odd ones change sign.
        let odd = c1 * nx + c2 * ny + c3 * nz
        let even =
          c0 + c4 * (nx * ny) + c5 * (ny * nz) + c6 * (nx * nz) + c7 * (nz * nz)
          + c8 * (nx * nx - ny * ny)
        let front = max(even + odd, 0)
        let back = max(even - odd, 0) * tint
        let transmitted = input[Lane.transmitted * Strips.width &+ i]
        result[i] = (front + (back - front) * transmitted) * visibility[i]
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
