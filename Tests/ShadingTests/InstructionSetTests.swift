import Foundation
import Imaging
import RenderPasses
import Shading
import TestSupport
import Testing

/// Every instruction set against plain code, from passes to the picture.
@Suite struct InstructionSetTests {
  @Test("tone maps and the sRGB curve equal their formulas", arguments: ToneMap.allCases)
  func development(toneMap: ToneMap) throws {
    // A flat surface whose own light is all there is: the picture is the curve of the diffuse pass.
    var generator = SeededGenerator(seed: 21)
    let (width, height) = (61, 47)
    var scene = Image(width: width, height: height, channels: 3, encoding: .linear)
    for index in scene.samples.indices {
      scene.samples[index] = exp2(Float.random(in: -14...5, using: &generator))
    }
    for channel in 0..<3 { scene[channel, 0, 0] = 0 }
    let stack = try Self.passes(diffuse: scene)
    var look = Look(rig: LightRig(lights: []))
    look.rig.environment.isOn = false
    look.detail = 0
    look.material.residualLight = 1
    look.exposure = 0.5
    look.toneMap = toneMap
    let mapping = ToneMapping(toneMap)
    for kernels in InstructionSet.allCases.compactMap(Kernels.init) {
      var relighter = Relighter(stack: stack, portrait: nil, kernels: kernels)
      let rendered = relighter.display(look: look, environment: nil, size: scene.extent)
      let picture = try #require(rendered)
      for pixel in 0..<scene.pixelCount {
        let count = scene.pixelCount
        let light = SIMD3(
          scene.samples[pixel], scene.samples[count + pixel], scene.samples[2 * count + pixel])
        let display = mapping.display(light * Float(2).squareRoot())
        for channel in 0..<3 {
          let expected = ColorTransfer.sRGB(fromLinear: display[channel])
          let found = picture.samples[channel * count + pixel]
          #expect(abs(found - expected) <= 2e-5, "\(found), not \(expected), of \(light)")
        }
      }
    }
  }

  @Test("all instruction sets give the same picture", arguments: [(33, 31), (130, 97)])
  func pictures(size: (Int, Int)) throws {
    let stack = try SyntheticPortrait.noise(width: size.0, height: size.1, seed: 4)
    let photo = SyntheticPortrait.photograph(width: size.0, height: size.1, seed: 5)
    let map = EnvironmentMap(
      image: SyntheticPortrait.photograph(width: 16, height: 8, seed: 6))
    var look = Look(rig: LightRig(lights: [try Light(parsing: "az=60,el=20")]))
    look.material.subsurface = 3
    look.material.residualLight = 0.2
    func picture(_ kernels: Kernels) throws -> Image {
      var relighter = Relighter(stack: stack, portrait: photo, kernels: kernels)
      let rendered = relighter.render(look: look, environment: map, size: stack.albedo.extent)
      return try #require(rendered)
    }
    let expected = try picture(try #require(Kernels(.baseline)))
    for kernels in InstructionSet.allCases.compactMap(Kernels.init) {
      let found = try picture(kernels)
      for (found, expected) in zip(found.samples, expected.samples) {
        #expect(abs(found - expected) <= 1e-5 + 1e-4 * abs(expected))
      }
    }
  }

  @Test("a preview is the picture that is saved, in eight bits", arguments: ToneMap.allCases)
  func previews(toneMap: ToneMap) throws {
    let stack = try SyntheticPortrait.noise(width: 130, height: 97, seed: 7)
    let photo = SyntheticPortrait.photograph(width: 130, height: 97, seed: 8)
    var look = Look(rig: LightRig(lights: [try Light(parsing: "az=60,el=20,ev=3")]))
    look.toneMap = toneMap
    for kernels in InstructionSet.allCases.compactMap(Kernels.init) {
      var relighter = Relighter(stack: stack, portrait: photo, kernels: kernels)
      for width in [130, 61] {
        let extent = ImageExtent(width: width, height: 97)
        let found = relighter.preview(look: look, environment: nil, size: extent)
        let picture = relighter.display(look: look, environment: nil, size: extent)
        #expect(found == DisplayImage(try #require(picture)))
      }
    }
  }

  @Test("light diffuses below skin as a double sum over the matte says")
  func diffusion() throws {
    let (width, height) = (90, 40)
    // A step of light, half of it on skin: normals of the right half turn away from the lamp.
    var normal = Image(width: width, height: height, channels: 3, encoding: .data)
    var skin = Image(width: width, height: height, channels: 1, encoding: .data, repeating: 1)
    for y in 0..<height {
      for x in 0..<width {
        normal[x < 45 ? 2 : 0, x, y] = 1
        if y > 30 { skin[0, x, y] = 0.25 }
      }
    }
    let gray = Image(width: width, height: height, channels: 3, encoding: .linear, repeating: 0.5)
    let stack = try Self.passes(diffuse: gray, normal: normal, skin: skin)
    var look = Look(rig: LightRig(lights: [try Light(parsing: "az=0,el=0,shadow=off")]))
    look.rig.environment.isOn = false
    look.material.specular = 0
    look.detail = 0
    let (strength, x, y) = (Float(4), 47, 28)
    look.material.subsurface = strength
    var relighter = Relighter(stack: stack, portrait: nil)
    let rendered = relighter.render(look: look, environment: nil, size: gray.extent)
    let lit = try #require(rendered)
    let sigma = 1.18 * strength * Float(width) / 243
    let radius = Int((3 * sigma).rounded(.up))
    var (sum, total): (Float, Float) = (0, 0)
    for dy in -radius...radius {
      for dx in -radius...radius {
        let weight =
          Self.gauss(dx, sigma) * Self.gauss(dy, sigma)
          * skin[0, x, min(max(y + dy, 0), height - 1)]
        sum += weight * (x + dx < 45 ? 1 : 0)
        total += weight
      }
    }
    let share = lit[0, x, y] / lit[0, 5, y]
    #expect(abs(share - sum / total) < 0.03, "\(share), not \(sum / total)")
    #expect(lit[2, x, y] < 0.5 * lit[0, x, y])
  }

  private static func gauss(_ distance: Int, _ sigma: Float) -> Float {
    exp(-Float(distance * distance) / (2 * sigma * sigma))
  }

  /// Passes of a wall; without a normal map it faces the camera.
  private static func passes(
    diffuse: Image, normal: Image? = nil, skin: Image? = nil
  ) throws -> PassStack {
    let (width, height) = (diffuse.width, diffuse.height)
    func constant(_ value: Float, _ channels: Int, _ encoding: ColorEncoding) -> Image {
      Image(
        width: width, height: height, channels: channels, encoding: encoding, repeating: value)
    }
    var facing = constant(0, 3, .data)
    for pixel in 0..<width * height { facing.samples[2 * width * height + pixel] = 1 }
    return try PassStack(
      passes: [
        .albedo: constant(0.5, 3, .linear), .normal: normal ?? facing,
        .specular: constant(0, 1, .data), .translucency: constant(0, 1, .data),
        .ao: constant(1, 1, .data), .diffuse: diffuse,
      ], skin: skin ?? constant(1, 1, .data), subject: constant(1, 1, .data))
  }
}
