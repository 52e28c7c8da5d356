import Foundation
import Imaging
import RenderPasses
import Shading
import Testing

@Suite struct CastShadowTests {
  private let extent = 96

  @Test("a bump throws its shadow away from the light", arguments: [-1, 1] as [Float])
  func sides(side: Float) throws {
    var shadow = CastShadow(field: DepthField(stack: try wall()))
    let visibility = shadow.visibility(
      of: LightSource(try Light(parsing: "az=\(side * 70),el=0,size=2")))
    let behind = visibility[row(48) + 48 - Int(side) * 21]
    let before = visibility[row(48) + 48 + Int(side) * 21]
    let above = visibility[row(20) + 48]
    #expect(behind < 0.2, "seen \(behind)")
    #expect(before > 0.95, "seen \(before)")
    #expect(above > 0.95, "seen \(above)")
  }

  @Test("light from above shades below, light from the camera shades nothing")
  func verticalAndFrontal() throws {
    var shadow = CastShadow(field: DepthField(stack: try wall()))
    let top = shadow.visibility(of: LightSource(try Light(parsing: "az=0,el=70,size=2")))
    #expect(top[row(48 + 21) + 48] < 0.2)
    #expect(top[row(48 - 21) + 48] > 0.95)
    let front = shadow.visibility(of: LightSource(try Light(parsing: "az=0,el=0")))
    #expect(front.allSatisfy { $0 == 1 })
  }

  @Test("a larger lamp throws a softer shadow")
  func penumbra() throws {
    var shadow = CastShadow(field: DepthField(stack: try wall()))
    func partlyLit(_ size: Int) throws -> Int {
      let visibility = shadow.visibility(
        of: LightSource(try Light(parsing: "az=65,el=0,size=\(size)")))
      return visibility.count { $0 > 0.05 && $0 < 0.95 }
    }
    #expect(try partlyLit(40) > 2 * partlyLit(2))
  }

  @Test("horizons that are kept give what fresh ones give")
  func keptHorizons() throws {
    let field = DepthField(stack: try wall())
    var kept = CastShadow(field: field)
    for azimuth in stride(from: Float(-80), through: 80, by: 13) {
      var light = Light()
      light.azimuthDegrees = azimuth
      var fresh = CastShadow(field: field)
      let found = kept.visibility(of: LightSource(light))
      let expected = fresh.visibility(of: LightSource(light))
      #expect(found == expected)
    }
  }

  @Test(
    "horizons equal a walk over the relief", arguments: InstructionSet.allCases,
    [(0, 20), (77, 35), (-130, 10), (45, -60)] as [(Float, Float)])
  func horizonParity(set: InstructionSet, place: (azimuth: Float, elevation: Float)) throws {
    guard let kernels = Kernels(set) else { return }
    let field = DepthField(stack: try wall())
    var shadow = CastShadow(field: field, kernels: kernels)
    var light = Light()
    light.azimuthDegrees = place.azimuth
    light.elevationDegrees = place.elevation
    let found = shadow.visibility(of: LightSource(light))
    let expected = try marchedVisibility(of: LightSource(light), on: field)
    for index in found.indices {
      #expect(abs(found[index] - expected[index]) < 2e-4, "point \(index)")
    }
  }

  /// The shadow as the documentation has it, point by point in plain code.
  private func marchedVisibility(of source: LightSource, on field: DepthField) throws -> [Float] {
    let (direction, size) = (source.direction, field.width)
    let turn = atan2(-direction.y, direction.x) / (2 * .pi) * 48
    let (first, share) = (turn.rounded(.down), turn - turn.rounded(.down))
    func horizon(_ azimuth: Float) -> [Float] {
      let angle = azimuth * 2 * .pi / 48
      let raw = (0..<size * size).map { index in
        steepest(x: index % size, y: index / size, along: SIMD2(cos(angle), sin(angle)), on: field)
      }
      return blurred(raw.map { atan($0) }, size: size)
    }
    let (near, far) = (horizon(first), horizon(first + 1))
    let sideways = (direction.x * direction.x + direction.y * direction.y).squareRoot()
    let elevation = atan2(direction.z, sideways)
    return (0..<size * size).map { index in
      let angle = near[index] + (far[index] - near[index]) * share
      let seen = min(max((elevation + 0.07 - angle) / 0.14, 0), 1)
      return seen * seen * (3 - 2 * seen)
    }
  }

