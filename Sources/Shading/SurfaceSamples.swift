import CShadingKernels
import Imaging
import RenderPasses

/// The subject's pixels at one size, gathered from passes and photograph into strips.
///
/// Only pixels inside the subject matte are kept: background is never shaded.
package struct SurfaceSamples: Sendable {
  /// Properties of a pixel as the passes and the photograph give them; the kernels know the first.
  enum Lane {
    static let albedo = SAMPLE_ALBEDO
    static let normal = SAMPLE_NORMAL
    static let specular = SAMPLE_SPECULAR
    static let translucency = SAMPLE_TRANSLUCENCY
    static let ao = SAMPLE_AO
    static let skin = SAMPLE_SKIN
    static let shine = SAMPLE_SHINE
    static let bend = SAMPLE_BEND
    static let subject = 14
    static let diffuse = 15
    static let behind = 18
    static let carry = 21
    static let carryWeight = 24
    static let texture = 25
    static let count = 26
  }

  let width: Int
  let height: Int
  /// Index into the image of every gathered pixel, row by row.
  package let pixels: [Int32]
  private(set) var strips: Strips
  /// Where the gathered pixels lie.
  let runs: PixelRuns
  /// For every strip, bits of the blocks that do not hide all of what lies behind them.
  let translucentBlocks: [UInt32]
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
    skin = Parallel.map(count: width * height) { pixel in
      passes.skin.samples[pixel] < Self.leastMatte ? 0 : passes.skin.samples[pixel]
    }
    let layers = photo.map { SubjectLayers(photograph: $0, matte: passes.subject) }
    let coverage = layers?.coverage ?? passes.subject
    let matte = coverage.samples
    pixels = matte.indices.filter { matte[$0] > Self.leastMatte }.map(Int32.init)
    runs = PixelRuns(pixels: pixels, width: width)
    translucentBlocks = Self.translucentBlocks(pixels, matte: matte)
    let detail = layers.map {
      DetailTransfer(
        photograph: $0.subject, diffuse: passes.diffuse, albedo: passes.albedo, skin: passes.skin,
        matte: coverage)
    }
    strips = Strips(lanes: Lane.count, pixels: pixels.count)
    gather(
      [
        (Lane.albedo, passes.albedo), (Lane.normal, passes.normal),
        (Lane.specular, passes.specular), (Lane.translucency, passes.translucency),
        (Lane.ao, passes.ao), (Lane.skin, passes.skin), (Lane.subject, coverage),
        (Lane.diffuse, passes.diffuse), (Lane.behind, layers?.behind ?? background),
      ], detail: detail)
  }

  private static func translucentBlocks(_ pixels: [Int32], matte: [Float]) -> [UInt32] {
    let block = Int(SHADING_BLOCK)
    return stride(from: 0, to: pixels.count, by: Strips.width).map { first in
      let end = min(first + Strips.width, pixels.count)
      var bits: UInt32 = 0
      for place in first..<end where matte[Int(pixels[place])] < 1 {
        bits |= 1 << ((place - first) / block)
      }
      return bits
    }
  }

  private mutating func gather(_ planes: [(lane: Int, image: Image)], detail: DetailTransfer?) {
    let (width, regions) = (width, SkinRegions(width: width, height: height))
    let pixels = pixels.count
    runs.withView { runs in
      strips.forEachStrip { strip, values in
        func lane(_ index: Int) -> UnsafeMutablePointer<Float> { values + index * Strips.width }
        for run in runs[strip] {
          for (firstLane, image) in planes {
            image.samples.withUnsafeBufferPointer { samples in
              guard let first = samples.baseAddress else { return }
              for channel in 0..<image.channels {
                (lane(firstLane + channel) + run.place).update(
                  from: first + channel * image.pixelCount + run.pixel, count: run.count)
              }
            }
          }
          regions.fill(
            x: run.pixel % width, y: run.pixel / width, count: run.count,
            into: lane(Lane.shine) + run.place)
          detail?.fill(
            run, carry: lane(Lane.carry), texture: lane(Lane.texture),
            weight: lane(Lane.carryWeight))
        }
        // The last strip is padded with its last pixel, so that kernels need no tail.
        let filled = pixels - strip * Strips.width
        guard filled < Strips.width else { return }
        for index in 0..<Lane.count {
          (lane(index) + filled).update(
            repeating: lane(index)[filled - 1], count: Strips.width - filled)
        }
      }
    }
  }

  /// The properties of one gathered pixel, for the reference shader.
  package func properties(_ pixel: Int) -> SurfaceProperties {
    func lane(_ index: Int) -> Float { strips[index, pixel] }
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
    surface.shine = lane(Lane.shine)
    surface.bend = vector(Lane.bend)
    return surface
  }

  /// Takes from the relief where light from all around reaches each pixel.
  package mutating func take(_ bentNormals: BentNormals, lookup: CastShadow.Lookup) {
    bentNormals.planes.withUnsafeBufferPointer { planes in
      runs.withView { runs in
        guard let base = planes.baseAddress else { return }
        nonisolated(unsafe) let planes = base
        strips.forEachStrip { strip, values in
          for lane in 0..<3 {
            lookup.fill(
              values + (Lane.bend + lane) * Strips.width, runs: runs[strip],
              from: planes + lane * lookup.count)
          }
        }
      }
    }
  }

  /// Opens strips, translucent blocks and runs for reading by several threads.
  func withViews(
    _ body: (UnsafePointer<Float>, UnsafeBufferPointer<UInt32>, PixelRuns.View) -> Void
  ) {
    strips.withPointer { strips in
      translucentBlocks.withUnsafeBufferPointer { blocks in
        runs.withView { runs in body(strips, blocks, runs) }
      }
    }
  }
}
