import CImageCodecs
import Foundation

/// What a codec found in a file, before its colours are understood.
struct DecodedPicture {
  /// How the samples of one pixel are to be read.
  enum Layout {
    case gray, rgb, cmyk, invertedCMYK

    /// Samples per pixel without alpha.
    var channels: Int {
      switch self {
      case .gray: 1
      case .rgb: 3
      case .cmyk, .invertedCMYK: 4
      }
    }
  }

  /// What the file says about its colours.
  enum Profile {
    /// sRGB, said or assumed.
    case sRGB
    case icc([UInt8])
    /// A power curve with chromaticities as white, red, green, blue, if given.
    case gamma(Double, chromaticities: [Double]?)
  }

  let width: Int
  let height: Int
  let layout: Layout
  let hasAlpha: Bool
  /// 8 or 16; 16-bit samples are in the machine's byte order.
  let bitDepth: Int
  /// Interleaved samples, rows from the top.
  let bytes: [UInt8]
  let profile: Profile
  let orientation: Orientation

  /// Stored samples per pixel.
  var stride: Int { layout.channels + (hasAlpha ? 1 : 0) }

  /// All stored channels as planes of 0..1, without any colour conversion.
  func dataImage() -> Image {
    var image = Image(width: width, height: height, channels: stride, encoding: .data)
    let count = image.pixelCount
    image.samples.withUnsafeMutableBufferPointer { target in
      for channel in 0..<stride {
        copyScaled(channel: channel, pixels: 0..<count, into: target, at: channel * count)
      }
    }
    return image
  }

  /// Red, green and blue as sRGB, upright, transparent parts over middle grey.
  ///
  /// A profile that is damaged or for another kind of picture is ignored, as browsers do.
  func photographImage() -> Image {
    let count = width * height
    let conversion = ColorConversion(profile: profile, layout: layout, bitDepth: bitDepth)
    let samples = [Float](unsafeUninitializedCapacity: 3 * count) { target, initialized in
      if let conversion {
        convert(by: conversion, into: target)
      } else if layout == .gray || layout == .rgb {
        // Each part is written by one thread alone.
        nonisolated(unsafe) let target = target
        Parallel.forEachBatch(count: count, of: 1 << 16) { pixels in
          for channel in 0..<3 {
            let source = layout == .gray ? 0 : channel
            copyScaled(channel: source, pixels: pixels, into: target, at: channel * count)
          }
        }
      } else {
        separateInks(into: target)
      }
      if hasAlpha { flatten(target) }
      initialized = 3 * count
    }
    return Image(width: width, height: height, channels: 3, encoding: .sRGB, samples: samples)
      .turned(orientation)
  }

  // MARK: - Planes

  /// What the values of eight bits are of the greatest.
  private static let shares = InlineArray<256, Float> { Float($0) / 255 }

  private func copyScaled(
    channel: Int, pixels: Range<Int>, into target: UnsafeMutableBufferPointer<Float>, at start: Int
  ) {
    let stride = self.stride
    bytes.withUnsafeBytes { raw in
      if bitDepth == 16 {
        let samples = raw.bindMemory(to: UInt16.self)
        for pixel in pixels {
          target[start + pixel] = Float(samples[pixel * stride + channel]) / 65535
        }
      } else {
        for pixel in pixels {
          target[start &+ pixel] = Self.shares[Int(raw[pixel &* stride &+ channel])]
        }
      }
    }
  }

