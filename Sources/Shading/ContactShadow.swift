import CShadingKernels
import Foundation
import Imaging

/// Shadows too small for the relief's grid: in creases of lips, nostrils and lids.
///
/// Each pixel walks a few millimetres towards the light over the slopes of the normals themselves, the way
/// screen-space contact shadows walk over a depth buffer; the highest rise on the way hides the light.
struct ContactShadow: Sendable {
  /// Change of depth per pixel to the right, then per pixel down, with a margin of zeros all around.
  private let slopes: [Float]
  private let width: Int
  private let stride: Int
  private let margin: Int
  private let plane: Int
  private let kernels: Kernels

  private static let reachMillimetres: Float = 4
  /// Slopes steeper than this belong to outlines.
  private static let greatestSlope: Float = 5

  /// Prepares the slopes of a picture.
  init(normal: Image, subject: Image, kernels: Kernels) {
    let (width, height, count) = (normal.width, normal.height, normal.pixelCount)
    let reach = Self.reachMillimetres / DepthField.cropMillimetres * Float(max(width, height))
    margin = max(Int(reach.rounded(.up)), 1) + 2
    stride = width + 2 * margin
    plane = stride * (height + 2 * margin)
    self.width = width
    self.kernels = kernels
    var slopes = [Float](repeating: 0, count: 2 * plane)
    for y in 0..<height {
      for x in 0..<width {
        let pixel = y * width + x
        guard subject.samples[pixel] > 0.5 else { continue }
        let nz = max(normal.samples[2 * count + pixel], 0.1)
        var slope = SIMD2(-normal.samples[pixel], normal.samples[count + pixel]) / nz
        let steepness = (slope * slope).sum().squareRoot()
        if steepness > Self.greatestSlope { slope *= Self.greatestSlope / steepness }
        let place = (y + margin) * stride + x + margin
        slopes[place] = slope.x
        slopes[plane + place] = slope.y
      }
    }
    self.slopes = slopes
  }

  /// A light as pixels walk towards it; nothing for one near the camera's axis.
  struct Walk: @unchecked Sendable {
    fileprivate let steps: [shading_slope_step]
    fileprivate let skyline: shading_skyline
  }

  /// The walk towards a light, taken as far away.
  func walk(to source: LightSource) -> Walk? {
    let direction = source.direction
    let sideways = (direction.x * direction.x + direction.y * direction.y).squareRoot()
    guard source.castsShadow, sideways > CastShadow.leastSideways else { return nil }
    let (right, down) = (direction.x / sideways, -direction.y / sideways)
    var steps: [shading_slope_step] = []
    var distance: Float = 0
    while true {
      let length = max(1, 0.25 * distance)
      // The slope in the middle of the step stands for all of it.
      let middle = distance + length / 2
      distance += length
      guard distance < Float(margin - 1) else { break }
      let (x, y) = ((right * middle).rounded(), (down * middle).rounded())
      steps.append(
        shading_slope_step(
          offset: Int(y) * stride + Int(x), length: length, reciprocal: 1 / distance))
    }
    return Walk(
      steps: steps,
      skyline: shading_skyline(
        right: right, down: down, elevation: atan2(direction.z, sideways),
        penumbra: max(source.radius, CastShadow.leastPenumbra)))
  }

  /// Darkens a strip of visibilities.
  func apply(
    _ walk: Walk, to visible: UnsafeMutablePointer<Float>,
    runs: Slice<UnsafeBufferPointer<PixelRuns.Run>>
  ) {
    slopes.withUnsafeBufferPointer { slopes in
      guard let slopes = slopes.baseAddress else { return }
      for run in runs {
        let place = (run.pixel / width + margin) * stride + run.pixel % width + margin
        withUnsafePointer(to: walk.skyline) { skyline in
          kernels.loops.contact_row(
            slopes + place, slopes + plane + place, walk.steps, walk.steps.count, skyline,
            run.count, visible + run.place)
        }
      }
    }
  }
}
