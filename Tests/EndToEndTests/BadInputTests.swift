import Foundation
import Imaging
import RenderPasses
import TestSupport
import Testing

/// Whatever is wrong with the input: one clear sentence, a non-zero exit code, no partial file.
@Suite struct BadInputTests {
  /// Relights `input` into a scratch folder and checks everything but the words.
  private func refusal(
    of input: String, environment: [String: String] = [:], in scratch: ScratchFolder
  ) throws -> String {
    let before = try scratch.contents
    let outcome = try Program.run(
      ["relight", input, "-o", scratch.file("out.png")], environment: environment)
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(try scratch.contents == before)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 1, "expected one sentence, got: \(outcome.errors)")
    return lines.first.map(String.init) ?? ""
  }

  @Test("a missing file is named")
  func missingFile() throws {
    let scratch = try ScratchFolder()
    let sentence = try refusal(of: scratch.file("nowhere.jpg"), in: scratch)
    #expect(sentence.contains("nowhere.jpg") && sentence.contains("No such file"))
  }

  @Test("a text file is not an image")
  func notAnImage() throws {
    let scratch = try ScratchFolder()
    try "this is no picture".write(
      toFile: scratch.file("letter.jpg"), atomically: true, encoding: .utf8)
    let sentence = try refusal(of: scratch.file("letter.jpg"), in: scratch)
    #expect(sentence.contains("not an image") && sentence.contains("PNG"))
  }

  @Test("half a picture is incomplete")
  func truncated() throws {
    let scratch = try ScratchFolder()
    let whole = scratch.file("whole.png")
    try ImageFile.write(noise(side: 64), to: whole)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: scratch.file("half.png")))
    let sentence = try refusal(of: scratch.file("half.png"), in: scratch)
    #expect(sentence.contains("half.png") && sentence.contains("incomplete"))
  }

  @Test("one pixel is too small")
  func tooSmall() throws {
    let scratch = try ScratchFolder()
    try ImageFile.write(noise(side: 1), to: scratch.file("dot.png"))
    #expect(try refusal(of: scratch.file("dot.png"), in: scratch).contains("1×1"))
  }

  @Test("a picture of 30000×30000 is refused by its header")
  func tooLarge() throws {
    let scratch = try ScratchFolder()
    try pngHeader(width: 30_000, height: 30_000)
      .write(to: URL(fileURLWithPath: scratch.file("wall.png")))
    let sentence = try refusal(of: scratch.file("wall.png"), in: scratch)
    #expect(sentence.contains("30000×30000") && sentence.contains("megapixels"))
  }

  @Test("a picture without a face says how to frame by hand")
  func noFace() throws {
    let scratch = try ScratchFolder()
    let grey = Image(width: 320, height: 240, channels: 3, encoding: .sRGB, repeating: 0.5)
    try ImageFile.write(grey, to: scratch.file("wall.png"))
    let sentence = try refusal(of: scratch.file("wall.png"), in: scratch)
    #expect(sentence.contains("no face") && sentence.contains("--framing 160,120,240"))
  }

  @Test("missing, truncated and altered weights are told apart")
  func unreadableWeights() throws {
    let scratch = try ScratchFolder()
    try ImageFile.write(noise(side: 64), to: scratch.file("picture.png"))
    let models = SourceTree.root.appendingPathComponent("assets/models")
    let folder = URL(fileURLWithPath: scratch.file("models"))
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent("maginet.safetensors")
    func sentence() throws -> String {
      try refusal(
        of: scratch.file("picture.png"), environment: ["CHIARO_MODELS": folder.path], in: scratch)
    }
    #expect(try sentence().contains("missing"))
    var weights = try Data(
      contentsOf: models.appendingPathComponent("maginet.safetensors"))
    try weights.dropLast(1000).write(to: file)
    #expect(try sentence().contains("truncated"))
    weights[weights.count - 500] ^= 0x55
    try weights.write(to: file)
    #expect(try sentence().contains("altered"))
  }

  @Test("an output that cannot be written is named")
  func unwritableOutput() throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("passes"))
    let target = scratch.file("no/such/folder/out.png")
    let outcome = try Program.run(["relight", scratch.file("passes"), "-o", target])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("cannot write \(target)"))
    #expect(try scratch.contents == ["passes"])
  }

  @Test("a full disk leaves no partial file")
  func fullDisk() throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("passes"))
    let outcome = try Program.run(["relight", scratch.file("passes"), "-o", "/dev/full"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("No space left"))
  }

  @Test("a folder that is no pass folder says what is missing")
  func emptyFolder() throws {
    let scratch = try ScratchFolder()
    try FileManager.default.createDirectory(
      atPath: scratch.file("empty"), withIntermediateDirectories: true)
    #expect(try refusal(of: scratch.file("empty"), in: scratch).contains("albedo.png"))
  }

  @Test("the studio without a terminal points to the commands that need none")
  func noTerminal() throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("passes"))
    let outcome = try Program.run([scratch.file("passes")])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("needs a terminal") && outcome.errors.contains("relight"))
    #expect(!outcome.output.contains("\u{1B}"))
  }

  @Test(
    "wrong usage exits with 64 and says what is accepted",
    arguments: [
      (["relight", "a.png", "-o", "b.png", "--framing", "left"], "X,Y,SIZE"),
      (["relight", "a.png"], "--output"),
      (["show", "a.png", "--protocol", "laser"], "sixel"),
      (["list", "horses"], "rigs"),
    ])
  func wrongUsage(arguments: [String], expected: String) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(expected))
  }

  @Test(
    "a misspelt look is refused before the networks run",
    arguments: [
      (["--light", "az=400"], "-180"),
      (["--light", "azimut=4"], "azimuth"),
      (["--material", "roughness=wet"], "roughness"),
      (["--rig", "rembrant"], "rembrandt"),
      (["--environment", "moonbase"], "softbox-studio"),
      (["--tone-map", "film"], "agx"),
    ])
  func misspeltLook(arguments: [String], expected: String) throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("passes"))
    let outcome = try Program.run(
      ["relight", scratch.file("passes"), "-o", scratch.file("out.png")] + arguments)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(expected))
    #expect(try scratch.contents == ["passes"])
  }

  // MARK: - Pictures

  private func noise(side: Int) -> Image {
    let samples = (0..<3 * side * side).map { Float($0 * 7919 % 256) / 255 }
    return Image(width: side, height: side, channels: 3, encoding: .sRGB, samples: samples)
  }

  /// A PNG that ends where its pixels begin (PNG specification, 11.2.2 and 11.2.4).
  private func pngHeader(width: UInt32, height: UInt32) -> Data {
    func big(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }
    let chunk = Array("IHDR".utf8) + big(width) + big(height) + [8, 2, 0, 0, 0]
    var check: UInt32 = 0xFFFF_FFFF
    for byte in chunk {
      check ^= UInt32(byte)
      for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
    }
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    return Data(signature + big(13) + chunk + big(~check) + big(1 << 20) + Array("IDAT".utf8))
  }
}
