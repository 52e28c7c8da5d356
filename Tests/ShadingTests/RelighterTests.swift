import Imaging
import RenderPasses
import Shading
import TestSupport
import Testing

@Suite struct RelighterTests {
  private let size = ImageExtent(width: 33, height: 31)

  @Test("positive azimuth lights the side at image right, positive elevation the upper side")
  func directions() throws {
    let right = try ballUnder("az=60,el=0")
    #expect(right[0, 27, 15] > 2 * right[0, 5, 15])
    let left = try ballUnder("az=-60,el=0")
    #expect(left[0, 5, 15] > 2 * left[0, 27, 15])
    let top = try ballUnder("az=0,el=60")
    #expect(top[0, 16, 4] > 2 * top[0, 16, 26])
  }

  @Test("a light of exposure 0 lights what faces it to its albedo")
  func level() throws {
    let front = try ballUnder("az=0,el=0,shadow=off", albedo: 0.4, specular: 0)
    #expect(abs(front[1, 16, 15] - 0.4) < 0.02)
  }

  @Test("an environment with one bright texel at three quarters equals a light from the right")
  func environmentConvention() throws {
    var image = Image(width: 64, height: 32, channels: 3, encoding: .linear)
    for channel in 0..<3 { image[channel, 47, 16] = 1 }
    for channel in 0..<3 { image[channel, 48, 16] = 1 }
    let map = EnvironmentMap(image: image)
    var look = Look(rig: LightRig(lights: []))
    look.detail = 0
    look.material.specular = 0
    look.rig.environment.exposure = 0
    var relighter = Relighter(stack: try ball(), portrait: nil)
    let fromMap = try render(&relighter, look, map)
    let fromLight = try ballUnder("az=90,el=0", specular: 0)
    // Order-2 harmonics blur a point, so shapes agree to a few per cent of the peak.
    for x in stride(from: 3, to: 30, by: 3) {
      #expect(abs(fromMap[0, x, 15] - fromLight[0, x, 15]) < 0.06, "column \(x)")
    }
  }

  @Test("turning and flipping an environment moves its light")
  func environmentRotation() throws {
    var front = Image(width: 64, height: 32, channels: 3, encoding: .linear, repeating: 0.01)
    for channel in 0..<3 { front[channel, 40, 12] = 5 }
    let map = EnvironmentMap(image: front)
    var look = Look(rig: LightRig(lights: []))
    look.detail = 0
    var relighter = Relighter(stack: try ball(), portrait: nil)
    func sides() throws -> (left: Float, right: Float) {
      let image = try render(&relighter, look, map)
      return (image[0, 5, 15], image[0, 27, 15])
    }
    #expect(try sides().right > sides().left)
    look.rig.environment.rotationDegrees = -90
    #expect(try sides().right < sides().left)
    look.rig.environment.rotationDegrees = 90
    look.rig.environment.isFlipped = true
    #expect(try sides().right > sides().left)
    look.rig.environment.rotationDegrees = 0
    #expect(try sides().right < sides().left)
  }

  @Test("blurred surroundings light both sides more alike")
  func environmentBlur() throws {
    var image = Image(width: 64, height: 32, channels: 3, encoding: .linear, repeating: 0.1)
    for channel in 0..<3 { image[channel, 47, 16] = 50 }
    let map = EnvironmentMap(image: image)
    var look = Look(rig: LightRig(lights: []))
    look.detail = 0
    var relighter = Relighter(stack: try ball(), portrait: nil)
    var contrasts: [Float] = []
    for blur: Float in [0, 45, 90] {
      look.rig.environment.blurDegrees = blur
      let picture = try render(&relighter, look, map)
      contrasts.append(picture[0, 27, 15] / picture[0, 16, 15])
    }
    #expect(contrasts[0] > contrasts[1] && contrasts[1] > contrasts[2])
  }