  private func steepest(
    x: Int, y: Int, along step: SIMD2<Float>, on field: DepthField
  ) -> Float {
    func depth(_ x: Int, _ y: Int) -> Float {
      let isInside = x >= 0 && y >= 0 && x < field.width && y < field.height
      return isInside ? field.depth[y * field.width + x] : -1e6
    }
    var (steepest, distance) = (-Float.greatestFiniteMagnitude, Float(1.5))
    while distance < 0.5 * Float(field.width) {
      let (px, py) = (Float(x) + step.x * distance, Float(y) + step.y * distance)
      let (column, row) = (Int(px.rounded(.down)), Int(py.rounded(.down)))
      let (fx, fy) = (px - Float(column), py - Float(row))
      let top = depth(column, row) * (1 - fx) + depth(column + 1, row) * fx
      let bottom = depth(column, row + 1) * (1 - fx) + depth(column + 1, row + 1) * fx
      let height = top * (1 - fy) + bottom * fy
      steepest = max(steepest, (height - depth(x, y) - 0.3) / distance)
      distance += 1 + 0.08 * distance
    }
    return steepest
  }

  /// A Gaussian of 0.8 pixels, by the double sum.
  private func blurred(_ plane: [Float], size: Int) -> [Float] {
    let weights = (-3...3).map { exp(-Float($0 * $0) / (2 * 0.8 * 0.8)) }
    let total = weights.reduce(0, +)
    return (0..<size * size).map { index in
      var sum: Float = 0
      for dy in -3...3 {
        for dx in -3...3 {
          let x = min(max(index % size + dx, 0), size - 1)
          let y = min(max(index / size + dy, 0), size - 1)
          sum += plane[y * size + x] * weights[dx + 3] * weights[dy + 3]
        }
      }
      return sum / (total * total)
    }
  }

  @Test("a light that casts no shadow reaches behind the bump")
  func shadowSwitch() throws {
    func behind(_ shadow: String) throws -> Float {
      var look = Look(
        rig: LightRig(lights: [try Light(parsing: "az=70,el=0,size=2,shadow=\(shadow)")]))
      look.rig.environment.isOn = false
      var relighter = Relighter(stack: try wall(), portrait: nil)
      let size = ImageExtent(width: extent, height: extent)
      let image = relighter.render(look: look, environment: nil, size: size)
      return try #require(image)[0, 27, 48]
    }
    #expect(try behind("on") < 0.5 * behind("off"))
  }

  @Test(
    "shadows lie where rays cast at half a ball on a wall find them",
    arguments: [(70, 0), (-60, 15), (30, 50), (0, 60), (0, -40), (135, 20), (80, 40)]
      as [(Float, Float)])
  func analyticShadow(light: (azimuth: Float, elevation: Float)) throws {
    let direction = Direction.vector(
      azimuthDegrees: light.azimuth, elevationDegrees: light.elevation)
    var shadow = CastShadow(field: DepthField(stack: try wall()))
    let source = try Light(parsing: "az=\(light.azimuth),el=\(light.elevation),size=0")
    let visibility = shadow.visibility(of: LightSource(source))
    var (wrong, shadowed, total) = (0, 0, 0)
    for y in 4..<extent - 4 {
      for x in 4..<extent - 4 {
        let point = HalfBall.point(column: x, row: y)
        // What faces away is dark without any shadow.
        guard HalfBall.dot(point.normal, direction) > 0.05 else { continue }
        let isDark = HalfBall.isBlocked(point.position + point.normal * 0.01, direction)
        total += 1
        shadowed += isDark ? 1 : 0
        wrong += isDark != (visibility[row(y) + x] < 0.5) ? 1 : 0
      }
    }
    // Half the shadow's outline may be a pixel off.
    let limit = 6 * Float(shadowed).squareRoot() + 0.002 * Float(total)
    #expect(Float(wrong) < limit, "\(wrong) of \(total) points, \(shadowed) in shadow")
  }

