import Foundation
import Imaging
import TerminalGraphics
import TestSupport
import Testing

@Suite struct SixelEncoderTests {
  private func plain(_ width: Int, _ height: Int, _ color: [UInt8]) -> DisplayImage {
    let bytes = Array(repeatElement(color, count: width * height).joined())
    return DisplayImage(width: width, height: height, bytes: bytes)
  }

  private func text(_ image: DisplayImage, _ quality: FrameQuality = .settled) -> String {
    var encoder = SixelEncoder()
    return String(decoding: encoder.encode(image, quality: quality), as: UTF8.self)
  }

  @Test("a one-colour band uses one run")
  func oneBand() {
    #expect(
      text(plain(100, 6, [255, 0, 0]))
        == "\u{1B}P0;0;0q\"1;1;100;6#0;2;100;0;0#0!100~\u{1B}\\")
  }

  @Test("short runs are written out, bands are parted, none follows the last")
  func twoBands() {
    #expect(
      text(plain(3, 8, [0, 0, 0])) == "\u{1B}P0;0;0q\"1;1;3;8#0;2;0;0;0#0~~~-#0BBB\u{1B}\\")
  }

  @Test("colours of one band overprint each other")
  func overprint() throws {
    var image = plain(4, 1, [0, 0, 0])
    for index in 6..<12 { image.bytes[index] = 255 }
    let bytes = Array(text(image).utf8)
    let body = String(decoding: bytes, as: UTF8.self)
    #expect(body.contains("$"))
    #expect(body.contains("@@") && body.contains("??@@"))
    #expect(try #require(DecodedSixel(bytes)).image == image)
  }

  @Test(
    "a settled portrait keeps 37 dB, a draft 33 dB",
    arguments: [
      (FrameQuality.settled, 37.0), (.thrifty(tolerance: 80), 37.0),
      (.draft(tolerance: 110), 35.0), (.draft(tolerance: 200), 33.0),
    ])
  func fidelity(quality: FrameQuality, decibels: Double) throws {
    let image = Portrait.image()
    var encoder = SixelEncoder()
    let decoded = try #require(DecodedSixel(encoder.encode(image, quality: quality)))
    #expect(decoded.image.width == image.width && decoded.image.height == image.height)
    #expect(decoded.uncoveredPixels == 0)
    #expect(decoded.colorCount <= 255)
    #expect(psnr(image, decoded.image) >= decibels)
  }

  @Test("black stays black beside the darkest reds, white beside the lightest")
  func grounds() throws {
    var image = plain(64, 64, [0, 0, 0])
    for pixel in 0..<32 * 64 {
      let shade = UInt8(pixel % 256)
      let color: [UInt8] = [max(shade, 9), shade / 3, shade / 3]
      image.bytes.replaceSubrange(3 * pixel..<3 * pixel + 3, with: color)
    }
    for pixel in 48 * 64..<64 * 64 {
      image.bytes.replaceSubrange(3 * pixel..<3 * pixel + 3, with: [255, 255, 255])
    }
    var encoder = SixelEncoder()
    let decoded = try #require(DecodedSixel(encoder.encode(image))).image
    #expect(decoded.bytes[3 * 32 * 64..<3 * 48 * 64].allSatisfy { $0 == 0 })
    #expect(decoded.bytes[(3 * 48 * 64)...].allSatisfy { $0 == 255 })
  }

  @Test("drafts are smaller, the coarser the smaller")
  func draftsAreSmaller() {
    let image = Portrait.image()
    let settled = text(image).utf8.count
    let fine = text(image, .draft(tolerance: 100)).utf8.count
    let plain = text(image, .draft(tolerance: 200)).utf8.count
    #expect(fine < settled * 3 / 4)
    #expect(plain < fine)
  }

  @Test("the number of parts does not change the bytes", arguments: [1, 3, 7, 100])
  func parts(count: Int) {
    let image = Portrait.image(side: 95)
    for quality in [FrameQuality.settled, .draft(tolerance: 100)] {
      var whole = SixelEncoder(parts: 2)
      var cut = SixelEncoder(parts: count)
      let expected = whole.encode(image, quality: quality)
      let bytes = cut.encode(image, quality: quality)
      #expect(bytes == expected)
    }
  }

  @Test(
    "a light that moves changes no pixel that stays the same",
    arguments: Set(FrameDetail.moving + FrameDetail.settled))
  func stableDither(detail: FrameDetail) throws {
    var encoder = SixelEncoder()
    let frames = [0.35, 0.38, 0.41, 0.44].map { Portrait.image(lightX: $0) }
    let shown = try frames.map { frame in
      let bytes = encoder.encode(frame, quality: detail.quality, colors: detail.colors)
      return try #require(DecodedSixel(bytes)).image
    }
    for index in 1..<frames.count {
      let (unchanged, flickering) = flicker(
        frames[index - 1], frames[index], shown[index - 1], shown[index])
      #expect(unchanged > 10_000)
      #expect(flickering == 0)
    }
    var fresh = SixelEncoder()
    let anew = fresh.encode(frames[3], quality: detail.quality, colors: detail.colors)
    let (kept, best) = (
      psnr(frames[3], shown[3]), psnr(frames[3], try #require(DecodedSixel(anew)).image)
    )
    // Of sixteen colours few are left for what moves.
    #expect(kept > best - (detail.colors > 32 ? 2 : 5))
  }

  @Test("a reduced picture is stretched by the terminal's pixels, each of one colour")
  func stretched() throws {
    var encoder = SixelEncoder()
    let small = Portrait.image(side: 40)
    let size = ImageExtent(width: 120, height: 120)
    let detail = FrameDetail(quality: .draft(tolerance: 300), reduction: 3, colors: 32)
    let bytes = encoder.encode(
      small, stretchedTo: size, quality: detail.quality, colors: detail.colors)
    let decoded = try #require(DecodedSixel(bytes))
    #expect(decoded.colorCount <= 31 && decoded.uncoveredPixels == 0)
    #expect(decoded.image.width == 120 && decoded.image.height == 120)
    let back = decoded.image.stretched(width: 40, height: 40)
    #expect(back.stretched(width: 120, height: 120) == decoded.image)
    #expect(psnr(small, back) > 27)
    var exact = SixelEncoder()
    #expect(bytes.count * 3 < exact.encode(Portrait.image(side: 120)).count)
  }

  @Test("what stays on a slow line does not depend on the coarse drafts before")
  func thrifty() throws {
    let frames = [0.35, 0.38, 0.41].map { Portrait.image(lightX: $0) }
    var (moved, straight) = (SixelEncoder(), SixelEncoder())
    let size = ImageExtent(width: 240, height: 240)
    for frame in frames {
      _ = moved.encode(
        frame.stretched(width: 80, height: 80), stretchedTo: size,
        quality: .draft(tolerance: 300), colors: 64)
      let after = moved.encode(frame, quality: .thrifty(tolerance: 80))
      #expect(after == straight.encode(frame, quality: .thrifty(tolerance: 80)))
      #expect(psnr(frame, try #require(DecodedSixel(after)).image) >= 37)
    }
  }

  @Test("what stays on a slow line is smaller, the fewer colours the smaller")
  func thriftyIsSmaller() {
    let image = Portrait.image()
    var encoder = SixelEncoder()
    let counts = FrameDetail.settled.filter { $0.reduction == 1 && $0.quality != .settled }
      .map { encoder.encode(image, quality: $0.quality, colors: $0.colors).count }
    #expect(counts.count > 2 && counts == counts.sorted(by: >))
    #expect(counts[0] * 5 < text(image).utf8.count * 4)
  }

  @Test("a light that changes its colour gets a new palette")
  func newPalette() throws {
    var encoder = SixelEncoder()
    _ = encoder.encode(Portrait.image())
    let tinted = Portrait.image(tint: -0.6)
    let decoded = try #require(DecodedSixel(encoder.encode(tinted)))
    #expect(psnr(tinted, decoded.image) >= 37)
  }

  @Test("few registers are respected", arguments: [2, 16, 64])
  func fewRegisters(registers: Int) throws {
    var encoder = SixelEncoder(colorRegisters: registers)
    let decoded = try #require(DecodedSixel(encoder.encode(Portrait.image(side: 60))))
    #expect(decoded.colorCount <= max(registers - 1, 2))
    #expect(decoded.uncoveredPixels == 0)
  }

  @Test("random pictures of any size decode to every pixel", arguments: 0..<40)
  func randomPictures(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let width = Int.random(in: 1...70, using: &generator)
    let height = Int.random(in: 1...40, using: &generator)
    let bytes = (0..<3 * width * height).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let image = DisplayImage(width: width, height: height, bytes: bytes)
    var encoder = SixelEncoder()
    // The second frame uses buffers and palette of the first.
    _ = encoder.encode(Portrait.image(side: 30))
    let decoded = try #require(DecodedSixel(encoder.encode(image)), "seed \(seed)")
    #expect(decoded.uncoveredPixels == 0, "seed \(seed)")
    #expect(psnr(image, decoded.image) > 18, "seed \(seed)")
  }

  private static let sixelTool = ["/usr/bin/sixel2png", "/usr/local/bin/sixel2png"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(
    "libsixel reads the same pixels", .enabled(if: sixelTool != nil),
    arguments: [(FrameQuality.settled, 37.0), (.draft(tolerance: 100), 35.0)])
  func libsixelAgrees(quality: FrameQuality, decibels: Double) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("chiaro-sixel-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("frame.six")
    let target = folder.appendingPathComponent("frame.png")
    var encoder = SixelEncoder()
    let image = Portrait.image(side: 150)
    let bytes = encoder.encode(image, quality: quality)
    try Data(bytes).write(to: source)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.sixelTool))
    process.arguments = ["-i", source.path, "-o", target.path]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let decoded = DisplayImage(try ImageFile.readPhotograph(at: target.path).image)
    #expect(psnr(decoded, image) >= decibels)
    #expect(decoded == DecodedSixel(bytes)?.image)
  }
}
