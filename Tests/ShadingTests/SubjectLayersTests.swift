import Foundation
import Imaging
import RenderPasses
import Shading
import Testing

/// A disc with a soft edge before a wall: photographs whose parts are known.
@Suite struct SubjectLayersTests {
  private static let extent = 96

  private static func picture(
    _ channels: Int, _ value: (_ channel: Int, _ x: Int, _ y: Int) -> Float
  )
    -> Image
  {
    var result = Image(width: extent, height: extent, channels: channels, encoding: .linear)
    for channel in 0..<channels {
      for y in 0..<extent {
        for x in 0..<extent { result[channel, x, y] = value(channel, x, y) }
      }
    }
    return result
  }

  /// Covered up to 30 pixels from the middle, fading out over five.
  private static let matte = picture(1) { _, x, y in
    let (dx, dy) = (Float(x) - 47.5, Float(y) - 47.5)
    return min(max((32.5 - (dx * dx + dy * dy).squareRoot()) / 5, 0), 1)
  }
  private static let front = picture(3) { channel, x, _ in
    [0.6, 0.4, 0.3][channel] * (0.8 + 0.4 * Float(x) / 96)
  }

  private static func back(_ level: Float) -> Image {
    picture(3) { channel, _, y in level * [0.8, 0.9, 1.1][channel] * (0.9 + 0.2 * Float(y) / 96) }
  }

  private static func mixed(_ front: Image, _ back: Image) -> Image {
    picture(3) { channel, x, y in
      let alpha = matte[0, x, y]
      return alpha * front[channel, x, y] + (1 - alpha) * back[channel, x, y]
    }
  }

  @Test("a photograph comes apart into what it was made of", arguments: [0.05, 0.9])
  func parts(wall: Float) {
    let back = Self.back(wall)
    let photograph = Self.mixed(Self.front, back)
    let layers = SubjectLayers(photograph: photograph, matte: Self.matte)
    var worst: Float = 0
    for y in 0..<Self.extent {
      for x in 0..<Self.extent {
        let (alpha, truth) = (layers.coverage[0, x, y], Self.matte[0, x, y])
        for channel in 0..<3 {
          let (own, behind) = (layers.subject[channel, x, y], layers.behind[channel, x, y])
          // What they show together is exact; apart they are as good as they can be seen.
          if alpha < 1 {
            #expect(abs(alpha * own + (1 - alpha) * behind - photograph[channel, x, y]) < 1e-5)
            #expect(own >= 0 && behind > -1e-5)
          } else {
            #expect(own == photograph[channel, x, y])
          }
          // What is seen of a layer is its share of the pixel.
          worst = max(worst, abs(alpha * own - truth * Self.front[channel, x, y]))
          worst = max(worst, abs((1 - alpha) * behind - (1 - truth) * back[channel, x, y]))
        }
      }
    }
    #expect(worst < 0.02, "off by \(worst)")
  }

  @Test(
    "a subject that loses its light leaves no rim and takes nothing from the wall",
    arguments: [0.05, 0.9])
  func noRim(wall: Float) throws {
    let back = Self.back(wall)
    let photograph = Self.mixed(Self.front, back)
    let base = try SyntheticPortrait.ball(width: Self.extent, height: Self.extent)
    let matte = Image(
      width: Self.extent, height: Self.extent, channels: 1, encoding: .data,
      samples: Self.matte.samples)
    let stack = try PassStack(
      passes: [
        .albedo: base.albedo, .normal: base.normal, .specular: base.specular,
        .translucency: base.translucency, .ao: base.ao, .diffuse: Self.front,
      ], skin: matte, subject: matte)
    var look = Look(rig: LightRig(lights: []))
    look.rig.environment.isOn = false
    var relighter = Relighter(stack: stack, portrait: photograph)
    let rendered = relighter.render(look: look, environment: nil, size: photograph.extent)
    let found = try #require(rendered)
    let truth = Self.mixed(Self.picture(3) { _, _, _ in 0 }, back)
    var worst: Float = 0
    for (a, b) in zip(found.samples, truth.samples) { worst = max(worst, abs(a - b)) }
    // Were the subject's light laid over the photograph as it is shown, a fifth of it would be left.
    #expect(worst < 0.02, "a rim of \(worst)")
  }

  /// Grey hair: strands of unlike brightness over a disc, before a wall.
  private static let strands = picture(3) { channel, x, y in
    [0.45, 0.42, 0.4][channel] * (0.6 + 0.55 * sin(0.9 * Float(x) + 0.35 * Float(y)))
  }

  @Test("where a matte errs at hair, its light changes as if it did not, and no line appears")
  func wrongMatte() {
    let back = Self.back(0.05)
    let photograph = Self.mixed(Self.strands, back)
    // Too little coverage in the dark strands, too much in the wall's next pixels, as edges mislead a matte.
    let claimed = Self.picture(1) { _, x, y in
      let alpha = Self.matte[0, x, y]
      let error = 0.2 * sin(0.9 * Float(x) + 0.35 * Float(y))
      return alpha > 0 && alpha < 1 ? min(max(alpha + error, 0.01), 0.99) : alpha
    }
    let layers = SubjectLayers(photograph: photograph, matte: claimed)
    for light in [Float(0.1), 0.5, 1.5] {
      var (sum, count, worst) = (Float.zero, Float.zero, Float.zero)
      for y in 0..<Self.extent {
        for x in 0..<Self.extent where claimed[0, x, y] > 0 && claimed[0, x, y] < 1 {
          let (alpha, truth) = (layers.coverage[0, x, y], Self.matte[0, x, y])
          for channel in 0..<3 {
            let found =
              alpha * light * layers.subject[channel, x, y]
              + (1 - alpha) * layers.behind[channel, x, y]
            let right =
              truth * light * Self.strands[channel, x, y] + (1 - truth) * back[channel, x, y]
            sum += abs(found - right)
            // Darker than wall and subject: a line.
            worst = max(
              worst, min(light * Self.strands[channel, x, y], back[channel, x, y]) - found)
            count += 1
          }
        }
      }
      // Shared by least squares alone the errors would be 0.008 and 0.04 under the faintest light.
      #expect(sum / count < 0.006, "off by \(sum / count) under light \(light)")
      #expect(worst < 0.02, "a line darker by \(worst) under light \(light)")
    }
  }
}
