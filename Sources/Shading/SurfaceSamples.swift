import Imaging
import RenderPasses

/// The subject's pixels at one size, gathered from passes and photograph into strips.
///
/// Only pixels inside the subject matte are kept: background is never shaded.
package struct SurfaceSamples: Sendable {
  /// Properties of a pixel as the passes and the photograph give them.
  enum Lane {
    static let albedo = 0
    static let normal = 3
    static let specular = 6
    static let translucency = 7
    static let ao = 8
    static let skin = 9
    static let subject = 10
    static let diffuse = 11
    static let photograph = 14
    static let carry = 17
    static let carryWeight = 20
    static let texture = 21
    static let count = 22
  }

  let width: Int
  let height: Int
  /// Index into the image of every gathered pixel, row by row.
  package let pixels: [Int32]
  let strips: Strips
  /// The photograph at this size, linear; black where there is none.
  let background: Image
  /// Skin matte of the whole image, one value per pixel.
  let skin: [Float]

  /// Pixels whose matte is below this are background.
  private static let leastMatte: Float = 1 / 512

  /// Resamples and gathers.
  package init(stack: PassStack, photograph: Image?, width: Int, height: Int) {
    let passes = stack.resized(width: width, height: height)
    let photo = photograph.map {
      $0.converted(to: .linear).resized(width: width, height: height)
    }
    self.width = width
    self.height = height
    background = photo ?? Image(width: width, height: height, channels: 3, encoding: .linear)
    skin = passes.skin.samples
    let matte = passes.subject.samples
    pixels = matte.indices.filter { matte[$0] > Self.leastMatte }.map(Int32.init)
    var planes: [(lane: Int, image: Image)] = [
      (Lane.albedo, passes.albedo), (Lane.normal, passes.normal),
      (Lane.specular, passes.specular), (Lane.translucency, passes.translucency),
      (Lane.ao, passes.ao), (Lane.skin, passes.skin), (Lane.subject, passes.subject),
      (Lane.diffuse, passes.diffuse), (Lane.photograph, photo ?? passes.diffuse),
    ]
    if let photo {
      let detail = DetailTransfer(
        photograph: photo, diffuse: passes.diffuse, albedo: passes.albedo, matte: passes.subject)
      planes += [
        (Lane.carry, detail.carry), (Lane.carryWeight, detail.weight),
        (Lane.texture, detail.texture),
      ]
    }
    strips = Self.gathered(planes, pixels: pixels)
  }

  private static func gathered(
    _ planes: [(lane: Int, image: Image)], pixels: [Int32]
  ) -> Strips {
    var strips = Strips(lanes: Lane.count, pixels: pixels.count)
    let count = strips.count
    _ = strips.withMutablePointer { base in
      for (firstLane, image) in planes {
        for channel in 0..<image.channels {
          let offset = channel * image.pixelCount
          for strip in 0..<count {
            let lane = base + (strip * Lane.count + firstLane + channel) * Strips.width
            for place in 0..<Strips.width {
              // The last strip is padded with its last pixel, so that kernels need no tail.
              let index = min(strip * Strips.width + place, pixels.count - 1)
              lane[place] = image.samples[offset + Int(pixels[index])]
            }
          }
        }
      }
    }
    return strips
  }

  /// The properties of one gathered pixel.
  func properties(at place: Int, in strip: UnsafePointer<Float>) -> SurfaceProperties {
    func lane(_ index: Int) -> Float { strip[index * Strips.width + place] }
    func vector(_ index: Int) -> SIMD3<Float> {
      SIMD3(lane(index), lane(index + 1), lane(index + 2))
    }
    var surface = SurfaceProperties()
    surface.albedo = vector(Lane.albedo)
    surface.normal = vector(Lane.normal)
    surface.specular = lane(Lane.specular)
    surface.translucency = lane(Lane.translucency)
    surface.ao = lane(Lane.ao)
    surface.skin = lane(Lane.skin)
    return surface
  }
}
