import Imaging

/// An environment turned and flipped as set, ready to be looked up by normal.
///
/// The camera is far away, so the direction of reflection depends on the normal alone: reflections
/// of both specular lobes are baked into small pictures indexed by the normal's x and y.
public struct EnvironmentLight: Sendable {
  /// Side of a baked picture; reflections turn 4° per texel, a third of a glossy lobe.
  static let extent = 64

  /// Diffuse reflection as a polynomial in the normal, see `SphericalHarmonics.polynomial`.
  let diffuse: [SIMD3<Float>]
  /// Two pictures one after the other, cloth then skin, each `extent` rows of y from −1 to 1.
  let reflections: [SIMD3<Float>]
  /// Sun, windows, softboxes: they share the environment's exposure, and so its response.
  let lamps: [(source: LightSource, color: SIMD3<Float>)]

  /// Turns, flips and bakes; exposure is left to the sum.
  public init(map: EnvironmentMap, settings: EnvironmentSettings, model: ShadingModel) {
    lamps = map.lamps.map { (LightSource($0.light(settings)), $0.color) }
    let flipped = settings.isFlipped ? map.diffuse.mirrored : map.diffuse
    let blur = settings.blurDegrees * .pi / 180
    diffuse = flipped.rotated(azimuthDegrees: settings.rotationDegrees).blurred(blur).polynomial
    let extent = Self.extent
    let roughness = [model.roughness.cloth, model.roughness.skin]
    reflections = Parallel.map(count: 2 * extent * extent) { index in
      let texel = index % (extent * extent)
      let normal = Self.normal(column: texel % extent, row: texel / extent)
      var direction = SIMD3(
        2 * normal.z * normal.x, 2 * normal.z * normal.y, 2 * normal.z * normal.z - 1)
      direction = Direction.rotated(direction, azimuthDegrees: -settings.rotationDegrees)
      if settings.isFlipped { direction.x.negate() }
      let skinOrCloth = roughness[index / (extent * extent)]
      let tight = Self.blurred(skinOrCloth * SpecularLobes.tightRoughness, blur: blur)
      let wide = Self.blurred(skinOrCloth * SpecularLobes.wideRoughness, blur: blur)
      return map.reflection(direction, roughness: tight) * SpecularLobes.tightWeight
        + map.reflection(direction, roughness: wide) * SpecularLobes.wideWeight
    }
  }

  /// The roughness whose reflections are as wide as those of another roughness in blurred surroundings.
  ///
  /// Half vectors of GGX spread by α²/2 along an axis, reflections by four times as much.
  private static func blurred(_ roughness: Float, blur: Float) -> Float {
    let alphaSquared = roughness * roughness * roughness * roughness + blur * blur / 2
    return min(alphaSquared.squareRoot().squareRoot(), 1)
  }

  /// The normal that a texel stands for; outside the unit disc the nearest one at the rim.
  private static func normal(column: Int, row: Int) -> SIMD3<Float> {
    let limit = Float(extent - 1)
    let (x, y) = (2 * Float(column) / limit - 1, 2 * Float(row) / limit - 1)
    let square = x * x + y * y
    return square < 1
      ? SIMD3(x, y, (1 - square).squareRoot())
      : SIMD3(x / square.squareRoot(), y / square.squareRoot(), 0)
  }

  /// White Lambert reflection by normal; never negative, though the polynomial may ring.
  func diffuse(_ n: SIMD3<Float>) -> SIMD3<Float> {
    let c = diffuse
    let linear = c[0] + c[1] * n.x + c[2] * n.y + c[3] * n.z
    let mixed = c[4] * (n.x * n.y) + c[5] * (n.y * n.z) + c[6] * (n.x * n.z)
    let square = c[7] * (n.z * n.z) + c[8] * (n.x * n.x - n.y * n.y)
    return pointwiseMax(linear + mixed + square, .zero)
  }

  /// Prefiltered reflection by normal.
  func reflection(_ n: SIMD3<Float>, skin: Float) -> SIMD3<Float> {
    reflections.withUnsafeBufferPointer { Self.reflection(n.x, n.y, skin: skin, in: $0) }
  }

  /// Prefiltered reflection by the normal's x and y: bilinear, blended between cloth and skin.
  @inline(__always)
  static func reflection(
    _ x: Float, _ y: Float, skin: Float, in table: UnsafeBufferPointer<SIMD3<Float>>
  ) -> SIMD3<Float> {
    let limit = Float(extent - 1)
    let u = min(max((x + 1) * 0.5 * limit, 0), limit)
    let v = min(max((y + 1) * 0.5 * limit, 0), limit)
    let column = min(Int(u), extent - 2)
    let row = min(Int(v), extent - 2)
    let (fu, fv) = (u - Float(column), v - Float(row))
    func blend(_ corner: Int) -> SIMD3<Float> {
      let top = table[corner] * (1 - fu) + table[corner + 1] * fu
      let bottom = table[corner + extent] * (1 - fu) + table[corner + extent + 1] * fu
      return top * (1 - fv) + bottom * fv
    }
    let corner = row * extent + column
    return blend(corner) * (1 - skin) + blend(corner + extent * extent) * skin
  }
}
