import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct PNGCodecTests {
  @Test("8 and 16 bits come back to half a step", arguments: [8, 16], [1, 3])
  func roundTrip(bitDepth: Int, channels: Int) throws {
    let folder = try TemporaryFolder()
    let image = noise(width: 23, height: 17, channels: channels, encoding: .data)
    try ImageFile.write(image, to: folder.file("a.png"), bitDepth: bitDepth)
    let read = try ImageFile.readData(at: folder.file("a.png"))
    #expect(read.channels == channels)
    #expect(read.encoding == .data)
    #expect(largestDifference(read, image) <= 0.5001 / Float((1 << bitDepth) - 1))
  }

  @Test("16 bits come back whatever the samples are like", arguments: 0..<5, [1, 3])
  func distributions(kind: Int, channels: Int) throws {
    // Higher than one block of compressed rows.
    let (width, height) = (211, 400)
    var generator = SeededGenerator(seed: 3)
    let values: [UInt16] = (0..<width * height * channels).map { index in
      switch kind {
      case 0: 0
      case 1: 0xABCD
      case 2: UInt16(truncatingIfNeeded: index * 7)
      case 3: UInt16.random(in: 0...65535, using: &generator)
      // Each byte half as often as the one before it: the longest codes there are.
      default: UInt16(generator.next().trailingZeroBitCount) &* 0x0101
      }
    }
    let image = Image(
      width: width, height: height, channels: channels, encoding: .data,
      samples: values.map { Float($0) / 65535 })
    let folder = try TemporaryFolder()
    try ImageFile.write(image, to: folder.file("a.png"), bitDepth: 16)
    let read = try ImageFile.readData(at: folder.file("a.png"))
    #expect(read.samples.map { UInt16($0 * 65535 + 0.5) } == values)
  }

  @Test("linear images are stored behind the sRGB curve")
  func linear() throws {
    let image = Image(width: 2, height: 2, channels: 3, encoding: .linear, repeating: 0.214_041)
    let photograph = try read(ImageFile.encoded(image, as: .png, bitDepth: 16, path: "a.png"))
    #expect(photograph.bitDepth == 16)
    #expect(photograph.image.samples.allSatisfy { abs($0 - 0.5) < 1e-4 })
  }

  @Test("a palette becomes RGB and 1-bit grey becomes black and white")
  func smallFormats() throws {
    let palette = PNGBuilder(
      width: 2, height: 2, bitDepth: 8, colorType: 3,
      chunks: [("PLTE", [255, 0, 0, 0, 51, 102])], rows: [0, 0, 1, 0, 1, 0])
    let colors = try read(palette.bytes).image
    #expect(colors[0, 0, 0] == 1)
    #expect(colors[1, 1, 0] == 0.2)
    #expect(colors[2, 0, 1] == 0.4)
    let bits = PNGBuilder(
      width: 3, height: 2, bitDepth: 1, colorType: 0, rows: [0, 0b1010_0000, 0, 0b0100_0000])
    let gray = try read(bits.bytes).image
    #expect(gray.channels == 3)
    #expect(gray.plane(2).samples == [1, 0, 1, 0, 1, 0])
  }

  @Test("interlaced pictures are put together")
  func interlaced() throws {
    // Adam7 of a 2×2 picture: pass 1 holds (0,0), pass 6 (1,0), pass 7 the second row.
    let png = PNGBuilder(
      width: 2, height: 2, colorType: 0, isInterlaced: true, rows: [0, 10, 0, 20, 0, 30, 40])
    let image = try read(png.bytes).image
    #expect(image.plane(0).samples.map { Int(($0 * 255).rounded()) } == [10, 20, 30, 40])
  }

  @Test("transparency is laid over middle grey, also where a palette has it")
  func transparency() throws {
    let rgba = PNGBuilder(
      width: 2, height: 2, colorType: 6,
      rows: [0, 255, 0, 0, 255, 9, 9, 9, 0, 0, 255, 255, 255, 51, 0, 0, 0, 0])
    let image = try read(rgba.bytes).image
    #expect(image[0, 0, 0] == 1)
    #expect(image[0, 1, 0] == 0.5)
    #expect(abs(image[1, 0, 1] - 0.6) < 1e-6)
    let palette = PNGBuilder(
      width: 2, height: 2, colorType: 3,
      chunks: [("PLTE", [0, 0, 0, 255, 255, 255]), ("tRNS", [0])], rows: [0, 0, 1, 0, 1, 0])
    #expect(try read(palette.bytes).image.plane(0).samples == [0.5, 1, 1, 0.5])
  }

  @Test("data keeps alpha as a channel")
  func dataAlpha() throws {
    let folder = try TemporaryFolder()
    let png = PNGBuilder(
      width: 2, height: 2, bitDepth: 16, colorType: 4,
      rows: [0] + [0x80, 0, 0x40, 0, 0, 0, 0xFF, 0xFF] + [0] + [UInt8](repeating: 0, count: 8))
    try AtomicFile.write(png.bytes, to: folder.file("a.png"))
    let image = try ImageFile.readData(at: folder.file("a.png"))
    #expect(image.channels == 2)
    #expect(image[0, 0, 0] == 32768 / 65535.0)
    #expect(image[1, 1, 0] == 1)
  }

  @Test("an eXIf chunk turns the picture")
  func orientation() throws {
    let png = PNGBuilder(
      width: 3, height: 2, colorType: 0, chunks: [("eXIf", exifBlock(orientation: 6))],
      rows: [0, 1, 2, 3, 0, 4, 5, 6])
    let photograph = try read(png.bytes)
    #expect(photograph.orientation == 6)
    #expect(photograph.image.width == 2)
    #expect(levels(photograph.image) == [4, 1, 5, 2, 6, 3])
  }

  @Test("the sRGB chunk goes before gAMA, iCCP before both")
  func colorChunks() throws {
    let linearGamma = ("gAMA", bigEndian(100_000))
    let sRGB = ("sRGB", [UInt8(0)])
    let rows: [UInt8] = [0, 128, 128, 128, 128, 128, 128, 0, 128, 128, 128, 128, 128, 128]
    func level(_ chunks: [(String, [UInt8])]) throws -> Float {
      let named = chunks.map { (name: $0.0, data: $0.1) }
      return try read(PNGBuilder(width: 2, height: 2, chunks: named, rows: rows).bytes).image[
        0, 0, 0]
    }
    let stored = Float(128) / 255
    let fromLinear = ColorTransfer.sRGB(fromLinear: stored)
    #expect(try level([]) == stored)
    #expect(try level([("gAMA", bigEndian(45455))]) == stored)
    // The primaries of sRGB beside it change nothing; others do, if only a little on grey.
    let rec709: [UInt32] = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000]
    let primaries = ("cHRM", rec709.flatMap(bigEndian))
    #expect(try level([("gAMA", bigEndian(45455)), primaries]) == stored)
    let wide = (
      "cHRM", ([31270, 32900, 68000, 32000, 26500, 69000] + rec709[6...]).flatMap(bigEndian)
    )
    #expect(try level([("gAMA", bigEndian(45455)), wide]) != stored)
    #expect(abs(try level([linearGamma]) - fromLinear) < 2e-3)
    #expect(try level([sRGB, linearGamma]) == stored)
    let profile = ("iCCP", Array("p\0\0".utf8) + zlibStored(displayP3))
    let fromProfile = ColorTransfer.sRGB(fromLinear: Float(pow(128 / 255.0, 2.2)))
    #expect(abs(try level([profile, linearGamma]) - fromProfile) < 3e-3)
  }

  @Test("a wide-gamut profile is converted, in 8 and in 16 bits", arguments: [8, 16])
  func wideGamut(bitDepth: Int) throws {
    let color = [0.6, 0.4, 0.3]
    let row = color.flatMap { value -> [UInt8] in
      let level = Int((value * 65535).rounded())
      return bitDepth == 16
        ? [UInt8(level >> 8), UInt8(level & 255)] : [UInt8((value * 255).rounded())]
    }
    let line = [0] + row + row
    let png = PNGBuilder(
      width: 2, height: 2, bitDepth: UInt8(bitDepth),
      chunks: [("iCCP", Array("p\0\0".utf8) + zlibStored(displayP3))], rows: line + line)
    let image = try read(png.bytes).image
    // Display P3 to Rec.709 in linear light.
    let matrix = [[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]]
    let light = color.map { pow($0, 2.2) }
    for channel in 0..<3 {
      let expected = zip(matrix[channel], light).map(*).reduce(0, +)
      let found = image[channel, 1, 1]
      #expect(abs(found - ColorTransfer.sRGB(fromLinear: Float(expected))) < 4e-3)
    }
  }

  @Test("a damaged profile is ignored")
  func damagedProfile() throws {
    let garbage = [UInt8](repeating: 7, count: 200)
    let png = PNGBuilder(
      width: 2, height: 2, colorType: 0,
      chunks: [("iCCP", Array("p\0\0".utf8) + zlibStored(garbage))], rows: [0, 1, 2, 0, 3, 4])
    #expect(levels(try read(png.bytes).image) == [1, 2, 3, 4])
  }

  private var displayP3: [UInt8] {
    matrixProfile(
      gamma: 2.2, red: [0.51512, 0.24120, -0.00105], green: [0.29198, 0.69225, 0.04189],
      blue: [0.15710, 0.06657, 0.78407])
  }

  private func read(_ bytes: [UInt8]) throws -> Photograph {
    try ImageFile.photograph(from: bytes, path: "a.png")
  }

  private func levels(_ image: Image) -> [Int] {
    image.plane(0).samples.map { Int(($0 * 255).rounded()) }
  }
}
