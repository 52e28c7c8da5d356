/// Adds the responses of all lights: the only work when an intensity, a colour or a mute changes.
enum LightSum {
  /// Lanes of the sum: diffuse red, green, blue, specular red, green, blue.
  static let lanes = 6

  /// One response with the colour it is added in.
  struct Term {
    let response: Strips
    let color: SIMD3<Float>
  }

  /// The sum of all terms; responses have the lanes of a light or of an environment.
  static func sum(_ terms: [Term], pixels: Int) -> Strips {
    var result = Strips(lanes: lanes, pixels: pixels)
    for term in terms {
      // A light's one specular lane serves all three colours.
      let specularStep = term.response.lanes == TileShader.lightLanes ? 0 : 1
      add(term, specularStep: specularStep, to: &result)
    }
    return result
  }

  private static func add(_ term: Term, specularStep: Int, to result: inout Strips) {
    let (count, inputLanes) = (result.count, term.response.lanes)
    _ = term.response.withPointer { source in
      result.withMutablePointer { target in
        // Each strip is written by one thread alone.
        nonisolated(unsafe) let (source, target) = (source, target)
        Parallel.forEach(count: count) { strip in
          let input = source + strip * inputLanes * Strips.width
          let output = target + strip * lanes * Strips.width
          for channel in 0..<3 {
            let factor = term.color[channel]
            accumulate(input + channel * Strips.width, factor, output + channel * Strips.width)
            accumulate(
              input + (3 + channel * specularStep) * Strips.width, factor,
              output + (3 + channel) * Strips.width)
          }
        }
      }
    }
  }

  @inline(__always)
  private static func accumulate(
    _ input: UnsafePointer<Float>, _ factor: Float, _ output: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<Strips.width { output[i] += input[i] * factor }
  }
}
