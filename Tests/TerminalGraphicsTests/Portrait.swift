import Foundation
import Imaging
import TestSupport

/// A made-up head in warm light before a dark ground: smooth shading, a highlight, hair and grain.
///
/// It has the colours of a portrait, so what it says about palettes holds for portraits.
enum Portrait {
  static func image(side: Int = 240, lightX: Double = 0.35, tint: Double = 0) -> DisplayImage {
    var generator = SeededGenerator(seed: 7)
    var bytes: [UInt8] = []
    for y in 0..<side {
      for x in 0..<side {
        let u = (Double(x) + 0.5) / Double(side) * 2 - 1
        let v = (Double(y) + 0.5) / Double(side) * 2 - 1
        let grain = Double.random(in: -1.5...1.5, using: &generator)
        for value in color(u: u, v: v, lightX: lightX, tint: tint) {
          bytes.append(UInt8(min(max(value * 255 + grain, 0), 255)))
        }
      }
    }
    return DisplayImage(width: side, height: side, bytes: bytes)
  }

  private static func color(u: Double, v: Double, lightX: Double, tint: Double) -> [Double] {
    let across = u / 0.62
    let along = v / 0.82
    let squared = across * across + along * along
    guard squared < 1 else {
      let ground = 0.10 + 0.06 * (1 - v)
      return [ground, ground * 1.05, ground * 1.2]
    }
    let depth = (1 - squared).squareRoot()
    let facing = max(0, across * lightX - along * 0.4 + depth * 0.85)
    let light = 0.08 + 0.9 * facing
    let highlight = 0.25 * pow(facing, 24)
    let isHair = along < -0.55 + 0.05 * sin(across * 40)
    let skin = isHair ? [0.16, 0.11, 0.08] : [0.86, 0.62, 0.50]
    let tinted = [1 + tint, 1, 1 - tint]
    return zip(skin, tinted).map { pow(min(1, $0 * light * $1 + highlight), 1 / 2.2) }
  }
}

/// Pixels that two pictures share, and those of them that two frames show differently.
func flicker(
  _ first: DisplayImage, _ second: DisplayImage, _ before: DisplayImage, _ after: DisplayImage
) -> (unchanged: Int, flickering: Int) {
  var (unchanged, flickering) = (0, 0)
  for pixel in 0..<first.width * first.height {
    let range = 3 * pixel..<3 * pixel + 3
    guard first.bytes[range] == second.bytes[range] else { continue }
    unchanged += 1
    if before.bytes[range] != after.bytes[range] { flickering += 1 }
  }
  return (unchanged, flickering)
}

/// Peak signal-to-noise ratio of two pictures of one size, in decibels.
func psnr(_ left: DisplayImage, _ right: DisplayImage) -> Double {
  let squares = zip(left.bytes, right.bytes).reduce(0) { sum, pair in
    let difference = Int(pair.0) - Int(pair.1)
    return sum + difference * difference
  }
  let mean = Double(squares) / Double(left.bytes.count)
  return mean == 0 ? .infinity : 10 * log10(255 * 255 / mean)
}
