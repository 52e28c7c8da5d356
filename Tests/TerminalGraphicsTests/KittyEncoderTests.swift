import Foundation
import Imaging
import TerminalCells
import TerminalGraphics
import TestSupport
import Testing

@Suite struct KittyEncoderTests {
  @Test("a small picture is one command")
  func smallPicture() {
    var encoder = KittyEncoder(firstIdentifier: 7)
    let image = DisplayImage(width: 2, height: 1, bytes: [255, 0, 0, 0, 0, 255])
    #expect(
      String(decoding: encoder.encode(image), as: UTF8.self)
        == "\u{1B}_Ga=T,f=24,s=2,v=1,i=7,p=1,q=2,C=1,m=0;/wAAAAD/\u{1B}\\")
  }

  @Test("pixels arrive exactly, in chunks of at most 4096 bytes", arguments: [1, 32, 33, 100])
  func chunks(side: Int) throws {
    let image = Portrait.image(side: side)
    var encoder = KittyEncoder()
    let commands = KittyCommand.all(in: encoder.encode(image))
    #expect(KittyCommand.image(in: commands) == image)
    #expect(commands.allSatisfy { $0.payload.count <= 4096 })
    // All but the last are full, so each is a multiple of four.
    #expect(commands.dropLast().allSatisfy { $0.payload.count == 4096 && $0.keys["m"] == "1" })
    #expect(try #require(commands.last).keys["m"] == "0")
    #expect(commands.dropFirst().allSatisfy { $0.keys.count == 1 })
  }

  @Test("ids alternate and the picture before is deleted after the new one is shown")
  func alternatingIdentifiers() {
    var encoder = KittyEncoder(firstIdentifier: 1)
    let image = Portrait.image(side: 4)
    let first = KittyCommand.all(in: encoder.encode(image))
    let second = KittyCommand.all(in: encoder.encode(image))
    let third = KittyCommand.all(in: encoder.encode(image))
    #expect(first.map { $0.keys["i"] } == ["1"])
    #expect(second.map { $0.keys["i"] } == ["2", "1"])
    #expect(second.last?.keys == ["a": "d", "d": "I", "i": "1", "q": "2"])
    #expect(third.map { $0.keys["i"] } == ["1", "2"])
    let deletion = KittyCommand.all(in: encoder.deletion())
    #expect(deletion.map { $0.keys["i"] } == ["1", "2"])
    #expect(deletion.allSatisfy { $0.keys["a"] == "d" })
  }

  @Test("a coarse picture is stretched over its cells")
  func stretched() {
    var encoder = KittyEncoder()
    let cells = Rect(column: 3, row: 2, columns: 20, rows: 10)
    let commands = KittyCommand.all(
      in: encoder.encode(Portrait.image(side: 4), stretchedOver: cells))
    #expect(commands.first?.keys["c"] == "20")
    #expect(commands.first?.keys["r"] == "10")
  }

  @Test("PNG carries the same pixels in fewer bytes")
  func deflated() throws {
    let image = Portrait.image(side: 120)
    var encoder = KittyEncoder()
    let deflated = encoder.encode(image, by: .deflated)
    #expect(KittyCommand.image(in: KittyCommand.all(in: deflated)) == image)
    let raw = encoder.encode(image)
    #expect(deflated.count < raw.count)
  }

  @Test(
    "a palette takes a third of the bytes, deflated less, and keeps the picture",
    arguments: [
      (FrameQuality.settled, false, 37.0), (.draft(tolerance: 200), true, 33.0),
      (.thrifty(tolerance: 80), true, 37.0),
    ])
  func palette(quality: FrameQuality, isDeflated: Bool, decibels: Double) throws {
    let image = Portrait.image()
    var encoder = KittyEncoder()
    let raw = encoder.encode(image)
    let bytes = encoder.encode(
      image, by: .palette(quality, colors: 256, isDeflated: isDeflated))
    let shown = try #require(KittyCommand.image(in: KittyCommand.all(in: bytes)))
    #expect(psnr(image, shown) >= decibels)
    #expect(bytes.count * (isDeflated ? 5 : 2) < raw.count)
  }

  @Test(
    "a light that moves changes no pixel that stays the same",
    arguments: [
      KittyMedium.raw, .palette(.settled, colors: 256, isDeflated: false),
      .palette(.draft(tolerance: 200), colors: 256, isDeflated: true),
      .palette(.thrifty(tolerance: 80), colors: 256, isDeflated: true),
    ])
  func stablePixels(medium: KittyMedium) throws {
    var encoder = KittyEncoder()
    let frames = [0.35, 0.38, 0.41, 0.44].map { Portrait.image(lightX: $0) }
    let shown = try frames.map { frame in
      try #require(KittyCommand.image(in: KittyCommand.all(in: encoder.encode(frame, by: medium))))
    }
    for index in 1..<frames.count {
      let (unchanged, flickering) = flicker(
        frames[index - 1], frames[index], shown[index - 1], shown[index])
      #expect(unchanged > 10_000)
      #expect(flickering == 0)
    }
  }

  @Test("shared memory carries the pixels, and nothing is left of it")
  func sharedMemory() throws {
    let image = Portrait.image(side: 60)
    var traits = TerminalEmulator.Traits()
    traits.showsKittyImages = true
    traits.readsSharedMemory = true
    var emulator = TerminalEmulator(columns: 40, rows: 12, traits: traits)
    let before = try Self.sharedObjects()
    do {
      var encoder = KittyEncoder()
      let bytes = encoder.encode(image, by: .sharedMemory)
      #expect(bytes.count < 200)
      emulator.receive(bytes)
      #expect(emulator.picture == image)
      // Never read: a terminal that hides its window may drop frames.
      for _ in 0..<5 { _ = encoder.encode(image, by: .sharedMemory) }
      #expect(try Self.sharedObjects().subtracting(before).count <= 3)
    }
    #expect(try Self.sharedObjects().subtracting(before).isEmpty)
  }

  private static func sharedObjects() throws -> Set<String> {
    let names = try FileManager.default.contentsOfDirectory(atPath: "/dev/shm")
    return Set(names.filter { $0.hasPrefix("chiaro-\(getpid())-") })
  }
}
