/// `SurfacePoint`s of all gathered pixels in strips: passes and material combined, ready for light.
package struct PreparedSurface: Sendable {
  /// Where the properties of a `SurfacePoint` lie.
  enum Lane {
    static let normalX = 0
    static let normalY = 1
    static let normalZ = 2
    static let nDotV = 3
    static let tightAlphaSquared = 4
    static let wideAlphaSquared = 5
    static let tightMasking = 6
    static let wideMasking = 7
    static let f0 = 8
    static let specularGain = 9
    static let aperture = 10
    static let transmitted = 11
    static let scatter = 12
    static let diffuseWeight = 13
    static let ambientSpecular = 14
    static let ambientVisibility = 15
    static let skin = 18
    static let count = 19
  }

  let strips: Strips

  /// Prepares every pixel.
  package init(samples: SurfaceSamples, model: ShadingModel) {
    var strips = Strips(lanes: Lane.count, pixels: samples.pixels.count)
    let count = strips.count
    _ = samples.strips.withPointer { source in
      strips.withMutablePointer { target in
        // Each strip is written by one thread alone.
        nonisolated(unsafe) let (source, target) = (source, target)
        Parallel.forEach(count: count) { strip in
          let input = source + strip * SurfaceSamples.Lane.count * Strips.width
          let output = target + strip * Lane.count * Strips.width
          for place in 0..<Strips.width {
            let point = model.point(samples.properties(at: place, in: input))
            Self.store(point, at: place, in: output)
          }
        }
      }
    }
    self.strips = strips
  }

  private static func store(
    _ point: SurfacePoint, at place: Int, in strip: UnsafeMutablePointer<Float>
  ) {
    func set(_ lane: Int, _ value: Float) { strip[lane * Strips.width + place] = value }
    func set(_ lane: Int, _ value: SIMD3<Float>) {
      set(lane, value.x)
      set(lane + 1, value.y)
      set(lane + 2, value.z)
    }
    set(Lane.normalX, point.normal)
    set(Lane.nDotV, point.nDotV)
    set(Lane.tightAlphaSquared, point.tightAlphaSquared)
    set(Lane.wideAlphaSquared, point.wideAlphaSquared)
    set(
      Lane.tightMasking,
      Microfacet.maskingRoot(cosine: point.nDotV, alphaSquared: point.tightAlphaSquared))
    set(
      Lane.wideMasking,
      Microfacet.maskingRoot(cosine: point.nDotV, alphaSquared: point.wideAlphaSquared))
    set(Lane.f0, point.f0)
    set(Lane.specularGain, point.specularGain)
    set(Lane.aperture, point.aperture)
    set(Lane.transmitted, point.transmitted)
    set(Lane.scatter, point.scatter)
    set(Lane.diffuseWeight, point.diffuseWeight)
    set(Lane.ambientSpecular, point.ambientSpecular)
    set(Lane.ambientVisibility, point.ambientVisibility)
    set(Lane.skin, point.skin)
  }

  /// One pixel back as a point, for the reference shader.
  package func point(_ pixel: Int) -> SurfacePoint {
    func vector(_ lane: Int) -> SIMD3<Float> {
      SIMD3(strips[lane, pixel], strips[lane + 1, pixel], strips[lane + 2, pixel])
    }
    return SurfacePoint(
      normal: vector(Lane.normalX), nDotV: strips[Lane.nDotV, pixel],
      tightAlphaSquared: strips[Lane.tightAlphaSquared, pixel],
      wideAlphaSquared: strips[Lane.wideAlphaSquared, pixel], f0: strips[Lane.f0, pixel],
      specularGain: strips[Lane.specularGain, pixel], aperture: strips[Lane.aperture, pixel],
      transmitted: strips[Lane.transmitted, pixel], scatter: strips[Lane.scatter, pixel],
      diffuseWeight: strips[Lane.diffuseWeight, pixel],
      ambientSpecular: strips[Lane.ambientSpecular, pixel],
      ambientVisibility: vector(Lane.ambientVisibility), skin: strips[Lane.skin, pixel])
  }
}