  @Test("light adds up")
  func linearity() throws {
    let stack = try SyntheticPortrait.noise(width: 33, height: 31, seed: 3)
    func renderLights(_ lights: [String]) throws -> Image {
      var look = Look(rig: LightRig(lights: try lights.map { try Light(parsing: $0) }))
      look.detail = 0
      look.rig.environment.isOn = false
      var relighter = Relighter(stack: stack, portrait: nil)
      return try render(&relighter, look, nil)
    }
    let (a, b) = ("az=30,el=20,kelvin=3200", "az=-100,el=10,ev=1")
    let (first, second, both) = (
      try renderLights([a]), try renderLights([b]), try renderLights([a, b])
    )
    for index in both.samples.indices {
      let sum = first.samples[index] + second.samples[index]
      #expect(abs(both.samples[index] - sum) <= 1e-5 + 1e-4 * sum)
    }
  }

  /// Passes, photograph and surroundings without any order.
  private static func noise(
    seed: UInt64
  ) throws -> (stack: PassStack, photo: Image, map: EnvironmentMap) {
    (
      try SyntheticPortrait.noise(width: 20, height: 18, seed: seed),
      SyntheticPortrait.photograph(width: 20, height: 18, seed: seed + 9),
      EnvironmentMap(image: SyntheticPortrait.photograph(width: 16, height: 8, seed: seed + 1))
    )
  }

  @Test("what is kept between renders never shows", arguments: 0..<4)
  func keptResponses(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let (stack, photo, map) = try Self.noise(seed: seed)
    var kept = Relighter(stack: stack, portrait: photo)
    var look = Look(rig: LightRig(lights: [Light(), Light()]))
    for _ in 0..<12 {
      edit(&look, &generator)
      let extent = ImageExtent(
        width: Int.random(in: 10...12, using: &generator), height: 18)
      var fresh = Relighter(stack: stack, portrait: photo)
      let expected = fresh.display(look: look, environment: map, size: extent)
      let found = kept.display(look: look, environment: map, size: extent)
      #expect(found == expected)
    }
  }

