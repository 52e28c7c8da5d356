import Foundation
import Imaging

/// The curves behind the names of `ToneMap`: scene-linear in, display-linear 0...1 out.
public struct ToneMapping: Sendable {
  private let toneMap: ToneMap

  /// The mapping of a name.
  public init(_ toneMap: ToneMap) {
    self.toneMap = toneMap
  }

  /// Display light of one colour; every curve but false colour rises with its input.
  public func display(_ scene: SIMD3<Float>) -> SIMD3<Float> {
    let light = pointwiseMax(scene, .zero)
    return switch toneMap {
    case .standard: pointwiseMin(light, SIMD3(repeating: 1))
    case .khronosNeutral: Self.neutral(light)
    case .agx: Self.agx(light)
    case .aces: Self.aces(light)
    case .falseColor: Self.falseColor(light)
    }
  }

  /// Khronos PBR Neutral (specification of 2024).
  private static func neutral(_ light: SIMD3<Float>) -> SIMD3<Float> {
    let start: Float = 0.8 - 0.04
    let desaturation: Float = 0.15
    let least = light.min()
    let offset = least < 0.08 ? least - 6.25 * least * least : 0.04
    let color = light - offset
    let peak = color.max()
    guard peak >= start else { return color }
    let room = 1 - start
    let newPeak = 1 - room * room / (peak + room - start)
    let grey = 1 - 1 / (desaturation * (peak - newPeak) + 1)
    let compressed = color * (newPeak / peak)
    return compressed + (SIMD3(repeating: newPeak) - compressed) * grey
  }

  /// ACES reference rendering as one rational curve (Narkowicz 2015), exposed as the original.
  private static func aces(_ light: SIMD3<Float>) -> SIMD3<Float> {
    let x = pointwiseMin(light, SIMD3(repeating: 1e4)) * 0.6
    let mapped = (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14)
    return mapped.clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 1))
  }

  /// AgX of Sobotka, with the sixth-order fit of its curve by Wrensch 2023.
  private static func agx(_ light: SIMD3<Float>) -> SIMD3<Float> {
    let inset = multiply(
      light, SIMD3(0.842479062253094, 0.0423282422610123, 0.0423756549057051),
      SIMD3(0.0784335999999992, 0.878468636469772, 0.0784336),
      SIMD3(0.0792237451477643, 0.0791661274605434, 0.879142973793104))
    let (least, most): (Float, Float) = (-12.47393, 4.026069)
    var curved = SIMD3<Float>.zero
    for channel in 0..<3 {
      let stops = log2(max(inset[channel], 1e-10))
      let x = (min(max(stops, least), most) - least) / (most - least)
      let low = 0.1191 * x - 0.00232 + 0.4298 * x * x - 6.868 * x * x * x
      let x4 = x * x * x * x
      curved[channel] = low + 31.96 * x4 - 40.14 * x4 * x + 15.5 * x4 * x * x
    }
    let outset = multiply(
      curved, SIMD3(1.19687900512017, -0.0528968517574562, -0.0529716355144438),
      SIMD3(-0.0980208811401368, 1.15190312990417, -0.0980434501171241),
      SIMD3(-0.0990297440797205, -0.0989611768448433, 1.15107367264116))
    // The curve ends in a display of gamma 2.2.
    var display = outset.clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 1))
    for channel in 0..<3 { display[channel] = pow(display[channel], 2.2) }
    return display
  }

  /// Bands of luminance in stops around middle grey; what lies between them is shown as grey.
  private static func falseColor(_ light: SIMD3<Float>) -> SIMD3<Float> {
    let luminance = ColorTransfer.luminance(light)
    let stops = log2(max(luminance, 1e-10) / 0.18)
    return if luminance >= 1 {
      SIMD3(0.80, 0.01, 0.01)
    } else if stops > 2 {
      SIMD3(0.95, 0.80, 0.02)
    } else if stops < -6 {
      SIMD3(0.22, 0.02, 0.45)
    } else if stops < -4.5 {
      SIMD3(0.02, 0.12, 0.80)
    } else if stops > -0.25 && stops < 0.25 {
      SIMD3(0.05, 0.50, 0.08)
    } else if stops > 0.75 && stops < 1.25 {
      SIMD3(0.90, 0.35, 0.45)
    } else {
      SIMD3(repeating: luminance)
    }
  }

  /// A matrix given by its columns.
  private static func multiply(
    _ v: SIMD3<Float>, _ a: SIMD3<Float>, _ b: SIMD3<Float>, _ c: SIMD3<Float>
  ) -> SIMD3<Float> {
    a * v.x + b * v.y + c * v.z
  }
}