  @Test("what the matte holds beside the subject throws no shadow")
  func leaks() throws {
    let wall = try wall()
    var (normal, subject) = (wall.normal, wall.subject)
    // A steep strip at the left, apart from the rest: nobody knows how high it stands.
    for y in 0..<extent {
      for x in 0..<28 {
        if x >= 20 { subject[0, x, y] = 0 }
        normal[0, x, y] = 0.9
        normal[2, x, y] = 0.4359
      }
    }
    let stack = try PassStack(
      passes: [
        .albedo: wall.albedo, .normal: normal, .specular: wall.specular,
        .translucency: wall.translucency, .ao: wall.ao, .diffuse: wall.diffuse,
      ], skin: wall.skin, subject: subject)
    var shadow = CastShadow(field: DepthField(stack: stack))
    let visibility = shadow.visibility(of: LightSource(try Light(parsing: "az=-80,el=0,size=2")))
    for x in 32..<64 { #expect(visibility[row(12) + x] > 0.95, "column \(x)") }
  }

  @Test("without shadows every light shines much as one that casts none, lamps nearby included")
  func noShadows() throws {
    func picture(_ light: String, _ shadows: Relighter.Shadows) throws -> Image {
      var look = Look(rig: LightRig(lights: [try Light(parsing: light)]))
      look.rig.environment.isOn = false
      var relighter = Relighter(stack: try wall(), portrait: nil, shadows: shadows)
      let size = ImageExtent(width: extent, height: extent)
      let image = relighter.render(look: look, environment: nil, size: size)
      return try #require(image)
    }
    func difference(_ a: Image, _ b: Image) -> Float {
      zip(a.samples, b.samples).reduce(0) { $0 + abs($1.0 - $1.1) }
    }
    for light in ["az=70,el=0", "az=-150,el=20"] {
      let quick = try picture(light, .none)
      let open = try picture(light + ",shadow=off", .cast)
      let shadowed = try picture(light, .cast)
      // What remains is what the relief tells of the light from around.
      #expect(difference(quick, open) < 0.05 * difference(quick, shadowed))
    }
    // The places that a near lamp sees are those of a plane.
    let near = try picture("az=40,el=0,distance=2", .none)
    #expect(near.samples.allSatisfy { $0.isFinite && $0 >= 0 })
    #expect(near.samples.max() ?? 0 > 0)
  }

  @Test("the relief of a ball rises to its middle")
  func depth() throws {
    let stack = try SyntheticPortrait.ball(width: extent, height: extent)
    let field = DepthField(stack: stack)
    let middle = field.depth[row(48) + 48]
    let flank = field.depth[row(48) + 48 + 24]
    // A ball of radius 48 falls by 6.4 over half its radius.
    #expect(abs(middle - flank - 6.4) < 0.4, "falls by \(middle - flank)")
    #expect(abs(flank - field.depth[row(48) + 48 - 25]) < 0.5)
    // Near the outline, 45.5 from the middle, it has fallen by 32.7.
    let edge = field.depth[row(48) + 93]
    #expect(abs(middle - edge - 32.7) < 1.5, "falls by \(middle - edge)")
    let bump = DepthField(stack: try wall())
    let height = bump.depth[row(48) + 48] - bump.depth[row(80) + 80]
    #expect(abs(height - 16) < 2.4, "rises by \(height)")
  }

  private func row(_ y: Int) -> Int { y * extent }

  private func wall() throws -> PassStack {
    try SyntheticPortrait.bump(extent: extent, radius: 16)
  }
}
