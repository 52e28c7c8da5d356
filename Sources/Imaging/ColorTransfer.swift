import Foundation

/// The sRGB curve (IEC 61966-2-1), one value at a time and in bulk.
///
/// Both directions continue below 0 by odd symmetry and above 1 by the same power, so that values
/// out of range survive a round trip.
public enum ColorTransfer {
  /// Linear light of one sRGB-encoded value.
  public static func linear(fromSRGB value: Float) -> Float {
    let magnitude = abs(value)
    let light =
      magnitude <= 0.04045
      ? magnitude / 12.92
      : Float(pow((Double(magnitude) + 0.055) / 1.055, 2.4))
    return value < 0 ? -light : light
  }

  /// The sRGB-encoded value of one linear light.
  public static func sRGB(fromLinear value: Float) -> Float {
    let magnitude = abs(value)
    let encoded =
      magnitude <= 0.003_130_8
      ? magnitude * 12.92
      : Float(1.055 * pow(Double(magnitude), 1 / 2.4) - 0.055)
    return value < 0 ? -encoded : encoded
  }

  /// Rec.709 luminance of linear red, green and blue.
  public static func luminance(_ red: Float, _ green: Float, _ blue: Float) -> Float {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
  }

  /// Rec.709 luminance of a linear colour.
  package static func luminance(_ color: SIMD3<Float>) -> Float {
    luminance(color.x, color.y, color.z)
  }

  /// Replaces sRGB-encoded values by linear light; within 1e-6 of the exact curve.
  public static func decode(_ samples: inout [Float]) {
    forEachChunk(of: &samples) { decode($0) }
  }

  /// The same on the calling thread.
  package static func decode(_ samples: UnsafeMutableBufferPointer<Float>) {
    decodeTable.withUnsafeBufferPointer { table in
      let scale = Float(table.count - 2)
      for index in samples.indices {
        let value = samples[index]
        if value >= 0 && value <= 1 {
          let position = value * scale
          let cell = Int(position)
          let low = table[cell]
          samples[index] = low + (position - Float(cell)) * (table[cell + 1] - low)
        } else {
          samples[index] = linear(fromSRGB: value)
        }
      }
    }
  }

  /// Replaces linear light by sRGB-encoded values; within 2e-6 of the exact curve.
  public static func encode(_ samples: inout [Float]) {
    forEachChunk(of: &samples) { encode($0) }
  }

  /// The same on the calling thread.
  package static func encode(_ samples: UnsafeMutableBufferPointer<Float>) {
    encodeTable.withUnsafeBufferPointer { table in
      for index in samples.indices {
        let value = samples[index]
        if value >= 0 && value <= 0.003_130_8 {
          samples[index] = value * 12.92
        } else if value > 0 && value < 1 {
          // The leading bits of a float are a logarithmic position; the rest interpolates.
          let bits = value.bitPattern
          let cell = Int(bits >> 15) - encodeFirstCell
          let fraction = Float(bits & 0x7FFF) * (1 / 32768)
          let low = table[cell]
          samples[index] = low + fraction * (table[cell + 1] - low)
        } else {
          samples[index] = sRGB(fromLinear: value)
        }
      }
    }
  }

  /// Hands parts of the samples to `body`, several at a time.
  private static func forEachChunk(
    of samples: inout [Float], _ body: @Sendable (UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    samples.withUnsafeMutableBufferPointer { samples in
      // Each part is written by one thread alone.
      nonisolated(unsafe) let samples = samples
      Parallel.forEachBatch(count: samples.count, of: 1 << 16) { part in
        body(UnsafeMutableBufferPointer(rebasing: samples[part]))
      }
    }
  }

  /// Linear light at equal steps of the encoded value; one entry more than 0..1 needs.
  private static let decodeTable: [Float] = (0...4097).map { linear(fromSRGB: Float($0) / 4096) }

  /// Bits of 2⁻⁹, which lies in the curve's straight part, without the 15 that interpolate.
  private static let encodeFirstCell = Int(Float(0x1p-9).bitPattern >> 15)

  /// Encoded values at 256 steps per octave from 2⁻⁹ to 1.
  private static let encodeTable: [Float] = (0...9 * 256).map {
    sRGB(fromLinear: Float(bitPattern: UInt32($0 + encodeFirstCell) << 15))
  }
}

extension Image {
  /// The same picture in another encoding.
  ///
  /// - Precondition: neither side is `.data` unless both are; data has no colour to convert.
  public consuming func converted(to target: ColorEncoding) -> Image {
    guard target != encoding else { return self }
    precondition(encoding != .data && target != .data, "data has no colour to convert")
    var result = self
    if target == .linear {
      ColorTransfer.decode(&result.samples)
    } else {
      ColorTransfer.encode(&result.samples)
    }
    result.encoding = target
    return result
  }

  /// Rec.709 luminance as one linear channel; one-channel images are returned as linear light.
  ///
  /// - Precondition: the image has one or at least three channels and is not `.data`.
  public var luminance: Image {
    let light = converted(to: .linear)
    guard channels != 1 else { return light }
    precondition(channels >= 3, "luminance needs one or three channels, not \(channels)")
    let count = pixelCount
    let samples = light.samples
    let values = (0..<count).map {
      ColorTransfer.luminance(samples[$0], samples[count + $0], samples[2 * count + $0])
    }
    return Image(width: width, height: height, channels: 1, encoding: .linear, samples: values)
  }
}
