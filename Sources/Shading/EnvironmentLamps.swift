import Foundation
import Imaging

/// The sun, a window, a softbox: what is so bright in a panorama that it throws shadows of its own.
public struct EnvironmentLamp: Equatable, Sendable {
  /// Unit vector towards its middle, before the panorama is turned.
  public let direction: SIMD3<Float>
  /// What a white surface that faces it reflects of it, linear Rec.709: a light's colour at exposure 0.
  public let color: SIMD3<Float>
  /// Half its angular size, radians.
  public let radius: Float
}

extension EnvironmentLamp {
  /// Cells across, in which lamps are looked for.
  private static let cells = 128
  /// Lamps are brighter than this many times the panorama's mean.
  private static let leastContrast: Float = 6
  /// They give more than this share of all light.
  private static let leastShare: Float = 0.04
  /// Anything larger is a wall or a sky, radians.
  private static let greatestRadius: Float = 0.7
  private static let greatestCount = 4

  /// Takes the lamps out of a panorama, the strongest first, and leaves the mean in their place.
  ///
  /// Connected bright regions, their flux, its centre and its spread (after the variance-cut and
  /// region-growing methods compared by Debevec 2005, "A Median Cut Algorithm for Light Probe Sampling").
  /// What lamps and the rest send together is what the panorama sent.
  static func extracted(from panorama: inout Panorama) -> [EnvironmentLamp] {
    var coarse = panorama
    var shift = 0
    while coarse.width > cells {
      coarse = coarse.halved
      shift += 1
    }
    let luminance = coarse.texels.map { ColorTransfer.luminance($0) }
    let total = luminance.indices.reduce(Float(0)) {
      $0 + luminance[$1] * coarse.solidAngle(row: $1 / coarse.width)
    }
    let mean = total / (4 * .pi)
    guard mean > 0 else { return [] }
    var lamps: [(lamp: EnvironmentLamp, flux: Float, region: [Int])] = []
    for region in regions(luminance.map { $0 > leastContrast * mean }, in: coarse) {
      let found = lamp(of: region, luminance: luminance, mean: mean, in: coarse)
      if found.flux > leastShare * total && found.lamp.radius < greatestRadius {
        lamps.append((found.lamp, found.flux, region))
      }
    }
    lamps.sort { $0.flux > $1.flux }
    lamps = Array(lamps.prefix(greatestCount))
    var keep = [Float](repeating: 1, count: luminance.count)
    for index in lamps.flatMap(\.region) { keep[index] = mean / luminance[index] }
    for row in 0..<panorama.height {
      let cellRow = min(row >> shift, coarse.height - 1) * coarse.width
      for column in 0..<panorama.width {
        let cell = cellRow + min(column >> shift, coarse.width - 1)
        panorama.texels[row * panorama.width + column] *= keep[cell]
      }
    }
    return lamps.map(\.lamp)
  }

  private static func lamp(
    of region: [Int], luminance: [Float], mean: Float, in coarse: Panorama
  ) -> (lamp: EnvironmentLamp, flux: Float) {
    var color = SIMD3<Float>.zero
    var middle = SIMD3<Float>.zero
    var flux: Float = 0
    for index in region {
      let (column, row) = (index % coarse.width, index / coarse.width)
      let share = (1 - mean / luminance[index]) * coarse.solidAngle(row: row)
      color += coarse.texels[index] * share
      flux += luminance[index] * share
      middle += coarse.direction(column: column, row: row) * (luminance[index] * share)
    }
    let direction = normalized(middle)
    var squares: Float = 0
    for index in region {
      let (column, row) = (index % coarse.width, index / coarse.width)
      let share = (1 - mean / luminance[index]) * coarse.solidAngle(row: row)
      let cosine = dot(coarse.direction(column: column, row: row), direction)
      let angle = acos(min(max(cosine, -1), 1))
      squares += angle * angle * luminance[index] * share
    }
    // The points of a disc lie half its squared radius from its middle, on average.
    let cell = coarse.solidAngle(row: coarse.height / 2)
    let radius = (2 * squares / max(flux, 1e-20) + cell / (4 * .pi)).squareRoot()
    return (EnvironmentLamp(direction: direction, color: color / .pi, radius: radius), flux)
  }

  /// Connected cells, over the seam as well.
  private static func regions(_ isBright: [Bool], in panorama: Panorama) -> [[Int]] {
    let (width, height) = (panorama.width, panorama.height)
    var isOpen = isBright
    var regions: [[Int]] = []
    for start in isBright.indices where isOpen[start] {
      var region = [start]
      isOpen[start] = false
      var next = 0
      while next < region.count {
        let (column, row) = (region[next] % width, region[next] / width)
        next += 1
        for y in max(row - 1, 0)...min(row + 1, height - 1) {
          for x in column - 1...column + 1 {
            let index = y * width + (x + width) % width
            if isOpen[index] {
              isOpen[index] = false
              region.append(index)
            }
          }
        }
      }
      regions.append(region)
    }
    return regions
  }

  /// The lamp as a light, turned, flipped and blurred as set.
  func light(_ settings: EnvironmentSettings) -> Light {
    var direction = direction
    if settings.isFlipped { direction.x.negate() }
    direction = Direction.rotated(direction, azimuthDegrees: settings.rotationDegrees)
    var light = Light(name: "environment")
    light.azimuthDegrees = atan2(direction.x, direction.z) * 180 / .pi
    light.elevationDegrees = asin(min(max(direction.y, -1), 1)) * 180 / .pi
    let blur = settings.blurDegrees * .pi / 180
    // A disc's variance along an axis is a quarter of its squared radius.
    light.sizeDegrees = min((radius * radius + 4 * blur * blur).squareRoot() * 360 / .pi, 90)
    return light
  }
}