  /// Runs the profile's conversion strip by strip, so that interleaved floats stay small.
  private func convert(
    by conversion: ColorConversion, into target: UnsafeMutableBufferPointer<Float>
  ) {
    let count = width * height
    let rowsPerStrip = max(1, 65536 / width)
    let strips = (height + rowsPerStrip - 1) / rowsPerStrip
    nonisolated(unsafe) let target = target
    let packed = hasAlpha ? withoutAlpha() : bytes
    let pixelBytes = layout.channels * bitDepth / 8
    let width = self.width
    let height = self.height
    Parallel.forEach(count: strips) { strip in
      let start = strip * rowsPerStrip * width
      let end = min(height, (strip + 1) * rowsPerStrip) * width
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * (end - start)) { rgb in
        packed.withUnsafeBytes { raw in
          let source = UnsafeRawBufferPointer(rebasing: raw[start * pixelBytes..<end * pixelBytes])
          conversion.apply(source, into: rgb, count: end - start)
        }
        for channel in 0..<3 {
          for pixel in 0..<end - start {
            target[channel * count + start + pixel] = rgb[3 * pixel + channel]
          }
        }
      }
    }
  }

  private func withoutAlpha() -> [UInt8] {
    let sampleBytes = bitDepth / 8
    let kept = layout.channels * sampleBytes
    let stored = stride * sampleBytes
    var packed = [UInt8](repeating: 0, count: width * height * kept)
    for pixel in 0..<width * height {
      for byte in 0..<kept {
        packed[pixel * kept + byte] = bytes[pixel * stored + byte]
      }
    }
    return packed
  }

  /// The textbook mixture of inks, for files without a usable profile.
  private func separateInks(into target: UnsafeMutableBufferPointer<Float>) {
    let count = width * height
    let isInverted = layout == .invertedCMYK
    for pixel in 0..<count {
      func light(_ channel: Int) -> Float {
        let value = Float(bytes[4 * pixel + channel]) / 255
        return isInverted ? value : 1 - value
      }
      for channel in 0..<3 {
        target[channel * count + pixel] = light(channel) * light(3)
      }
    }
  }

  /// Mixes transparent pixels with middle grey: cut-outs often hide black or garbage there, which
  /// a network would take for hair or shadow.
  private func flatten(_ target: UnsafeMutableBufferPointer<Float>) {
    let count = width * height
    let alpha = [Float](unsafeUninitializedCapacity: count) { alpha, initialized in
      copyScaled(channel: stride - 1, pixels: 0..<count, into: alpha, at: 0)
      initialized = count
    }
    for channel in 0..<3 {
      for pixel in 0..<count {
        let index = channel * count + pixel
        target[index] = 0.5 + (target[index] - 0.5) * alpha[pixel]
      }
    }
  }
}

/// A conversion from a file's colours to sRGB.
private final class ColorConversion: @unchecked Sendable {
  // Little CMS transforms may be used from several threads when made without a cache.
  private let color: OpaquePointer

  /// Fails where nothing has to be or can be converted.
  init?(profile: DecodedPicture.Profile, layout: DecodedPicture.Layout, bitDepth: Int) {
    let isWide = bitDepth == 16
    let codecLayout: codec_color_layout
    switch layout {
    case .gray: codecLayout = isWide ? CODEC_GRAY_16 : CODEC_GRAY_8
    case .rgb: codecLayout = isWide ? CODEC_RGB_16 : CODEC_RGB_8
    case .cmyk: codecLayout = CODEC_CMYK_8
    case .invertedCMYK: codecLayout = CODEC_CMYK_8_INVERTED
    }
    var report = codec_report()
    let opened: OpaquePointer?
    switch profile {
    case .sRGB:
      opened = nil
    case .icc(let bytes):
      opened = codec_color_open(bytes, bytes.count, codecLayout, &report)
    case .gamma(let gamma, let chromaticities):
      opened = codec_color_open_gamma(gamma, chromaticities, codecLayout, &report)
    }
    guard let opened else { return nil }
    color = opened
    // Most profiles in the wild are sRGB itself: leaving those samples alone is exact and fast.
    if codec_color_is_identity(opened) != 0 { return nil }
  }

  deinit { codec_color_close(color) }

  func apply(
    _ pixels: UnsafeRawBufferPointer, into rgb: UnsafeMutableBufferPointer<Float>, count: Int
  ) {
    codec_color_apply(color, pixels.baseAddress, rgb.baseAddress, count)
  }
}
