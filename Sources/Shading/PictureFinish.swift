import Foundation
import Imaging

/// Turns summed light into the picture: albedo, residual light, detail, exposure, matte.
struct PictureFinish: Sendable {
  /// Share of the photograph's own diffuse light.
  let residualLight: Float
  /// Share of the photograph's fine structure.
  let detail: Float
  /// Applied to the subject before it is laid over the photograph; nothing keeps scene light.
  let development: Development?

  /// The picture as linear light, the photograph wherever there is no subject.
  func picture(light: Strips, samples: SurfaceSamples, surface: PreparedSurface) -> Image {
    var image = samples.background
    let count = image.pixelCount
    let pixels = samples.pixels
    image.samples.withUnsafeMutableBufferPointer { buffer in
      guard let target = buffer.baseAddress else { return }
      _ = samples.strips.withPointer { properties in
        surface.strips.withPointer { prepared in
          light.withPointer { light in
            // Each strip writes pixels of its own.
            nonisolated(unsafe) let (light, prepared, properties, target) = (
              light, prepared, properties, target
            )
            Parallel.forEach(count: samples.strips.count) { strip in
              var color = [Float](repeating: 0, count: 3 * Strips.width)
              color.withUnsafeMutableBufferPointer { color in
                guard let color = color.baseAddress else { return }
                let properties = properties + strip * SurfaceSamples.Lane.count * Strips.width
                shade(
                  light: light + strip * LightSum.lanes * Strips.width,
                  prepared: prepared + strip * PreparedSurface.Lane.count * Strips.width,
                  properties: properties, color: color)
                development?.apply(to: color, count: Strips.width)
                let first = strip * Strips.width
                for place in 0..<min(Strips.width, pixels.count - first) {
                  let pixel = Int(pixels[first + place])
                  let matte = properties[SurfaceSamples.Lane.subject * Strips.width + place]
                  for channel in 0..<3 {
                    let behind = target[channel * count + pixel]
                    let value = color[channel * Strips.width + place]
                    target[channel * count + pixel] = behind + (value - behind) * matte
                  }
                }
              }
            }
          }
        }
      }
    }
    return image
  }

  private func shade(
    light: UnsafePointer<Float>, prepared: UnsafePointer<Float>,
    properties: UnsafePointer<Float>, color: UnsafeMutablePointer<Float>
  ) {
    typealias Lane = SurfaceSamples.Lane
    let width = Strips.width
    let (residual, detail) = (residualLight, detail)
    let share = prepared + PreparedSurface.Lane.diffuseWeight * width
    let trust = properties + Lane.carryWeight * width
    let texture = properties + Lane.texture * width
    for channel in 0..<3 {
      let albedo = properties + (Lane.albedo + channel) * width
      let own = properties + (Lane.diffuse + channel) * width
      let carry = properties + (Lane.carry + channel) * width
      let diffuse = light + channel * width
      let specular = light + (3 + channel) * width
      let result = color + channel * width
      for i in 0..<width {
        let shaded = albedo[i] * share[i] * diffuse[i]
        let blended = shaded + (own[i] - shaded) * residual
        let kept = trust[i] * detail
        let detailed = blended * (1 + (carry[i] - 1) * kept)
        result[i] = detailed + specular[i] * (1 + (texture[i] - 1) * kept)
      }
    }
  }
}

/// Exposure and tone map, applied to subject pixels in place.
struct Development: Sendable {
  let exposure: Float
  let toneMap: ToneMap

  /// Maps three lanes of `count` values each from scene light to display light, both linear.
  func apply(to color: UnsafeMutablePointer<Float>, count: Int) {
    let gain = exp2(exposure)
    let mapping = ToneMapping(toneMap)
    for i in 0..<count {
      let scene = SIMD3(color[i], color[count + i], color[2 * count + i]) * gain
      let display = mapping.display(scene)
      color[i] = display.x
      color[count + i] = display.y
      color[2 * count + i] = display.z
    }
  }
}