  @Test("what is kept between previews never shows", arguments: 0..<4)
  func keptSums(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let (stack, photo, map) = try Self.noise(seed: seed)
    var kept = Relighter(stack: stack, portrait: photo)
    var look = Look(rig: LightRig(lights: [Light(), Light(), Light()]))
    for step in 0..<24 {
      // One light is moved for a while, as by a key that is held, and then anything is changed.
      if step % 6 == 5 {
        edit(&look, &generator)
      } else {
        look.rig.lights[step / 6 % look.rig.lights.count].azimuthDegrees += 7
      }
      let extent = stack.albedo.extent
      var fresh = Relighter(stack: stack, portrait: photo)
      let expected = fresh.preview(look: look, environment: map, size: extent)
      let found = kept.preview(look: look, environment: map, size: extent)
      let pairs = zip(try #require(found).bytes, try #require(expected).bytes)
      // Sums in another order may round to the neighbour.
      #expect(pairs.allSatisfy { abs(Int($0) - Int($1)) <= 1 })
      #expect(pairs.count { $0 != $1 } <= 4)
    }
  }

  @Test("background keeps its exact bits")
  func background() throws {
    let photo = SyntheticPortrait.photograph(width: 33, height: 31, seed: 1)
    var look = Look()
    look.exposure = 2
    look.toneMap = .agx
    let stack = try ball()
    var relighter = Relighter(stack: stack, portrait: photo)
    let image = try render(&relighter, look, nil)
    var changed = 0
    for pixel in 0..<image.pixelCount {
      if stack.subject.samples[pixel] == 0 {
        #expect(image.samples[pixel] == photo.samples[pixel])
      } else if image.samples[pixel] != photo.samples[pixel] {
        changed += 1
      }
    }
    #expect(changed > 300)
  }

  @Test("detail carries the photograph's texture, pure shading does not")
  func detail() throws {
    var photo = Image(width: 33, height: 31, channels: 3, encoding: .linear, repeating: 0.4)
    for channel in 0..<3 { photo[channel, 16, 15] = 0.2 }
    func contrast(_ amount: Float) throws -> Float {
      var look = Look(rig: LightRig(lights: [try Light(parsing: "az=0,el=0")]))
      look.detail = amount
      look.material.subsurface = 0
      look.material.specular = 0
      look.rig.environment.isOn = false
      var relighter = Relighter(stack: try ball(albedo: 0.4), portrait: photo)
      let image = try render(&relighter, look, nil)
      return image[0, 16, 15] / image[0, 20, 15]
    }
    #expect(try contrast(0) > 0.95)
    #expect(try contrast(1) < 0.6)
  }

  @Test("the photograph's highlights stay behind, its pores do not")
  func oldHighlights() throws {
    let extent = 96
    var diffuse = Image(
      width: extent, height: extent, channels: 3, encoding: .linear, repeating: 0.3)
    for channel in 0..<3 { diffuse[channel, 40, 48] = 0.2 }
    var photo = diffuse
    for channel in 0..<3 {
      for y in 46..<50 {
        for x in 50..<54 { photo[channel, x, y] += 0.25 }
      }
    }
    let plain = try detailed(diffuse: diffuse, photograph: photo, detail: 0)
    let found = try detailed(diffuse: diffuse, photograph: photo, detail: 1)
    #expect(abs(found[0, 52, 48] / plain[0, 52, 48] - 1) < 0.02)
    #expect(found[0, 40, 48] / plain[0, 40, 48] < 0.8)
  }

  @Test("clipped and shadowed pixels carry nothing over", arguments: [false, true])
  func untrusted(isClipped: Bool) throws {
    let extent = 96
    var photo = Image(
      width: extent, height: extent, channels: 3, encoding: .linear, repeating: 0.3)
    for channel in 0..<3 {
      for y in 0..<extent {
        for x in extent / 2..<extent where !isClipped || channel == 0 {
          photo[channel, x, y] = isClipped ? 1 : 0.004
        }
      }
      photo[channel, 24, 48] *= 0.6
      if !isClipped || channel > 0 { photo[channel, 72, 48] *= 0.6 }
    }
    let plain = try detailed(diffuse: photo, photograph: photo, detail: 0)
    let found = try detailed(diffuse: photo, photograph: photo, detail: 1)
    #expect(found[1, 24, 48] / plain[1, 24, 48] < 0.75)
    #expect(abs(found[1, 72, 48] / plain[1, 72, 48] - 1) < 0.01)
  }

  @Test("where resampling fell below black, the photograph counts as black", arguments: [0, 1])
  func belowBlack(detail: Float) throws {
    let extent = 96
    let diffuse = Image(
      width: extent, height: extent, channels: 3, encoding: .linear, repeating: 0.3)
    func relit(_ darkest: Float) throws -> Image {
      var photo = diffuse
      for channel in 0..<3 {
        for y in 40..<44 {
          for x in 40..<44 { photo[channel, x, y] = darkest }
        }
      }
      return try detailed(diffuse: diffuse, photograph: photo, detail: detail)
    }
    let (black, below) = (try relit(0), try relit(-0.01))
    #expect(below[1, 20, 20] > 0.1)
    #expect(zip(black.samples, below.samples).allSatisfy { abs($0 - $1) < 0.01 })
  }

  /// A wall of albedo 0.3 that faces camera and light.
  private func detailed(diffuse: Image, photograph: Image, detail: Float) throws -> Image {
    let (width, height) = (diffuse.width, diffuse.height)
    let base = try SyntheticPortrait.ball(width: width, height: height, albedo: 0.3)
    var facing = Image(width: width, height: height, channels: 3, encoding: .data)
    let full = Image(width: width, height: height, channels: 1, encoding: .data, repeating: 1)
    for pixel in 0..<facing.pixelCount { facing.samples[2 * facing.pixelCount + pixel] = 1 }
    let stack = try PassStack(
      passes: [
        .albedo: base.albedo, .normal: facing, .specular: base.specular,
        .translucency: base.translucency, .ao: base.ao, .diffuse: diffuse,
      ], skin: full, subject: full)
    var look = Look(rig: LightRig(lights: [try Light(parsing: "az=0,el=0")]))
    look.rig.environment.isOn = false
    look.material.specular = 0
    look.detail = detail
    var relighter = Relighter(stack: stack, portrait: photograph)
    let image = relighter.render(look: look, environment: nil, size: diffuse.extent)
    return try #require(image)
  }

  @Test("a washed-out albedo does not take the colour from the skin")
  func colorLock() throws {
    // Photograph and diffuse pass are reddish, the albedo pass is grey.
    let stack = try ball(albedo: 0.4)
    var warm = Image(width: 33, height: 31, channels: 3, encoding: .linear, repeating: 0.4)
    for pixel in 0..<warm.pixelCount {
      warm.samples[pixel] = 0.55
      warm.samples[2 * warm.pixelCount + pixel] = 0.3
    }
    let passes = try PassStack(
      passes: [
        .albedo: stack.albedo, .normal: stack.normal, .specular: stack.specular,
        .translucency: stack.translucency, .ao: stack.ao, .diffuse: warm,
      ], skin: stack.skin, subject: stack.subject)
    func redness(_ detail: Float) throws -> Float {
      var look = Look(rig: LightRig(lights: [try Light(parsing: "az=0,el=0")]))
      look.detail = detail
      look.rig.environment.isOn = false
      look.material.specular = 0
      var relighter = Relighter(stack: passes, portrait: warm)
      let image = try render(&relighter, look, nil)
      return image[0, 16, 15] / image[2, 16, 15]
    }
    #expect(abs(try redness(0) - 1) < 0.02)
    #expect(try redness(1) > 1.4)
  }

  @Test("residual light brings the photograph's own shading back")
  func residual() throws {
    var look = Look(rig: LightRig(lights: []))
    look.rig.environment.isOn = false
    look.detail = 0
    look.material.residualLight = 1
    var relighter = Relighter(stack: try ball(albedo: 0.37), portrait: nil)
    let image = try render(&relighter, look, nil)
    #expect(abs(image[0, 16, 15] - 0.37) < 1e-5)
  }

  @Test("a cancelled render gives nothing and does no harm")
  func cancellation() throws {
    var relighter = Relighter(stack: try ball(), portrait: nil)
    let cancelled = relighter.render(
      look: Look(), environment: nil, size: size, isCancelled: { true })
    #expect(cancelled == nil)
    let image = try render(&relighter, Look(), nil)
    #expect(image[0, 16, 15] > 0)
  }

  @Test("translucent rims glow when lit from behind, in red")
  func backLight() throws {
    let thick = try ballUnder("az=180,el=0", translucency: 0)
    let thin = try ballUnder("az=180,el=0", translucency: 1)
    #expect(thick[0, 16, 15] < 0.01)
    #expect(thin[0, 16, 15] > 0.05)
    #expect(thin[0, 16, 15] > 1.5 * thin[2, 16, 15])
  }

  private func render(
    _ relighter: inout Relighter, _ look: Look, _ environment: EnvironmentMap?
  ) throws -> Image {
    let image = relighter.render(look: look, environment: environment, size: size)
    return try #require(image)
  }

  private func ball(albedo: Float = 0.5, translucency: Float = 0) throws -> PassStack {
    try SyntheticPortrait.ball(
      width: size.width, height: size.height, albedo: albedo, translucency: translucency)
  }

  private func ballUnder(
    _ light: String, albedo: Float = 0.5, specular: Float = 1, translucency: Float = 0
  ) throws -> Image {
    var look = Look(rig: LightRig(lights: [try Light(parsing: light)]))
    look.rig.environment.isOn = false
    look.detail = 0
    look.material.specular = specular
    var relighter = Relighter(
      stack: try ball(albedo: albedo, translucency: translucency), portrait: nil)
    return try render(&relighter, look, nil)
  }

  private func edit(_ look: inout Look, _ generator: inout SeededGenerator) {
    let light = Int.random(in: 0..<look.rig.lights.count, using: &generator)
    switch Int.random(in: 0..<9, using: &generator) {
    case 0: look.rig.lights[light].azimuthDegrees = .random(in: -180...180, using: &generator)
    case 1: look.rig.lights[light].exposure = .random(in: -3...1, using: &generator)
    case 2: look.rig.lights[light].isOn.toggle()
    case 3: look.rig.lights[light].kelvin = .random(in: 2000...9000, using: &generator)
    case 4: look.rig.environment.rotationDegrees = .random(in: -90...90, using: &generator)
    case 5: look.material.roughness = .random(in: 0.2...0.8, using: &generator)
    case 6: look.material.subsurface = .random(in: 0...2, using: &generator)
    case 7: look.rig.lights.append(Light(id: look.rig.unusedLightIdentifier))
    default: look.rig.environment.isOn.toggle()
    }
  }
}
